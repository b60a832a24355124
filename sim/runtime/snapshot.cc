#include "sim/runtime/snapshot.h"

#include <sys/mman.h>

#include <cstring>

#include "model/check.h"
#include "sim/runtime/copy_back.h"
#include "sim/runtime/raw_syscall.h"

namespace csim {

namespace {
constexpr uintptr_t kPage = 4096;

char* Allocate(size_t size) {
  return static_cast<char*>(
      MapMemory(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE));
}
}  // namespace

void Snapshot::AddRegion(Range range, bool open) {
  CSIM_CHECK(!taken_);
  if (range.begin >= range.end || region_count_ == kMaxRegions) return;
  regions_[region_count_++] = {range, nullptr, open};
}

bool Snapshot::Take() {
  dirty_ = reinterpret_cast<uint64_t*>(Allocate(kMaxDirty * sizeof(uint64_t)));
  dirty_copy_ = reinterpret_cast<char**>(Allocate(kMaxDirty * sizeof(char*)));
  if (dirty_ == nullptr || dirty_copy_ == nullptr) return false;
  for (int i = 0; i < region_count_; ++i) {
    regions_[i].copy = Allocate(regions_[i].range.size());
    if (regions_[i].copy == nullptr) return false;
    memcpy(regions_[i].copy, reinterpret_cast<void*>(regions_[i].range.begin),
           regions_[i].range.size());
  }
  taken_ = true;
  for (int i = 0; i < region_count_; ++i) {
    if (regions_[i].open) {
      for (uintptr_t page = regions_[i].range.begin; page < regions_[i].range.end; page += kPage) {
        dirty_[dirty_count_] = page;
        dirty_copy_[dirty_count_++] = regions_[i].copy + (page - regions_[i].range.begin);
      }
      continue;
    }
    RawSyscall(SYS_mprotect, regions_[i].range.begin, regions_[i].range.size(), PROT_READ);
  }
  return true;
}

Snapshot::Region* Snapshot::Find(uintptr_t address) {
  for (int i = 0; i < region_count_; ++i) {
    if (regions_[i].range.Contains(address)) return &regions_[i];
  }
  return nullptr;
}

bool Snapshot::HandleWrite(uintptr_t address) {
  if (!taken_) return false;
  Region* region = Find(address);
  if (region == nullptr || dirty_count_ == kMaxDirty) return false;
  const uintptr_t page = address & ~(kPage - 1);
  // A page noted before is writable: a fault on it has another reason.
  for (int i = 0; i < dirty_count_; ++i) {
    if (dirty_[i] == page) return false;
  }
  if (RawSyscall(SYS_mprotect, page, kPage, PROT_READ | PROT_WRITE) != 0) return false;
  dirty_[dirty_count_] = page;
  dirty_copy_[dirty_count_] = region->copy + (page - region->range.begin);
  ++dirty_count_;
  return true;
}

void Snapshot::Restore(bool forked) {
  for (int i = 0; i < dirty_count_; ++i) {
    auto* const page = reinterpret_cast<void*>(dirty_[i]);
    if (forked) {
      CopyBack(page, dirty_copy_[i], kPage);
    } else {
      memcpy(page, dirty_copy_[i], kPage);
    }
  }
}

void Snapshot::BeginKeep(Range range) {
  if (!taken_) return;
  if (scratch_size_ < range.size()) {
    scratch_ = Allocate(range.size());
    scratch_size_ = range.size();
  }
  CSIM_CHECK(scratch_ != nullptr);
  memcpy(scratch_, reinterpret_cast<void*>(range.begin), range.size());
}

void Snapshot::EndKeep(Range range) {
  if (!taken_) return;
  Region* region = Find(range.begin);
  if (region == nullptr) return;
  const char* now = reinterpret_cast<const char*>(range.begin);
  char* copy = region->copy + (range.begin - region->range.begin);
  for (size_t i = 0; i < range.size(); ++i) {
    if (now[i] != scratch_[i]) copy[i] = now[i];
  }
}

}  // namespace csim
