// Where the shadow cells of the program's memory are. Layout: sim/abi/csim_abi.h.
//
// Two sparse shared reservations: a table of chunk numbers, one per 64 KiB of address space, and the
// chunks. Shared, so that a fork copies no page tables for them. Wherever the kernel puts them.
#ifndef CSIM_SIM_RUNTIME_SHADOW_MEMORY_H_
#define CSIM_SIM_RUNTIME_SHADOW_MEMORY_H_

#include <cstdint>

#include "checker/shadow_cell.h"

namespace csim {

class ShadowMemory {
 public:
  // `shared`: its parts can be handed on to programs that are executed; `fd`: these parts, as the program
  // that executed this one has them, -1: new ones. False if the address space is too small; then there is
  // no race detection to be had.
  bool Map(bool shared, int fd);
  // The descriptor of the shared parts.
  int fd() const { return fd_; }
  // The cell of the granule of `address`; made on first use.
  ShadowCell& CellOf(uintptr_t address);

  // The inlined fast paths find nothing in the cells from now on, so that nothing of what is in them comes into the program's
  // registers and stacks. With an epoch of 0 (csim_state_v1) all accesses then come to the runtime.
  static void HideFromFastPaths();

  // This process has just been forked: its memory is another one than its parent's, with cells of its
  // own, but for what is shared.
  void AfterFork();
  // This forked process is about to become a copy of another one: nothing has cells. And it has become that.
  void Clear();
  void AfterCopy() {
    forked_ = true;
    noted_count_ = 0;
  }
  // When an execution is over: chunks of forked processes and of shared memory are given back.
  void ForgetForked();
  // The chunks of [begin, end), in this process, are `first` and those after it, which belong to shared
  // memory. REQUIRES: begin is a multiple of 64 KiB.
  void MapShared(uintptr_t begin, uintptr_t end, uint32_t first);
  // They are nobody's.
  void Unmap(uintptr_t begin, uintptr_t end);
  // Chunks for shared memory; ~0 if there are not enough.
  uint32_t AllocateShared(uint32_t count);
  static constexpr uintptr_t kChunkBytes = 1 << 16;  // of the program's memory

 private:
  static constexpr int kAddressBits = 47;
  static constexpr uint64_t kMaxChunks = 1 << 18;  // 16 GiB of program memory
  uint32_t* index_ = nullptr;
  char* base_ = nullptr;
  // Chunk numbers: those of the first process count up from 1; those that belong to an execution only,
  // from kFirstForked.
  static constexpr uint32_t kFirstForked = kMaxChunks / 2;
  struct Counters {
    uint32_t used;
    uint32_t forked;
  };
  Counters* counters_ = nullptr;  // in memory that all processes share
  bool forked_ = false;
  // Entries of a forked process's table that are in use; more than these: it is made anew.
  static constexpr uint32_t kMostNoted = 256;
  void Note(uintptr_t entry) {
    if (noted_count_ < kMostNoted) noted_[noted_count_] = static_cast<uint32_t>(entry);
    ++noted_count_;
  }
  uint32_t noted_[kMostNoted] = {};
  uint32_t noted_count_ = 0;
  int fd_ = -1;
};

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_SHADOW_MEMORY_H_
