#include "sim/runtime/heap.h"

#include <sys/mman.h>

#include <cstring>

#include "model/check.h"
#include "sim/runtime/raw_syscall.h"

namespace csim {

namespace {

constexpr size_t kAreaSize = size_t{256} << 30;
constexpr size_t kSystemSize = size_t{1} << 30;
constexpr uintptr_t kHint = uintptr_t{0x100000000000};  // a wish only: same addresses without ASLR
constexpr int kNoClass = 255;

uintptr_t AlignUp(uintptr_t value, size_t alignment) {
  return (value + alignment - 1) & ~(uintptr_t{alignment} - 1);
}

// Sizes 64, 96, 128, 192, 256, ...
size_t ClassSize(int size_class) {
  const size_t power = size_t{64} << (size_class / 2);
  return size_class % 2 == 0 ? power : power + power / 2;
}

}  // namespace

bool Heap::Map() {
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  size_t size = kAreaSize;
  void* area = nullptr;
  for (; size >= (size_t{1} << 30); size /= 4) {
    area = MapMemory(size, PROT_READ | PROT_WRITE, flags, reinterpret_cast<void*>(kHint));
    if (area != nullptr) break;
  }
  void* system = MapMemory(kSystemSize, PROT_READ | PROT_WRITE, flags);
  starts_ = static_cast<uint64_t*>(MapMemory(size / 128, PROT_READ | PROT_WRITE, flags));
  partial_ = static_cast<uint64_t*>(MapMemory(size / 64, PROT_READ | PROT_WRITE, flags));
  serials_ = static_cast<SerialSlot*>(
      MapMemory(kSerialSlots * sizeof(SerialSlot), PROT_READ | PROT_WRITE, flags));
  if (area == nullptr || system == nullptr || starts_ == nullptr || partial_ == nullptr ||
      serials_ == nullptr) {
    return false;
  }
  begin_ = reinterpret_cast<uintptr_t>(area);
  end_ = begin_ + size;
  system_begin_ = system_next_ = reinterpret_cast<uintptr_t>(system);
  system_end_ = system_begin_ + kSystemSize;
  state_ = State{};
  state_.next = highest_ = begin_ + 64;
  return true;
}

void Heap::SetStart(const Block* block) {
  const uintptr_t index = (reinterpret_cast<uintptr_t>(block) - begin_) / 16;
  starts_[index / 64] |= uint64_t{1} << (index % 64);
}

void Heap::SetPartial(uintptr_t address) {
  const uintptr_t index = (address - begin_) / 8;
  partial_[index / 64] |= uint64_t{1} << (index % 64);
}

uintptr_t Heap::EndOf(const Block* block) const {
  const auto header = reinterpret_cast<uintptr_t>(block);
  if (block->size_class != kNoClass) return header + ClassSize(block->size_class);
  return header + sizeof(Block) + AlignUp(block->size, 16) + kRedzone;
}

bool Heap::CrossesEnd(uintptr_t address, size_t size) {
  if (address - begin_ >= end_ - begin_) return false;
  const uintptr_t index = (address - begin_) / 8;
  if ((partial_[index / 64] >> (index % 64) & 1) == 0) return false;
  Block* block = FindNear(address);
  if (block == nullptr || block->state != BlockState::kLive) return false;
  const uintptr_t end = reinterpret_cast<uintptr_t>(block->data()) + block->size;
  return address + size > end && address / 8 == end / 8;
}

Block* Heap::TakeFree(int size_class, size_t alignment) {
  if (size_class == kNoClass || alignment > 16) return nullptr;
  Block* block = state_.free[size_class];
  if (block != nullptr) state_.free[size_class] = block->next;
  return block;
}

Block* Heap::Carve(size_t total, size_t alignment, int size_class) {
  uintptr_t data = AlignUp(state_.next + sizeof(Block), alignment < 16 ? 16 : alignment);
  if (size_class == kNoClass) data = AlignUp(data, 4096);
  const uintptr_t header = data - sizeof(Block);
  if (total > end_ - header || header + total > end_) return nullptr;
  // A block of an earlier execution may have begun somewhere in between.
  for (uintptr_t i = (state_.next - begin_ + 15) / 16; i < (header + total - begin_) / 16;) {
    if (i % 64 == 0 && i + 64 <= (header + total - begin_) / 16) {
      if (starts_[i / 64] != 0) starts_[i / 64] = 0;
      i += 64;
    } else {
      starts_[i / 64] &= ~(uint64_t{1} << (i % 64));
      ++i;
    }
  }
  state_.next = AlignUp(header + total, 16);
  if (state_.next > highest_) highest_ = state_.next;
  auto* block = reinterpret_cast<Block*>(header);
  SetStart(block);
  return block;
}

void* Heap::Allocate(size_t size, size_t alignment, Origin origin) {
  if (size > limit_ || state_.in_use + size > limit_) return nullptr;
  size_t total = sizeof(Block) + AlignUp(size, 16) + kRedzone;
  int size_class = 0;
  while (size_class < kClasses && ClassSize(size_class) < total) ++size_class;
  if (size_class == kClasses || size >= kLarge || alignment > 16) size_class = kNoClass;
  if (size_class != kNoClass) total = ClassSize(size_class);
  Block* block = TakeFree(size_class, alignment);
  const bool reused = block != nullptr;
  if (block == nullptr) block = Carve(total, alignment, size_class);
  if (block == nullptr) return nullptr;
  *block = Block{Block::kMagic,
                 BlockState::kLive,
                 static_cast<uint8_t>(size_class),
                 origin.task,
                 size,
                 Index(origin.site),
                 Index(origin.stack),
                 NextSerial(origin),
                 0,
                 0,
                 0xffff,
                 reused,
                 nullptr};
  state_.in_use += size;
  if (size % 8 != 0) SetPartial(reinterpret_cast<uintptr_t>(block->data()) + size);
  if (size < kLarge) {
    memset(block->data(), kFill, size);
  } else {
    RawSyscall(SYS_madvise, block->data(), AlignUp(size, 4096), MADV_DONTNEED);
  }
  return block->data();
}

void Heap::Free(Block* block, Origin origin) {
  CSIM_CHECK(block->state == BlockState::kLive);
  block->state = BlockState::kQuarantined;
  block->free_site = Index(origin.site);
  block->free_stack = Index(origin.stack);
  block->free_task = origin.task;
  state_.in_use -= block->size;
  Quarantine(block);
}

void Heap::Quarantine(Block* block) {
  block->next = nullptr;
  if (state_.quarantine_last != nullptr) {
    state_.quarantine_last->next = block;
  } else {
    state_.quarantine_first = block;
  }
  state_.quarantine_last = block;
  state_.quarantined += block->size + sizeof(Block);
  while (state_.quarantined > quarantine_ && state_.quarantine_first != block) {
    Block* oldest = state_.quarantine_first;
    state_.quarantine_first = oldest->next;
    state_.quarantined -= oldest->size + sizeof(Block);
    oldest->state = BlockState::kFree;
    if (oldest->size_class == kNoClass) {
      RawSyscall(SYS_madvise, AlignUp(reinterpret_cast<uintptr_t>(oldest->data()), 4096),
                 oldest->size & ~size_t{4095}, MADV_DONTNEED);
    } else {
      oldest->next = state_.free[oldest->size_class];
      state_.free[oldest->size_class] = oldest;
    }
  }
}

uint32_t Heap::NextSerial(Origin origin) {
  const uint64_t owner = uint64_t{origin.task} << 32 | Index(origin.site);
  uint32_t slot = static_cast<uint32_t>(owner * 0x9e3779b97f4a7c15u >> 40) % kSerialSlots;
  for (int probes = 0; probes < kSerialSlots; ++probes, slot = (slot + 1) % kSerialSlots) {
    SerialSlot& s = serials_[slot];
    if (s.stamp == stamp_ && s.owner != owner) continue;
    if (s.stamp != stamp_) {
      s = {owner, 0, stamp_};
      ++state_.serials;
    }
    return static_cast<uint32_t>(s.count++);
  }
  return 0;  // more than 4096 of them: serial numbers are no longer told apart
}

Block* Heap::BlockAt(const void* p) {
  if (!Contains(p)) return nullptr;
  const uintptr_t header = reinterpret_cast<uintptr_t>(p) - sizeof(Block);
  if (header < begin_ || header % 16 != 0 || header >= state_.next) return nullptr;
  const uintptr_t index = (header - begin_) / 16;
  if ((starts_[index / 64] >> (index % 64) & 1) == 0) return nullptr;
  return reinterpret_cast<Block*>(header);
}

Block* Heap::FindNear(uintptr_t address) {
  if (address - begin_ >= end_ - begin_) return nullptr;
  if (address >= state_.next) address = state_.next - 1;
  intptr_t index = static_cast<intptr_t>((address - begin_) / 16);
  uint64_t word = starts_[index / 64] & (~uint64_t{0} >> (63 - index % 64));
  intptr_t w = index / 64;
  while (word == 0 && w > 0) word = starts_[--w];
  if (word == 0) return nullptr;
  index = w * 64 + 63 - __builtin_clzll(word);
  return reinterpret_cast<Block*>(begin_ + static_cast<uintptr_t>(index) * 16);
}

void* Heap::AllocateSystem(size_t size, size_t alignment) {
  const uintptr_t data = AlignUp(system_next_ + 16, alignment < 16 ? 16 : alignment);
  if (data + size > system_end_) return nullptr;
  *reinterpret_cast<size_t*>(data - 16) = size;
  system_next_ = data + size;
  return reinterpret_cast<void*>(data);
}

void Heap::TakeSnapshot() {
  state_.next = AlignUp(state_.next, 4096);
  saved_ = state_;
}

void Heap::Write(ImageWriter& image) const {
  const uintptr_t used = state_.next - begin_;
  image.PutMemory(reinterpret_cast<const void*>(saved_.next), state_.next - saved_.next);
  image.PutMemory(starts_, (used / (16 * 64) + 1) * sizeof *starts_);
  image.PutMemory(partial_, (used / (8 * 64) + 1) * sizeof *partial_);
  uint32_t left = state_.serials;
  for (int i = 0; i < kSerialSlots && left > 0; ++i) {
    if (serials_[i].stamp != stamp_) continue;
    image.PutMemory(&serials_[i], sizeof serials_[i]);
    --left;
  }
  image.PutMemory(reinterpret_cast<const void*>(system_begin_), system_next_ - system_begin_);
}

Range Heap::early_area() const { return {begin_, saved_.next}; }

void Heap::Restore() {
  // Give back what a few large executions left far above the snapshot.
  if (highest_ > saved_.next + (size_t{64} << 20)) {
    const uintptr_t from = saved_.next + (size_t{64} << 20);
    RawSyscall(SYS_madvise, from, highest_ - from, MADV_DONTNEED);
    highest_ = from;
  }
  state_ = saved_;
  if (counts_anew_) {
    memset(serials_, 0, kSerialSlots * sizeof(SerialSlot));
  } else {
    ++stamp_;
    state_.serials = 0;
  }
}

}  // namespace csim
