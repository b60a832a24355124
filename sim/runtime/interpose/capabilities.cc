// Thread-safety attributes at run time: the checks that the source stage has put in (sim/abi).
#include "sim/runtime/capabilities.h"

#include <cstdio>

#include "sim/abi/csim_abi.h"
#include "sim/runtime/entry.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/reports.h"

using namespace csim;

namespace {

using Hold = Capabilities::Hold;

uintptr_t PointerOf(const void* capability) { return reinterpret_cast<uintptr_t>(capability); }

Capabilities& Held() { return g_runtime.shared->capabilities; }

// `state`: what is wrong about it, behind the name of the task.
[[noreturn]] void Fail(const void* capability, const char* text, const char* state) {
  char task[16] = "main";
  const TaskId self = g_runtime.current();
  if (self != kMainTask) snprintf(task, sizeof task, "T%u", Index(self));
  char message[512];
  snprintf(message, sizeof message, "%s, which %s %s", text,
           g_runtime.machine().process_count() == 1 ? task : "the task", state);
  const Capabilities::Holder other = Held().OtherHolder(self, PointerOf(capability));
  ReportContract(message, other.task, other.site);
}

void Require(const void* capability, int shared, const char* text) {
  const Hold hold = Held().HoldOf(g_runtime.current(), PointerOf(capability));
  if (hold == Hold::kNone) Fail(capability, text, "does not hold");
  if (hold == Hold::kShared && shared == 0) Fail(capability, text, "holds in shared mode only");
}

// What a function expects of its caller is missing there.
void BlameCaller() {
  const csim_context* here = csim_state_v1.context;
  if (here->parent == nullptr || here->call_site == nullptr) return;
  csim_state_v1.call_site = here->call_site;
  csim_state_v1.context = here->parent;
}

}  // namespace

CSIM_INTERPOSE void csim_capability_required(const void* capability, int shared, const char* text) {
  if (!g_runtime.Active()) return;
  OnRuntimeStack([&] { Require(capability, shared, text); });
}

CSIM_INTERPOSE void csim_capability_expected(const void* capability, int shared, const char* text) {
  if (!g_runtime.Active()) return;
  const Hold hold = Held().HoldOf(g_runtime.current(), PointerOf(capability));
  if (hold == Hold::kExclusive || (hold == Hold::kShared && shared != 0)) return;
  BlameCaller();
  OnRuntimeStack([&] { Require(capability, shared, text); });
}

CSIM_INTERPOSE void csim_capability_excluded(const void* capability, const char* text) {
  if (!g_runtime.Active()) return;
  if (Held().HoldOf(g_runtime.current(), PointerOf(capability)) == Hold::kNone) return;
  BlameCaller();
  OnRuntimeStack([&] { Fail(capability, text, "holds"); });
}

CSIM_INTERPOSE unsigned csim_capability_count(const void* capability) {
  return g_runtime.Active() ? Held().CountOf(g_runtime.current(), PointerOf(capability)) : 0;
}

CSIM_INTERPOSE void csim_capability_acquired(const void* capability, int shared, unsigned before,
                                             const void* scope) {
  if (!g_runtime.Active()) return;
  OnRuntimeStack([&] {
    const csim_context* here = csim_state_v1.context;
    Held().Acquired(g_runtime.current(), PointerOf(capability), shared != 0, before,
                    PointerOf(scope), g_runtime.shared->contexts->SiteOf(here->call_site));
  });
}

CSIM_INTERPOSE void csim_capability_released(const void* capability, unsigned before) {
  if (!g_runtime.Active()) return;
  OnRuntimeStack([&] { Held().Released(g_runtime.current(), PointerOf(capability), before); });
}

CSIM_INTERPOSE void csim_capability_scope_ended(const void* scope) {
  if (!g_runtime.Active()) return;
  OnRuntimeStack([&] { Held().ReleasedWith(g_runtime.current(), PointerOf(scope)); });
}
