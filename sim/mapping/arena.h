// A memory resource over one fixed piece of the shared mapping: size-class free lists over a bump
// pointer. What it gives out is at the same address in every process of an exploration and survives
// the death of any of them. Never calls malloc, never locks: only the process that holds the gate
// uses it.
#ifndef CSIM_SIM_MAPPING_ARENA_H_
#define CSIM_SIM_MAPPING_ARENA_H_

#include <cstddef>
#include <cstdint>
#include <memory_resource>

namespace csim {

class Arena : public std::pmr::memory_resource {
 public:
  Arena(char* begin, size_t size) : begin_(begin), next_(begin), end_(begin + size) {}

  // Bytes taken from the bump pointer so far (freed blocks included).
  size_t used() const { return static_cast<size_t>(next_ - begin_); }

  // Called when the piece is full; must not return. The runtime sets it to something that names the
  // limit; the default traps.
  void (*on_full)() = nullptr;

 private:
  static constexpr int kClasses = 48;
  struct FreeBlock {
    FreeBlock* next;
  };

  // Size classes: powers of two from 16 bytes on.
  static int ClassOf(size_t bytes) {
    if (bytes <= 16) return 0;
    return 60 - __builtin_clzll(bytes - 1);
  }
  static size_t SizeOf(int size_class) { return size_t{16} << size_class; }

  void* do_allocate(size_t bytes, size_t alignment) override;
  void do_deallocate(void* p, size_t bytes, size_t alignment) override;
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }

  char* begin_;
  char* next_;
  char* end_;
  FreeBlock* free_[kClasses] = {};
};

}  // namespace csim

#endif  // CSIM_SIM_MAPPING_ARENA_H_
