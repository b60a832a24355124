// The program's loaded images: where their writable data, code and thread-local data lie.
#ifndef CSIM_SIM_RUNTIME_IMAGES_H_
#define CSIM_SIM_RUNTIME_IMAGES_H_

#include <cstddef>
#include <cstdint>

namespace csim {

struct Range {
  uintptr_t begin = 0;
  uintptr_t end = 0;
  bool Contains(uintptr_t a) const { return a >= begin && a < end; }
  size_t size() const { return end - begin; }
};

struct Image {
  uintptr_t base = 0;
  Range whole;
  Range writable[4];  // without what is read-only after relocation
  int writable_count = 0;
  bool ours = false;         // libcsim_runtime itself
  bool interpreter = false;  // ld.so: never snapshot, its state belongs to the kernel threads
};

inline constexpr int kMaxImages = 64;

// Image 0 is the program itself. Filled once, before main.
class Images {
 public:
  void Scan();
  int count() const { return count_; }
  const Image& operator[](int i) const { return images_[i]; }
  // Number of the image whose memory contains the address; -1 if none does.
  int Find(uintptr_t address) const;
  // Size in bytes of the thread-local data below the thread pointer, all images together.
  size_t tls_size() const { return tls_size_; }
  // How often a library had been loaded or unloaded when this was filled.
  uint64_t library_changes() const { return library_changes_; }

 private:
  Image images_[kMaxImages] = {};
  int count_ = 0;
  size_t tls_size_ = 0;
  uint64_t library_changes_ = 0;
};

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_IMAGES_H_
