// Descriptors of the runtime's own, at numbers that no program comes to.
#ifndef CSIM_SIM_RUNTIME_HIDDEN_FILES_H_
#define CSIM_SIM_RUNTIME_HIDDEN_FILES_H_

#include <cstddef>

namespace csim {

// They are numbered from here on.
inline constexpr int kHiddenDescriptors = 512;

// The same file at a hidden number, closed when a program is executed; `fd` is closed. Where the system allows no such
// number, `fd` itself.
int HideDescriptor(int fd);
// A new anonymous file of this size, at a hidden number. Negative errno if there is none to be had.
int MakeHiddenFile(const char* name, size_t size);

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_HIDDEN_FILES_H_
