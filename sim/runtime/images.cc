#include "sim/runtime/images.h"

#include <link.h>

#include <cstring>

#include "sim/runtime/context.h"

namespace csim {

namespace {

struct ScanState {
  Image* images;
  int* count;
  size_t* tls_size;
  uint64_t* library_changes;
  uintptr_t thread_pointer;
};

// Cuts the part that becomes read-only after relocation off the front of the writable segments.
void CutRelro(Image& image, Range relro) {
  for (int i = 0; i < image.writable_count; ++i) {
    Range& w = image.writable[i];
    if (w.begin >= relro.begin && w.begin < relro.end)
      w.begin = relro.end < w.end ? relro.end : w.end;
  }
}

int ScanOne(dl_phdr_info* info, size_t, void* data) {
  auto* state = static_cast<ScanState*>(data);
  *state->library_changes = info->dlpi_adds + info->dlpi_subs;
  if (*state->count == kMaxImages) return 1;
  Image& image = state->images[*state->count];
  image = Image{};
  image.base = info->dlpi_addr;
  Range relro;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& p = info->dlpi_phdr[i];
    const uintptr_t begin = info->dlpi_addr + p.p_vaddr;
    const uintptr_t end = begin + p.p_memsz;
    if (p.p_type == PT_GNU_RELRO) relro = {begin, (end + 4095) & ~uintptr_t{4095}};
    if (p.p_type != PT_LOAD) continue;
    if (image.whole.begin == 0 || begin < image.whole.begin)
      image.whole.begin = begin & ~uintptr_t{4095};
    if (end > image.whole.end) image.whole.end = (end + 4095) & ~uintptr_t{4095};
    if ((p.p_flags & PF_W) != 0 && image.writable_count < 4) {
      image.writable[image.writable_count++] = {begin & ~uintptr_t{4095},
                                                (end + 4095) & ~uintptr_t{4095}};
    }
  }
  if (relro.end != 0) CutRelro(image, relro);
  const char* name = info->dlpi_name == nullptr ? "" : info->dlpi_name;
  image.interpreter = strstr(name, "ld-linux") != nullptr || strstr(name, "linux-vdso") != nullptr;
  image.ours = image.whole.Contains(reinterpret_cast<uintptr_t>(&ScanOne));
  if (info->dlpi_tls_data != nullptr) {
    const auto tls = reinterpret_cast<uintptr_t>(info->dlpi_tls_data);
    if (tls < state->thread_pointer && state->thread_pointer - tls < (16u << 20) &&
        state->thread_pointer - tls > *state->tls_size) {
      *state->tls_size = state->thread_pointer - tls;
    }
  }
  ++*state->count;
  return 0;
}

}  // namespace

void Images::Scan() {
  count_ = 0;
  tls_size_ = 0;
  ScanState state{images_, &count_, &tls_size_, &library_changes_, ReadThreadPointer()};
  dl_iterate_phdr(&ScanOne, &state);
}

int Images::Find(uintptr_t address) const {
  for (int i = 0; i < count_; ++i) {
    if (images_[i].whole.Contains(address)) return i;
  }
  return -1;
}

}  // namespace csim
