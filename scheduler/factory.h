// All strategies by name. This is the only header that knows them all.
//
// auto, sleep-sets: every trace once, depth first; executions that repeat one end early
// dpor: every trace once, none in vain
// dfs: every choice at every scheduling point; honours the preemption bound
// random: uniform random walks; seed and number of executions
// round-robin: one execution, a switch after every operation
// replay: one execution that follows a schedule
#ifndef CSIM_SCHEDULER_FACTORY_H_
#define CSIM_SCHEDULER_FACTORY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <string_view>

#include "model/schedule.h"
#include "scheduler/strategy.h"

namespace csim {

struct StrategyOptions {
  std::string_view name = "dfs";
  uint64_t seed = 1;
  uint64_t executions = 1000;                // random: how many
  std::optional<uint32_t> preemptions = {};  // dfs: at most so many
  const Schedule* schedule = nullptr;        // replay: what to follow; copied
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

}  // namespace csim

#endif  // CSIM_SCHEDULER_FACTORY_H_
