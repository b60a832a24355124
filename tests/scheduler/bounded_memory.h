// A memory resource for tests: counts what it has given out, poisons what it gives and what it gets
// back, and makes sure that nobody uses the default resource meanwhile.
#ifndef CSIM_TESTS_SCHEDULER_BOUNDED_MEMORY_H_
#define CSIM_TESTS_SCHEDULER_BOUNDED_MEMORY_H_

#include <cstdlib>
#include <cstring>
#include <memory_resource>

namespace csim {

class BoundedMemory : public std::pmr::memory_resource {
 public:
  BoundedMemory() { std::pmr::set_default_resource(std::pmr::null_memory_resource()); }
  ~BoundedMemory() override { std::pmr::set_default_resource(nullptr); }

  size_t used() const { return used_; }
  size_t allocations() const { return allocations_; }

 private:
  void* do_allocate(size_t size, size_t alignment) override {
    used_ += size;
    ++allocations_;
    void* p = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    return std::memset(p, 0xcd, size);
  }
  void do_deallocate(void* p, size_t size, size_t) override {
    used_ -= size;
    std::memset(p, 0xdd, size);
    std::free(p);
  }
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }

  size_t used_ = 0;
  size_t allocations_ = 0;
};

}  // namespace csim

#endif  // CSIM_TESTS_SCHEDULER_BOUNDED_MEMORY_H_
