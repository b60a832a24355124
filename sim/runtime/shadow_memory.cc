#include "sim/runtime/shadow_memory.h"

#include <sys/mman.h>

#include "model/check.h"
#include "sim/abi/csim_abi.h"
#include "sim/runtime/raw_syscall.h"

namespace csim {

static_assert(sizeof(ShadowCell) == sizeof(csim_cell));

namespace {
constexpr size_t kIndexSize = (size_t{1} << (47 - 16)) * sizeof(uint32_t);
}  // namespace

bool ShadowMemory::Map() {
  const int flags = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE;
  index_ = static_cast<uint32_t*>(MapMemory(kIndexSize, PROT_READ | PROT_WRITE, flags));
  counters_ = static_cast<Counters*>(MapMemory(4096, PROT_READ | PROT_WRITE, flags));
  base_ =
      static_cast<char*>(MapMemory(kMaxChunks * CSIM_SHADOW_CHUNK, PROT_READ | PROT_WRITE, flags));
  if (index_ == nullptr || base_ == nullptr || counters_ == nullptr) return false;
  *counters_ = {1, kFirstForked};  // chunk 0 stays zero
  csim_state_v1.shadow_index = index_;
  csim_state_v1.shadow_base = base_;
  return true;
}

void ShadowMemory::AfterFork() {
  forked_ = true;
  // A fresh table in the place of the parent's, but for the shared parts, which the caller puts in.
  RawSyscall(SYS_mmap, index_, kIndexSize, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

// What is left in the cells is of an earlier execution, and so counts as nothing.
void ShadowMemory::ForgetForked() { counters_->forked = kFirstForked; }

uint32_t ShadowMemory::AllocateShared(uint32_t count) {
  if (count >= kMaxChunks - counters_->forked) return ~0u;
  counters_->forked += count;
  return counters_->forked - count;
}

void ShadowMemory::MapShared(uintptr_t begin, uintptr_t end, uint32_t first) {
  for (uintptr_t a = begin; a < end; a += kChunkBytes) index_[a >> 16] = first++;
}

void ShadowMemory::Unmap(uintptr_t begin, uintptr_t end) {
  for (uintptr_t a = begin; a < end; a += kChunkBytes) index_[a >> 16] = 0;
}

ShadowCell& ShadowMemory::CellOf(uintptr_t address) {
  CSIM_CHECK((address >> kAddressBits) == 0);
  uint32_t& chunk = index_[address >> 16];
  if (chunk == 0) [[unlikely]] {
    CSIM_CHECK(counters_->used < kFirstForked && counters_->forked < kMaxChunks);
    chunk = forked_ ? counters_->forked++ : counters_->used++;
  }
  return *reinterpret_cast<ShadowCell*>(base_ + chunk * CSIM_SHADOW_CHUNK +
                                        ((address & 0xffff) >> 3) * sizeof(ShadowCell));
}

}  // namespace csim
