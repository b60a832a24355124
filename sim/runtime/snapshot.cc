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
  written_ = reinterpret_cast<bool*>(Allocate(kMaxDirty));
  if (dirty_ == nullptr || dirty_copy_ == nullptr || written_ == nullptr) return false;
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
  const uintptr_t page = address & ~(kPage - 1);
  // A page noted before is writable: a fault on it has another reason.
  for (int i = 0; i < dirty_count_; ++i) {
    if (dirty_[i] == page) return false;
  }
  return AddDirty(page) >= 0;
}

// The page's place among the dirty ones from now on; -1 if it cannot be written.
int Snapshot::AddDirty(uintptr_t page) {
  Region* region = Find(page);
  if (region == nullptr || dirty_count_ == kMaxDirty) return -1;
  if (RawSyscall(SYS_mprotect, page, kPage, PROT_READ | PROT_WRITE) != 0) return -1;
  dirty_[dirty_count_] = page;
  dirty_copy_[dirty_count_] = region->copy + (page - region->range.begin);
  return dirty_count_++;
}

void Snapshot::Write(ImageWriter& image) const {
  image.Put(dirty_count_);
  for (int i = 0; i < dirty_count_; ++i) {
    image.Put(dirty_[i]);
    image.Put(reinterpret_cast<const void*>(dirty_[i]), kPage);
  }
}

void Snapshot::Become(ImageReader& image) {
  const int own = dirty_count_;
  memset(written_, 0, static_cast<size_t>(own));
  const int count = image.Take<int>();
  for (int i = 0; i < count; ++i) {
    const auto page = image.Take<uint64_t>();
    const char* const bytes = image.Take(kPage);
    // Mostly the two have noted the same pages in the same order.
    int place = i < own && dirty_[i] == page ? i : 0;
    while (place < own && dirty_[place] != page) ++place;
    if (place == own) {
      CSIM_CHECK(AddDirty(page) >= 0);
    } else {
      written_[place] = true;
    }
    CopyBack(reinterpret_cast<void*>(page), bytes, kPage);
  }
  for (int i = 0; i < own; ++i) {
    if (!written_[i]) CopyBack(reinterpret_cast<void*>(dirty_[i]), dirty_copy_[i], kPage);
  }
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
