// What a process writes down of itself, and another one reads to become its copy (reuse.h).
#ifndef CSIM_SIM_RUNTIME_MEMORY_IMAGE_H_
#define CSIM_SIM_RUNTIME_MEMORY_IMAGE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "sim/runtime/copy_back.h"

namespace csim {

// Goes on counting when the buffer is full, so that the next one can be large enough.
class ImageWriter {
 public:
  ImageWriter(char* buffer, size_t capacity) : buffer_(buffer), capacity_(capacity) {}
  void Put(const void* data, size_t size) {
    if (used_ + size <= capacity_) memcpy(buffer_ + used_, data, size);
    used_ += size;
  }
  template <typename Value>
  void Put(const Value& value) {
    Put(&value, sizeof value);
  }
  // Memory that is to be the same at the same address.
  void PutMemory(const void* begin, size_t size) {
    if (size == 0) return;
    Put(Part{begin, size});
    Put(begin, size);
  }
  void EndMemory() { Put(Part{nullptr, 0}); }
  size_t used() const { return used_; }
  bool fits() const { return used_ <= capacity_; }

  struct Part {
    const void* begin;
    size_t size;  // 0: no more
  };

 private:
  char* buffer_;
  size_t capacity_;
  size_t used_ = 0;
};

class ImageReader {
 public:
  explicit ImageReader(const char* image) : at_(image) {}
  const char* Take(size_t size) {
    const char* const data = at_;
    at_ += size;
    return data;
  }
  template <typename Value>
  Value Take() {
    Value value;
    memcpy(&value, Take(sizeof value), sizeof value);
    return value;
  }
  // Everything up to EndMemory.
  void TakeMemory() {
    for (;;) {
      const auto part = Take<ImageWriter::Part>();
      if (part.size == 0) return;
      CopyBack(const_cast<void*>(part.begin), Take(part.size), part.size);
    }
  }

 private:
  const char* at_;
};

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_MEMORY_IMAGE_H_
