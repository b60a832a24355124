#include "sim/runtime/capabilities.h"

#include <algorithm>

#include "sim/runtime/runtime.h"

namespace csim {
namespace {

// The lock that lies at this address; kNoObject if there is none.
ObjectId LockAt(uintptr_t address) {
  for (const ObjectKind kind : {ObjectKind::kMutex, ObjectKind::kRwLock, ObjectKind::kSpinLock}) {
    const ObjectId object = g_runtime.objects().Lookup(address, kind);
    if (object != kNoObject) return object;
  }
  return kNoObject;
}

}  // namespace

uint32_t Capabilities::CountOf(TaskId task, uintptr_t capability) const {
  uint32_t count = 0;
  for (const Held& held : held_) {
    if (held.task == task && held.capability == capability) count += held.count;
  }
  return count;
}

void Capabilities::Acquired(TaskId task, uintptr_t capability, bool shared, uint32_t before,
                            uintptr_t scope, SiteId site) {
  if (CountOf(task, capability) > before) return;
  for (Held& held : held_) {
    if (held.task != task || held.capability != capability || held.scope != scope) continue;
    ++held.count;
    return;
  }
  held_.push_back({task, capability, scope, 1, shared, site});
}

void Capabilities::Released(TaskId task, uintptr_t capability, uint32_t before) {
  if (CountOf(task, capability) < before) return;
  for (Held& held : held_) {
    if (held.task != task || held.capability != capability || held.count == 0) continue;
    if (--held.count == 0) {
      held = held_.back();
      held_.pop_back();
    }
    return;
  }
}

void Capabilities::ReleasedWith(TaskId task, uintptr_t scope) {
  std::erase_if(held_, [&](const Held& held) { return held.task == task && held.scope == scope; });
}

Capabilities::Hold Capabilities::HoldOf(TaskId task, uintptr_t capability) const {
  const ObjectId lock = LockAt(capability);
  if (lock != kNoObject) {
    const HeldLock* held = g_runtime.machine().FindHeld(task, lock);
    if (held != nullptr) return held->mode == LockMode::kShared ? Hold::kShared : Hold::kExclusive;
  }
  Hold best = Hold::kNone;
  for (const Held& held : held_) {
    if (held.task != task || held.capability != capability) continue;
    best = std::max(best, held.shared ? Hold::kShared : Hold::kExclusive);
  }
  return best;
}

Capabilities::Holder Capabilities::OtherHolder(TaskId task, uintptr_t capability) const {
  const Machine& machine = g_runtime.machine();
  const ObjectId lock = LockAt(capability);
  for (TaskId other : machine.live_tasks()) {
    if (other == task || lock == kNoObject) continue;
    const HeldLock* held = machine.FindHeld(other, lock);
    if (held != nullptr) return {other, held->site};
  }
  for (const Held& held : held_) {
    if (held.task != task && held.capability == capability) return {held.task, held.site};
  }
  return {};
}

}  // namespace csim
