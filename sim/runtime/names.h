// Names of what processes share, as objects of the machine: each work on a name is an operation, so that
// who makes, removes or finds it first is explored.
//
// The work is done when the task has been chosen (kNameLook, kNameChange). A name is given as a hash of
// its space ("shm", "file", ...) and its text: the same in every execution and in every process.
#ifndef CSIM_SIM_RUNTIME_NAMES_H_
#define CSIM_SIM_RUNTIME_NAMES_H_

#include <cstdint>

namespace csim {

enum class NameHash : uint64_t {};
inline constexpr NameHash kNoName{0};
// `space` and `text` end with 0.
NameHash HashName(const char* space, const char* text);
NameHash HashName(const char* space, uint64_t number);

// `work` gives a result or a negative errno, and does not come to a scheduling point itself.
using NameWork = long (*)(void* context);
long LookAtName(NameHash name, NameWork work, void* context);
// `second`: another name that it concerns. Work that fails has changed nothing.
long ChangeName(NameHash name, NameHash second, NameWork work, void* context);

// The same for anything that can be called.
template <typename Work>
long LookAtName(NameHash name, Work work) {
  return LookAtName(name, [](void* w) -> long { return (*static_cast<Work*>(w))(); }, &work);
}
template <typename Work>
long ChangeName(NameHash name, Work work, NameHash second = kNoName) {
  return ChangeName(
      name, second, [](void* w) -> long { return (*static_cast<Work*>(w))(); }, &work);
}

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_NAMES_H_
