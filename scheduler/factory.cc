#include "scheduler/factory.h"

#include <new>
#include <utility>

#include "scheduler/auto_frontier.h"
#include "scheduler/continuations.h"
#include "scheduler/dfs.h"
#include "scheduler/dpor.h"
#include "scheduler/dpor_frontier.h"
#include "scheduler/fair_cycles.h"
#include "scheduler/pct.h"
#include "scheduler/pos.h"
#include "scheduler/preemption_bounded.h"
#include "scheduler/random.h"
#include "scheduler/reads_from.h"
#include "scheduler/replay.h"
#include "scheduler/round_robin.h"
#include "scheduler/sampling_frontier.h"
#include "scheduler/single_frontier.h"
#include "scheduler/sleep_sets.h"
#include "scheduler/state.h"
#include "scheduler/surw.h"

namespace csim {
namespace {

template <typename T, typename... Arguments>
StrategyPtr Place(std::pmr::memory_resource* memory, Arguments&&... arguments) {
  void* storage = memory->allocate(sizeof(T), alignof(T));
  Strategy* strategy = new (storage) T(std::forward<Arguments>(arguments)...);
  return StrategyPtr(strategy, StrategyDeleter{memory, sizeof(T), alignof(T)});
}

}  // namespace

void StrategyDeleter::operator()(Strategy* strategy) const {
  strategy->~Strategy();
  memory->deallocate(strategy, size, alignment);
}

bool Samples(std::string_view strategy) {
  return strategy == "random" || strategy == "pct" || strategy == "pos" || strategy == "surw" ||
         strategy == "reads-from";
}

StrategyPtr MakeStrategy(const StrategyOptions& options, std::pmr::memory_resource* memory,
                         const char** error) {
  *error = nullptr;
  if (options.name == "dfs") {
    return Place<DfsStrategy>(memory, memory, options.preemptions.value_or(DfsStrategy::kNoBound));
  }
  if (options.name == "sleep-sets") {
    // Preemption bounds and sleep sets do not go together (the bound hides what a sleeper relies on).
    if (options.preemptions) return Place<DfsStrategy>(memory, memory, *options.preemptions);
    return Place<SleepSetStrategy>(memory, memory);
  }
  const bool bounded_auto = options.name == "auto" && options.preemptions;
  if (options.name == "preemption-bounded" || bounded_auto) {
    return Place<PreemptionBoundedStrategy>(memory, memory,
                                            options.preemptions.value_or(DfsStrategy::kNoBound));
  }
  if (options.name == "dpor" || options.name == "auto") {
    if (!options.preemptions) return Place<DporStrategy>(memory, memory);
    *error = "strategy dpor knows no preemption bound; dfs and preemption-bounded do";
    return {};
  }
  if (options.name == "random") {
    return Place<RandomStrategy>(memory, memory, options.seed, options.executions);
  }
  if (options.name == "pct") {
    return Place<PctStrategy>(memory, memory, options.seed, options.executions,
                              options.depth.value_or(PctStrategy::kDefaultDepth));
  }
  if (options.name == "pos") {
    return Place<PosStrategy>(memory, memory, options.seed, options.executions);
  }
  if (options.name == "surw") {
    return Place<SurwStrategy>(memory, memory, options.seed, options.executions);
  }
  if (options.name == "reads-from") {
    return Place<ReadsFromStrategy>(memory, memory, options.seed, options.executions);
  }
  if (options.name == "fair-cycles") {
    return Place<FairCyclesStrategy>(memory, memory, options.executions);
  }
  if (options.name == "round-robin") return Place<RoundRobinStrategy>(memory);
  if (options.name == "replay") {
    if (options.schedule != nullptr)
      return Place<ReplayStrategy>(memory, memory, *options.schedule);
    *error = "strategy replay needs a schedule";
    return {};
  }
  if (options.name == "continuations" && options.schedule != nullptr) {
    return Place<ContinuationsStrategy>(memory, memory, *options.schedule);
  }
  *error =
      "there is no strategy of this name; there are auto, dfs, sleep-sets, dpor, "
      "preemption-bounded, random, pct, pos, surw, reads-from, fair-cycles, round-robin and replay";
  return {};
}

std::unique_ptr<Frontier> MakeFrontier(const StrategyOptions& options) {
  if (options.name == "auto" && !options.preemptions) {
    StrategyOptions exhaustive = options;
    exhaustive.name = "dpor";
    StrategyOptions simpler = options;
    simpler.name = "sleep-sets";
    return std::make_unique<AutoFrontier>(MakeFrontier(exhaustive), MakeFrontier(simpler));
  }
  if (options.name == "dpor" && !options.preemptions) return std::make_unique<DporFrontier>();
  // Its executions depend on what those before have shown, so that it cannot be taken apart.
  const bool in_one = options.name == "reads-from";
  if (Samples(options.name) && !in_one) {
    return std::make_unique<SamplingFrontier>(std::string(options.name), options.executions);
  }
  const char* error = nullptr;
  const StrategyPtr strategy = MakeStrategy(options, std::pmr::new_delete_resource(), &error);
  StateWriter unused;
  const bool parts = strategy != nullptr && strategy->Save(unused);
  return std::make_unique<SingleFrontier>(std::string(options.name),
                                          parts ? SingleFrontier::kExecutions : kUnlimited);
}

}  // namespace csim
