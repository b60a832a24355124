#include "sim/mapping/arena.h"

namespace csim {

void* Arena::do_allocate(size_t bytes, size_t alignment) {
  const int size_class = ClassOf(bytes);
  if (FreeBlock* block = free_[size_class]; block != nullptr && alignment <= 16) {
    free_[size_class] = block->next;
    return block;
  }
  const size_t size = SizeOf(size_class);
  auto address = reinterpret_cast<uintptr_t>(next_);
  address = (address + alignment - 1) & ~(alignment - 1);
  if (address + size > reinterpret_cast<uintptr_t>(end_)) {
    if (on_full != nullptr) on_full();
    __builtin_trap();
  }
  next_ = reinterpret_cast<char*>((address + size + 15) & ~uintptr_t{15});
  return reinterpret_cast<void*>(address);
}

void Arena::do_deallocate(void* p, size_t bytes, size_t) {
  auto* block = static_cast<FreeBlock*>(p);
  const int size_class = ClassOf(bytes);
  block->next = free_[size_class];
  free_[size_class] = block;
}

}  // namespace csim
