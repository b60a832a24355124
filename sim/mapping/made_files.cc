#include "sim/mapping/made_files.h"

#include <errno.h>
#include <unistd.h>

#include <cstring>

namespace csim {

namespace {

uint64_t Extend(uint64_t check, const char* text, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    check = (check ^ static_cast<unsigned char>(text[i])) * 0x100000001b3 + 1;
  }
  return check;
}

}  // namespace

bool MadeFiles::Note(const char* path) {
  const size_t size = strlen(path) + 1;
  if (Find(path, false)) return true;
  if (size > kSize - used_) return false;
  memcpy(text_ + used_, path, size);
  check_ = Extend(check_, path, size);
  used_ += static_cast<uint32_t>(size);
  return true;
}

bool MadeFiles::Find(const char* path, bool above) const {
  for (uint32_t at = 0; at < used_;) {
    const char* const made = text_ + at;
    const size_t length = strlen(made);
    const char next = strncmp(path, made, length) == 0 ? path[length] : 'x';
    if (next == 0 || (above && next == '/')) return true;
    at += static_cast<uint32_t>(length) + 1;
  }
  return false;
}

bool MadeFiles::IsSound() const {
  return used_ <= kSize && (used_ == 0 || text_[used_ - 1] == 0) &&
         Extend(0, text_, used_) == check_;
}

void MadeFiles::Remove() {
  if (used_ == 0) return;
  uint32_t end = IsSound() ? used_ : 0;
  while (end > 0) {
    uint32_t begin = end - 1;
    while (begin > 0 && text_[begin - 1] != 0) --begin;
    const char* const path = text_ + begin;
    if (path[0] == '/' && unlink(path) != 0 && (errno == EISDIR || errno == EPERM)) rmdir(path);
    end = begin;
  }
  used_ = 0;
  check_ = 0;
}

}  // namespace csim
