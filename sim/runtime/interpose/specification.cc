// The properties that a program states, and what it measures (sim/abi/csim_abi.h).
#include <string.h>

#include "sim/abi/csim_abi.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/runtime.h"

using namespace csim;

static_assert(CSIM_PROPERTY_REACHED == kPropertyReached);
static_assert(CSIM_PROPERTY_VIRTUAL_TIME == kPropertyVirtualTime);
static_assert(CSIM_PROPERTY_NOT_DEMANDED == kPropertyNotDemanded);
static_assert(CSIM_PROPERTY_IGNORES_RACES == kPropertyIgnoresRaces);
static_assert(CSIM_PROPERTY_IGNORES_DEADLOCKS == kPropertyIgnoresDeadlocks);

namespace {

void CopyText(char* to, size_t size, const char* from) {
  memset(to, 0, size);
  if (from != nullptr) strncpy(to, from, size - 1);
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

unsigned csim_properties(const csim_property* list, unsigned count) {
  if (!g_runtime.Active()) return count;
  Mapping* const mapping = g_runtime.mapping;
  mapping->control.property_count = count < kMaxProperties ? count : kMaxProperties;
  for (unsigned i = 0; i < mapping->control.property_count; ++i) {
    PropertyRecord& record = mapping->properties[i];
    CopyText(record.name, sizeof record.name, list[i].name);
    CopyText(record.text, sizeof record.text, list[i].text);
    record.flags = list[i].flags;
  }
  const char* const wanted = g_runtime.config().property;
  if (wanted[0] == 0) return 0;
  for (unsigned i = 0; i < count; ++i) {
    if (strcmp(list[i].name, wanted) == 0) return i;
  }
  return count;
}

void csim_measure(const char* what, uint64_t value) {
  if (g_runtime.Active()) {
    g_runtime.shared->findings.Measure(FindingKind::kStarvation, what, value);
  }
}

}  // extern "C"
#pragma GCC visibility pop
