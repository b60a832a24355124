// Puts memory back to what it was, and leaves alone what is as it was: a page that is written costs a
// process that has forked a copy of it.
#ifndef CSIM_SIM_RUNTIME_COPY_BACK_H_
#define CSIM_SIM_RUNTIME_COPY_BACK_H_

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace csim {

inline void CopyBack(void* to, const void* from, size_t size) {
  constexpr size_t kPage = 4096;
  for (size_t done = 0; done < size; done += kPage) {
    char* const part = static_cast<char*>(to) + done;
    const char* const was = static_cast<const char*>(from) + done;
    const size_t n = std::min(kPage, size - done);
    if (memcmp(part, was, n) != 0) memcpy(part, was, n);
  }
}

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_COPY_BACK_H_
