// Memory that processes share: which of this process's addresses are which bytes of which file or
// anonymous mapping.
//
// Shadow cells and objects of such memory belong to the bytes, not to the addresses: two processes may
// see them at different places. A file is cut in chunks of 64 KiB, each with one chunk of shadow cells for
// all processes. So that no other memory lies in the same chunk of addresses, shared mappings are put
// where nothing else is, with the file's alignment.
#ifndef CSIM_SIM_RUNTIME_SHARED_MEMORY_H_
#define CSIM_SIM_RUNTIME_SHARED_MEMORY_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "sim/runtime/memory_image.h"

namespace csim {

// A range of chunks of one file. Lies in the mapping, lives as long as the execution.
struct SharedPiece {
  uint64_t device;  // ~0: an anonymous mapping, `inode` is its number
  uint64_t inode;
  uint64_t name;   // the same in every execution, if the same task is the first to map it
  uint64_t first;  // chunk of the file
  uint32_t count;
  uint32_t shadow;  // its first chunk of cells
  uint32_t site;    // where it was first mapped
};

struct SharedPieces {
  static constexpr uint32_t kMost = 1024;
  uint32_t count = 0;
  uint64_t anonymous = 0;      // so many were made
  uintptr_t next_address = 0;  // for the next mapping of any process
  uint64_t anonymous_end = 0;  // of what is used of the worker's file for anonymous mappings
  SharedPiece pieces[kMost];
};

class SharedMemory {
 public:
  struct Mapped {
    uintptr_t begin;
    uintptr_t end;
    uint64_t offset;  // of `begin` in the file
    uint64_t name;
    uint32_t site;
    uint32_t first_chunk;  // of cells, for the chunk of addresses that `begin` lies in
    bool shared;
    int protection;
    uint64_t
        anonymous_at;  // place in the worker's file for anonymous mappings; kElsewhere: not in it
  };

  // The shared mapping of this process that the address lies in; null if there is none.
  const Mapped* Find(uintptr_t address) const {
    if (shared_count_ == 0) [[likely]]
      return nullptr;
    return FindAmongAll(address);
  }

  // As mmap for the running task: the address or a negative errno.
  long Map(uintptr_t address, size_t size, int protection, int flags, int fd, off_t offset);
  long Unmap(uintptr_t address, size_t size);

  // Calls visit(begin, end) for each shared mapping of this process.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (uint32_t i = 0; i < count_; ++i) {
      if (mapped_[i].shared) visit(mapped_[i].begin, mapped_[i].end);
    }
  }

  // Once per worker: anonymous mappings lie in a file from now on, so that processes which were not forked by
  // each other can have them.
  void MakeFile();
  int fd() const { return fd_; }
  // When an execution is over, by the worker: the file is as new.
  void ClearFile();

  // The protection of these pages is changed. False if some of them are not among what this process has mapped.
  bool NoteProtected(uintptr_t address, size_t size);
  // True if another process can map all that this one has mapped.
  bool CanBeCopied() const;
  // Writes down what is mapped; and makes that what this process has mapped (reuse.h).
  void Write(ImageWriter& image) const;
  void Become(ImageReader& image);

  // Whether this process has mapped anything, shared or not.
  bool any() const { return count_ != 0; }

  // This process has just been forked: it has its parent's mappings.
  void AfterFork();
  // When an execution is over: nothing stays mapped.
  void Reset();

 private:
  static constexpr uint32_t kMost = 4096;
  static constexpr uint64_t kElsewhere = ~uint64_t{0};
  const Mapped* FindAmongAll(uintptr_t address) const;
  void Forget(uintptr_t begin, uintptr_t end);

  int fd_ = -1;
  uint32_t count_ = 0;
  uint32_t shared_count_ = 0;
  Mapped mapped_[kMost] = {};  // written down apart from the rest
  friend class RuntimeData;
};

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_SHARED_MEMORY_H_
