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
  // False if the address space is too small; then there is no race detection to be had.
  bool Map();
  // The cell of the granule of `address`; made on first use.
  ShadowCell& CellOf(uintptr_t address);

 private:
  static constexpr int kAddressBits = 47;
  static constexpr uint64_t kMaxChunks = 1 << 18;  // 16 GiB of program memory
  uint32_t* index_ = nullptr;
  char* base_ = nullptr;
  uint32_t* used_ = nullptr;  // in the shared mapping: chunks given out by any process
};

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_SHADOW_MEMORY_H_
