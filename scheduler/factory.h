// All strategies by name. This is the only header that knows them all.
//
// dfs          every choice at every scheduling point; honours the preemption bound
// sleep-sets   every Mazurkiewicz trace once; dfs under a preemption bound
// dpor         the same, and no execution is begun in vain; knows no preemption bound
// auto         several of these side by side (auto_frontier.h); as a strategy alone, dpor;
//              preemption-bounded if there is a bound
// preemption-bounded  every schedule with k preemptions before any with k + 1
// random       uniform random walks
// pct          random priorities, dropped at random steps
// pos          random scores of operations, drawn anew after a dependent one
// surw         random walks that are uniform over the interleavings of a selection of operations
// reads-from   brings about what reads have not seen before
// fair-cycles  every state once, instead of every execution: finds livelocks
// round-robin  one execution, a switch after every operation
// replay       one execution that follows a schedule
// continuations  all that can follow a schedule
#ifndef CSIM_SCHEDULER_FACTORY_H_
#define CSIM_SCHEDULER_FACTORY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <string_view>

#include "model/schedule.h"
#include "scheduler/frontier.h"
#include "scheduler/strategy.h"

namespace csim {

// True for the strategies that draw executions at random and never come to an end by themselves.
bool Samples(std::string_view strategy);
inline constexpr uint64_t kSampledExecutions = 1000;  // if nobody says how many

struct StrategyOptions {
  std::string_view name = "dfs";
  uint64_t seed = 1;
  uint64_t executions = kSampledExecutions;  // of a strategy that samples: how many
  std::optional<uint32_t> preemptions = {};  // dfs, preemption-bounded: at most so many
  std::optional<uint32_t> depth = {};        // pct: of the bugs it looks for
  const Schedule* schedule = nullptr;        // replay, continuations: what to follow; copied
};

// Gives a strategy back to the memory that it was placed in.
struct StrategyDeleter {
  std::pmr::memory_resource* memory = nullptr;
  size_t size = 0;
  size_t alignment = 0;
  void operator()(Strategy* strategy) const;
};
using StrategyPtr = std::unique_ptr<Strategy, StrategyDeleter>;

// A new strategy, placed in `memory` like all that it will need. Null if there is no strategy of
// that name or an option that it needs is missing; `*error` then says what is wrong.
StrategyPtr MakeStrategy(const StrategyOptions& options, std::pmr::memory_resource* memory,
                         const char** error);

// The frontier of a search by the strategy of that name. REQUIRES: MakeStrategy knows it.
std::unique_ptr<Frontier> MakeFrontier(const StrategyOptions& options);

}  // namespace csim

#endif  // CSIM_SCHEDULER_FACTORY_H_
