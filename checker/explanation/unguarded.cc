#include "checker/explanation/unguarded.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "checker/explanation/guards.h"

namespace csim {
namespace {

using Accesses = std::vector<const TraceAccess*>;

// Accesses to the same bytes, in the order in which the program came to them first.
std::vector<Accesses> ByBytes(const Trace& trace) {
  std::vector<Accesses> groups;
  std::map<std::pair<uint64_t, uint8_t>, size_t> known;
  for (const TraceAccess& a : trace.accesses) {
    const auto [it, is_new] = known.try_emplace({a.granule, a.mask}, groups.size());
    if (is_new) groups.emplace_back();
    groups[it->second].push_back(&a);
  }
  return groups;
}

// Whether a lock could be asked for: several tasks use it, one of them writes.
bool IsShared(const Trace& trace, const Accesses& accesses) {
  std::set<int> tasks;
  bool written = false;
  for (const TraceAccess* a : accesses) {
    if (a->is_atomic) return false;
    if (!OthersAreThere(trace, *a)) continue;
    tasks.insert(a->task);
    written |= a->is_write;
  }
  return written && tasks.size() > 1;
}

std::string VariableOf(const Trace& trace, const Accesses& accesses) {
  for (const TraceAccess* a : accesses) {
    const std::string& name = trace.access_places[a->place].variable;
    if (!name.empty()) return name;
  }
  return "";
}

}  // namespace

std::vector<Finding> FindUnguarded(const Trace& trace) {
  std::vector<Finding> result;
  std::set<std::string> said;
  for (const Accesses& accesses : ByBytes(trace)) {
    if (!IsShared(trace, accesses)) continue;
    const std::optional<Guard> guard = MissedGuard(trace, accesses);
    if (!guard || guard->sites - guard->unguarded.size() < 2) continue;
    Finding f;
    f.kind = "unguarded";
    f.variable = VariableOf(trace, accesses);
    f.message = GuardSentence(trace, *guard, f.variable);
    if (!said.insert(f.message).second) continue;
    for (const TraceAccess* a : guard->accesses) {
      const AccessContext& context = trace.access_contexts[a->context];
      f.sides.push_back({.task = a->task,
                         .access = a->is_write ? "write" : "read",
                         .place = trace.access_places[a->place],
                         .stack = context.stack,
                         .locks = context.locks});
    }
    result.push_back(std::move(f));
  }
  return result;
}

}  // namespace csim
