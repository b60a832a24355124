// Restart in place: puts the program's memory back to what it was when the snapshot was taken.
//
// The writable data of the program and its libraries (libstdc++ and libc included, ld.so and the
// runtime not) and the early heap are copied once and write-protected; the first write to a page is
// caught, the page is noted for ever and unprotected. A restart copies the noted pages back, which
// costs what executions dirty (SPIKE.md, "sticky dirty set"). Per process.
#ifndef CSIM_SIM_RUNTIME_SNAPSHOT_H_
#define CSIM_SIM_RUNTIME_SNAPSHOT_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "sim/runtime/images.h"
#include "sim/runtime/memory_image.h"

namespace csim {

class Snapshot {
 public:
  // Adds a page-aligned region. REQUIRES: before Take.
  // `open`: it is not protected, and copied back as a whole each time. System calls that write into a
  // protected page fail (EFAULT) instead of raising the fault by which we notice.
  void AddRegion(Range range, bool open = false);
  // Copies and protects all regions. False if there is no memory.
  bool Take();
  bool taken() const { return taken_; }
  // Copies the dirty pages back. `forked`: the execution had other processes; only those that differ
  // then (copy_back.h).
  void Restore(bool forked);
  // For a process that becomes a copy of another one which has taken the same snapshot (reuse.h): what that one
  // writes down, and what makes it this one's.
  void Write(ImageWriter& image) const;
  void Become(ImageReader& image);
  // For the SIGSEGV handler: true if the address lay in a protected page, which is writable now.
  bool HandleWrite(uintptr_t address);
  // Calls visit(address, value) for each word that is not what it was when the snapshot was taken.
  template <typename Visit>
  void ForEachChange(Visit visit) const;
  // What `change` alters in the regions is kept by later restarts (the pool of threads grows in the
  // middle of an execution, and libc notes that in its data).
  template <typename Change>
  void Keep(Range range, Change change);

 private:
  struct Region {
    Range range;
    char* copy = nullptr;
    bool open = false;
  };
  static constexpr int kMaxRegions = 128;
  static constexpr int kMaxDirty = 1 << 16;
  static constexpr size_t kPageBytes = 4096;
  void BeginKeep(Range range);
  void EndKeep(Range range);
  Region* Find(uintptr_t address);
  int AddDirty(uintptr_t page);

  Region regions_[kMaxRegions] = {};
  int region_count_ = 0;
  uint64_t* dirty_ = nullptr;  // page addresses
  char** dirty_copy_ = nullptr;
  int dirty_count_ = 0;
  bool* written_ = nullptr;  // by Become
  bool taken_ = false;
  char* scratch_ = nullptr;
  size_t scratch_size_ = 0;
};

template <typename Visit>
void Snapshot::ForEachChange(Visit visit) const {
  for (int i = 0; i < dirty_count_; ++i) {
    const auto* now = reinterpret_cast<const uint64_t*>(dirty_[i]);
    const auto* then = reinterpret_cast<const uint64_t*>(dirty_copy_[i]);
    if (memcmp(now, then, kPageBytes) == 0) continue;
    for (size_t word = 0; word < kPageBytes / 8; ++word) {
      if (now[word] != then[word]) visit(reinterpret_cast<uintptr_t>(now + word), now[word]);
    }
  }
}

template <typename Change>
void Snapshot::Keep(Range range, Change change) {
  BeginKeep(range);
  change();
  EndKeep(range);
}

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_SNAPSHOT_H_
