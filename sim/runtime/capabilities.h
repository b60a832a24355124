// Clang's capabilities (locks, roles) that tasks hold in the running execution: what the attributes of a
// program's source say, turned into checks by the source stage.
//
// A capability is named by its address. A task holds it if the machine says so, for what is a lock at that
// address, or if a function that is declared to acquire it has returned and none that releases it has: so
// handmade locks count too. A function that acquires by calling another one that does counts once: what
// its task held when it was entered decides (`before`).
#ifndef CSIM_SIM_RUNTIME_CAPABILITIES_H_
#define CSIM_SIM_RUNTIME_CAPABILITIES_H_

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "model/ids.h"

namespace csim {

class Capabilities {
 public:
  explicit Capabilities(std::pmr::memory_resource* memory) : held_(memory) {}
  void BeginExecution() { held_.clear(); }

  // How often the task has acquired it by functions that are declared to.
  uint32_t CountOf(TaskId task, uintptr_t capability) const;
  // Such a function returns; it was entered when the count was `before`. `scope`: the object (may be 0)
  // whose destructor gives it up.
  void Acquired(TaskId task, uintptr_t capability, bool shared, uint32_t before, uintptr_t scope,
                SiteId site);
  // One that is declared to release it returns.
  void Released(TaskId task, uintptr_t capability, uint32_t before);
  // The scope has ended.
  void ReleasedWith(TaskId task, uintptr_t scope);

  enum class Hold : uint8_t { kNone, kShared, kExclusive };
  struct Holder {
    TaskId task = kNoTask;
    SiteId site = kNoSite;  // where it was taken
  };
  // How the task holds it, in one way or the other.
  Hold HoldOf(TaskId task, uintptr_t capability) const;
  // Somebody else who holds it; kNoTask if there is nobody.
  Holder OtherHolder(TaskId task, uintptr_t capability) const;

 private:
  struct Held {
    TaskId task;
    uintptr_t capability;
    uintptr_t scope;
    uint32_t count;
    bool shared;
    SiteId site;
  };
  std::pmr::vector<Held> held_;
};

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_CAPABILITIES_H_
