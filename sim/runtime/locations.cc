#include "sim/runtime/locations.h"

#include "sim/runtime/runtime.h"

namespace csim {

// (Whoever writes over the heap may have written over the block's header.)
uint64_t AllocatorOf(const Block& block) {
  const Machine& machine = g_runtime.machine();
  return block.alloc_task < machine.task_count() ? machine.task(TaskId{block.alloc_task}).name : 0;
}

namespace {

LocationKey HeapLocation(uintptr_t address) {
  Block* block = g_runtime.heap.FindNear(address);
  LocationKey key{LocationSpace::kHeap, {}, 0, 0, 0};
  if (block == nullptr) {
    key.offset = address;
    return key;
  }
  key.a = block->alloc_site;
  key.b = AllocatorOf(*block) << 32 | block->serial;
  key.offset = address - reinterpret_cast<uintptr_t>(block->data());
  return key;
}

}  // namespace

LocationKey LocationOf(uintptr_t address) {
  if (address == 0) return {LocationSpace::kUnknown, {}, 0, 0, 0};
  if (const SharedMemory::Mapped* shared = g_runtime.shared_memory.Find(address)) {
    return {LocationSpace::kShared,
            {},
            shared->site,
            shared->name,
            address - shared->begin + shared->offset};
  }
  const Images& images = g_runtime.images;
  if (images.count() > 0 && images[0].whole.Contains(address)) {
    return {LocationSpace::kGlobal, {}, 0, g_runtime.program, address - images[0].base};
  }
  if (g_runtime.heap.Contains(reinterpret_cast<void*>(address))) return HeapLocation(address);
  const int slot = g_runtime.pool.FindByAddress(address);
  if (slot >= 0) {
    const PoolThread& thread = g_runtime.pool.slot(static_cast<uint32_t>(slot));
    const auto task = static_cast<uint32_t>(thread.task);
    if (address < thread.thread_pointer &&
        address >= thread.thread_pointer - g_runtime.pool.tls_size()) {
      return {LocationSpace::kThreadLocal, {}, task, 0, thread.thread_pointer - address};
    }
    const auto base = reinterpret_cast<uintptr_t>(thread.stack_base);
    return {LocationSpace::kStack, {}, task, 0, base - address};
  }
  const int image = images.Find(address);
  if (image >= 0) {
    return {LocationSpace::kGlobal,
            {},
            static_cast<uint32_t>(image),
            g_runtime.program,
            address - images[image].base};
  }
  return {LocationSpace::kUnknown, {}, 0, 0, address};
}

}  // namespace csim
