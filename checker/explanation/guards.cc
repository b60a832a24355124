#include "checker/explanation/guards.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "checker/explanation/object_text.h"
#include "model/trace/user_code.h"

namespace csim {
namespace {

struct Site {
  Place place;
  std::set<int> locks;  // held each time
  const TraceAccess* first;
  std::map<int, const TraceAccess*> without;  // by lock that the first had: one that has it not
};

}  // namespace

bool OthersAreThere(const Trace& trace, const TraceAccess& a) {
  if (a.events == 0 || a.events > trace.events.size()) return false;
  const auto& tasks = trace.events[a.events - 1].tasks;
  if (tasks.empty()) return true;  // not known
  for (size_t t = 0; t < tasks.size(); ++t) {
    if (static_cast<int>(t) != a.task && tasks[t].situation != TaskSituation::kTerminated)
      return true;
  }
  return false;
}

std::optional<Bytes> BytesOf(const Trace& trace, const Side& side) {
  for (const TraceAccess& a : trace.accesses) {
    if (a.task != side.task || trace.access_places[a.place] != side.place) continue;
    if (trace.access_contexts[a.context].stack == side.stack) return Bytes{a.granule, a.mask};
  }
  return {};
}

std::optional<Guard> MissedGuard(const Trace& trace, uint64_t granule, uint8_t mask) {
  std::vector<const TraceAccess*> accesses;
  for (const TraceAccess& a : trace.accesses) {
    if (a.granule == granule && (a.mask & mask) != 0) accesses.push_back(&a);
  }
  return MissedGuard(trace, accesses);
}

std::optional<Guard> MissedGuard(const Trace& trace,
                                 const std::vector<const TraceAccess*>& accesses) {
  std::map<std::tuple<std::string, uint32_t, uint32_t>, Site> sites;
  std::set<int> all_locks;
  for (const TraceAccess* a : accesses) {
    if (!OthersAreThere(trace, *a)) continue;
    const AccessContext& context = trace.access_contexts[a->context];
    const Place place = UserPlace(trace.access_places[a->place], context.stack);
    std::set<int> held;
    for (const Lock& l : context.locks) held.insert(l.object);
    const auto [it, is_new] = sites.try_emplace(
        {place.user_file(), place.user_line(), place.column}, Site{place, held, a, {}});
    Site& site = it->second;
    for (const int lock : site.locks) {
      if (held.count(lock) == 0) site.without.try_emplace(lock, a);
    }
    std::erase_if(site.locks, [&](int lock) { return held.count(lock) == 0; });
    all_locks.insert(held.begin(), held.end());
  }
  std::optional<Guard> best;
  for (const int lock : all_locks) {
    Guard guard{lock, sites.size(), {}, {}};
    for (const auto& [key, site] : sites) {
      if (site.locks.count(lock) != 0) continue;
      guard.unguarded.push_back(site.place);
      const auto without = site.without.find(lock);
      guard.accesses.push_back(without == site.without.end() ? site.first : without->second);
    }
    const size_t guarded = sites.size() - guard.unguarded.size();
    if (guard.unguarded.empty() || 2 * guarded <= sites.size()) continue;
    if (!best || guard.unguarded.size() < best->unguarded.size()) best = std::move(guard);
  }
  return best;
}

std::string GuardSentence(const Trace& trace, const Guard& guard, const std::string& variable) {
  std::string where;
  for (const Place& p : guard.unguarded) {
    where += fmt::format("{}{}:{}", where.empty() ? "" : ", ", p.user_file(), p.user_line());
    if (!p.function.empty()) where += fmt::format(" ({})", p.function);
  }
  return fmt::format("{} is guarded by {} at {} of {} sites, not at {}.",
                     variable.empty() ? "The memory" : variable, ObjectText(trace, guard.lock),
                     guard.sites - guard.unguarded.size(), guard.sites, where);
}

}  // namespace csim
