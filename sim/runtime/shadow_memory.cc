#include "sim/runtime/shadow_memory.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "model/check.h"
#include "sim/abi/csim_abi.h"
#include "sim/runtime/heap_marks.h"
#include "sim/runtime/hidden_files.h"
#include "sim/runtime/raw_syscall.h"

namespace csim {

static_assert(sizeof(ShadowCell) == sizeof(csim_cell));

namespace {
constexpr size_t kIndexSize = (size_t{1} << (47 - 16)) * sizeof(uint32_t);
constexpr size_t kPage = 4096;

void* MapPart(int fd, size_t offset, size_t size) {
  const int flags = MAP_SHARED | MAP_NORESERVE | (fd < 0 ? MAP_ANONYMOUS : 0);
  const long result =
      RawSyscall(SYS_mmap, nullptr, size, PROT_READ | PROT_WRITE, flags, fd, fd < 0 ? 0 : offset);
  return result < 0 && result > -4096 ? nullptr : reinterpret_cast<void*>(result);
}
}  // namespace

// The file: a page with the counters, then the chunks.
bool ShadowMemory::Map(bool shared, int fd) {
  constexpr size_t kChunks = kMaxChunks * CSIM_SHADOW_CHUNK;
  const bool adopted = fd >= 0;
  fd_ = adopted || !shared ? fd : MakeHiddenFile("csim-shadow", kPage + kChunks);
  if (adopted) RawSyscall(SYS_fcntl, fd_, F_SETFD, FD_CLOEXEC);
  // The table of an executed program is its own, as that of a forked process.
  const int own = adopted ? MAP_PRIVATE : MAP_SHARED;
  index_ = static_cast<uint32_t*>(
      MapMemory(kIndexSize, PROT_READ | PROT_WRITE, own | MAP_ANONYMOUS | MAP_NORESERVE));
  counters_ = static_cast<Counters*>(MapPart(fd_, 0, kPage));
  base_ = static_cast<char*>(MapPart(fd_, kPage, kChunks));
  if (index_ == nullptr || base_ == nullptr || counters_ == nullptr) return false;
  forked_ = adopted;
  if (!adopted) *counters_ = {1, kFirstForked};  // chunk 0 stays zero
  csim_state_v1.shadow_index = index_;
  csim_state_v1.shadow_base = base_;
  return true;
}

void ShadowMemory::HideFromFastPaths() {
  void* const empty = MapMemory(kIndexSize, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE);
  CSIM_CHECK(empty != nullptr);
  csim_state_v1.shadow_index = static_cast<uint32_t*>(empty);
}

void ShadowMemory::AfterFork() {
  AfterCopy();
  // A fresh table in the place of the parent's, but for the shared parts, which the caller puts in.
  RawSyscall(SYS_mmap, index_, kIndexSize, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

void ShadowMemory::Clear() {
  if (noted_count_ > kMostNoted) return AfterFork();
  for (uint32_t i = 0; i < noted_count_; ++i) index_[noted_[i]] = 0;
  noted_count_ = 0;
}

// What is left in the cells is of an earlier execution, and so counts as nothing.
void ShadowMemory::ForgetForked() { counters_->forked = kFirstForked; }

uint32_t ShadowMemory::AllocateShared(uint32_t count) {
  if (count >= kMaxChunks - counters_->forked) return ~0u;
  counters_->forked += count;
  return counters_->forked - count;
}

void ShadowMemory::MapShared(uintptr_t begin, uintptr_t end, uint32_t first) {
  for (uintptr_t a = begin; a < end; a += kChunkBytes) {
    index_[a >> 16] = first++;
    if (forked_) Note(a >> 16);
  }
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
    if (forked_) {
      Note(address >> 16);
      const uintptr_t begin = address & ~(kChunkBytes - 1);
      MarkBlocks(begin, begin + kChunkBytes);  // what was freed before the fork, too
    }
  }
  return *reinterpret_cast<ShadowCell*>(base_ + chunk * CSIM_SHADOW_CHUNK +
                                        ((address & 0xffff) >> 3) * sizeof(ShadowCell));
}

}  // namespace csim
