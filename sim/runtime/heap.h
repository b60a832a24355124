// The program's heap: fixed layout, guard space around every block, quarantine for freed ones.
//
// The same requests in the same order get the same addresses in every execution. Blocks are described
// by a header in front of them; the header, the rest behind the block and freed blocks are marked in
// the shadow memory, so that an instrumented access to them is a finding (see checker/shadow_cell.h).
// Requests by ld.so and by the runtime's own calls into libc go to a separate area that no restart
// touches.
//
// Not thread-safe: only the holder of the gate allocates. Works before main (no constructor needed).
#ifndef CSIM_SIM_RUNTIME_HEAP_H_
#define CSIM_SIM_RUNTIME_HEAP_H_

#include <cstddef>
#include <cstdint>

#include "model/ids.h"
#include "sim/runtime/images.h"
#include "sim/runtime/memory_image.h"

namespace csim {

enum class BlockState : uint8_t { kFree, kLive, kQuarantined };

struct Block {  // the header, right in front of the user's bytes
  static constexpr uint32_t kMagic = 0xb10cb10c;
  uint32_t magic;
  BlockState state;
  uint8_t size_class;
  uint16_t alloc_task;
  uint64_t size;  // as asked for
  uint32_t alloc_site;
  uint32_t alloc_stack;
  uint32_t serial;  // blocks of the same task and site before this one, in this execution
  uint32_t free_site;
  uint32_t free_stack;
  uint16_t free_task;
  uint16_t reused;  // 1: the bytes belonged to another block of this execution
  Block* next;      // quarantine or free list

  char* data() { return reinterpret_cast<char*>(this + 1); }
};
static_assert(sizeof(Block) == 48);

class Heap {
 public:
  struct Origin {
    uint16_t task;
    SiteId site;
    StackId stack;
  };

  // Reserves the area. False if the address space is too small.
  bool Map();
  bool mapped() const { return begin_ != 0; }

  // Memory of `size` bytes aligned to `alignment` (a power of two), filled with a fixed pattern so
  // that a read of it is the same in every execution. nullptr: over the limit of the execution.
  void* Allocate(size_t size, size_t alignment, Origin origin);
  // REQUIRES: `block` is live.
  void Free(Block* block, Origin origin);
  // The block whose user bytes start at p, whatever its state; nullptr if there is none.
  Block* BlockAt(const void* p);
  // The block that the address lies in or just behind or before; nullptr if none is near.
  Block* FindNear(uintptr_t address);
  // The end of all that belongs to the block, with what its user may not touch.
  uintptr_t EndOf(const Block* block) const;
  // Calls visit(block) for each live block that was allocated since the snapshot, in order of address.
  template <typename Visit>
  void ForEachLive(Visit visit) const;
  // Calls visit(block) for each block in [begin, end), in whole or in part, whatever its state, that was allocated since the
  // snapshot.
  template <typename Visit>
  void ForEachIn(uintptr_t begin, uintptr_t end, Visit visit);
  // What fresh blocks (but large ones) are filled with.
  static constexpr int kFill = 0xbe;
  // True for addresses of the area in which no block has ever begun in this execution.
  bool IsBeyondAll(uintptr_t address) const {
    return address - begin_ < end_ - begin_ && address >= state_.next;
  }
  // True if an access within one granule reaches bytes of a live block's last granule that the block
  // does not fill. (Marks in shadow memory guard whole granules only.)
  bool CrossesEnd(uintptr_t address, size_t size);
  bool Contains(const void* p) const {
    return reinterpret_cast<uintptr_t>(p) - begin_ < end_ - begin_;
  }

  // Memory that no restart touches and that is never given back.
  void* AllocateSystem(size_t size, size_t alignment);
  bool IsSystem(const void* p) const {
    return reinterpret_cast<uintptr_t>(p) - system_begin_ < system_end_ - system_begin_;
  }

  // What was allocated until now stays across restarts: remembers the present state.
  void TakeSnapshot();
  // Back to the snapshot's state (the bytes of early blocks are the Snapshot's business).
  void Restore();
  // Page-aligned area of the blocks that exist at the snapshot.
  Range early_area() const;

  // Writes down all that differs from what processes have in common (reuse.h), but for this object itself.
  void Write(ImageWriter& image) const;

  void set_limit(uint64_t bytes) { limit_ = bytes; }
  // Freed blocks are used again as soon as can be: a loop that allocates and frees finds the same addresses in each round,
  // and few uses of freed memory are seen.
  void ReuseAtOnce() {
    quarantine_ = 0;
    counts_anew_ = true;
  }

 private:
  static constexpr int kClasses = 40;
  static constexpr int kSerialSlots = 4096;
  static constexpr size_t kRedzone = 16;
  static constexpr size_t kQuarantine = size_t{8} << 20;  // bytes of freed blocks that are kept
  static constexpr size_t kLarge = size_t{1} << 20;       // from here on: zero pages, not filled

  struct State {  // all that a restart resets
    uintptr_t next;
    uint64_t in_use;
    Block* quarantine_first;
    Block* quarantine_last;
    size_t quarantined;
    uint32_t serials;  // serial numbers that were begun
    Block* free[kClasses];
  };
  struct SerialSlot {
    uint64_t owner;  // task and site
    uint64_t count;
    uint64_t stamp;
  };

  Block* TakeFree(int size_class, size_t alignment);
  Block* Carve(size_t total, size_t alignment, int size_class);
  void Quarantine(Block* block);
  uint32_t NextSerial(Origin origin);
  void SetStart(const Block* block);
  void SetPartial(uintptr_t address);

  uintptr_t begin_ = 0;
  uintptr_t end_ = 0;
  uintptr_t system_begin_ = 0;
  uintptr_t system_end_ = 0;
  uintptr_t system_next_ = 0;
  uint64_t* starts_ = nullptr;   // one bit per 16 bytes: a header begins here
  uint64_t* partial_ = nullptr;  // one bit per 8 bytes: some block once ended inside
  uintptr_t highest_ = 0;        // of all executions, for giving pages back
  uint64_t limit_ = ~uint64_t{0};
  size_t quarantine_ = kQuarantine;
  uint64_t stamp_ = 1;
  bool counts_anew_ = false;  // the stamp stays; what is left of it on stacks is the same then
  State state_{};
  State saved_{};
  SerialSlot* serials_ = nullptr;  // kSerialSlots
};

template <typename Visit>
void Heap::ForEachLive(Visit visit) const {
  const uintptr_t end = (state_.next - begin_ + 15) / 16;
  for (uintptr_t i = (saved_.next - begin_) / 16; i < end;) {
    const uint64_t word = starts_[i / 64] >> (i % 64);
    if (word == 0) {
      i = (i / 64 + 1) * 64;
      continue;
    }
    i += static_cast<uintptr_t>(__builtin_ctzll(word));
    auto* block = reinterpret_cast<Block*>(begin_ + i * 16);
    if (i < end && block->state == BlockState::kLive) visit(block);
    ++i;
  }
}

template <typename Visit>
void Heap::ForEachIn(uintptr_t begin, uintptr_t end, Visit visit) {
  const Block* const before = FindNear(begin);
  if (before != nullptr) begin = reinterpret_cast<uintptr_t>(before);
  if (begin < saved_.next) begin = saved_.next;
  if (end > state_.next) end = state_.next;
  if (begin >= end) return;
  const uintptr_t last = (end - begin_ + 15) / 16;
  for (uintptr_t i = (begin - begin_) / 16; i < last;) {
    const uint64_t word = starts_[i / 64] >> (i % 64);
    if (word == 0) {
      i = (i / 64 + 1) * 64;
      continue;
    }
    i += static_cast<uintptr_t>(__builtin_ctzll(word));
    if (i < last) visit(reinterpret_cast<Block*>(begin_ + i * 16));
    ++i;
  }
}

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_HEAP_H_
