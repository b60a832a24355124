#include "sim/runtime/shadow_memory.h"

#include <sys/mman.h>

#include "model/check.h"
#include "sim/abi/csim_abi.h"
#include "sim/runtime/raw_syscall.h"

namespace csim {

static_assert(sizeof(ShadowCell) == sizeof(csim_cell));

bool ShadowMemory::Map() {
  const int flags = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE;
  const size_t index_size = (size_t{1} << (kAddressBits - 16)) * sizeof(uint32_t);
  index_ = static_cast<uint32_t*>(MapMemory(index_size + 4096, PROT_READ | PROT_WRITE, flags));
  base_ =
      static_cast<char*>(MapMemory(kMaxChunks * CSIM_SHADOW_CHUNK, PROT_READ | PROT_WRITE, flags));
  if (index_ == nullptr || base_ == nullptr) return false;
  used_ = index_ + index_size / sizeof(uint32_t);
  *used_ = 1;  // chunk 0 stays zero
  csim_state_v1.shadow_index = index_;
  csim_state_v1.shadow_base = base_;
  return true;
}

ShadowCell& ShadowMemory::CellOf(uintptr_t address) {
  CSIM_CHECK((address >> kAddressBits) == 0);
  uint32_t& chunk = index_[address >> 16];
  if (chunk == 0) [[unlikely]] {
    CSIM_CHECK(*used_ < kMaxChunks);
    chunk = (*used_)++;
  }
  return *reinterpret_cast<ShadowCell*>(base_ + chunk * CSIM_SHADOW_CHUNK +
                                        ((address & 0xffff) >> 3) * sizeof(ShadowCell));
}

}  // namespace csim
