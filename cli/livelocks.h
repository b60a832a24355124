// The search for livelocks of several tasks that follows an exploration without a bug (scheduler/fair_cycles.h).
#ifndef CSIM_CLI_LIVELOCKS_H_
#define CSIM_CLI_LIVELOCKS_H_

#include <string>
#include <vector>

#include "cli/options.h"
#include "sim/host/program_file.h"
#include "sim/host/search.h"

namespace csim {

// So many executions at most; so the answer does not depend on how fast the machine is (but for the time limit).
inline constexpr uint64_t kLivelockExecutions = 20000;

// Whether such a search belongs to an exploration with these options: to `auto`, unless it is asked for less.
bool BelongsToExploration(const ExploreOptions& options);
// Whether the exploration leaves the question open: no bug, but tasks that went round in vain, or executions without an
// end.
bool LeavesLivelocksOpen(const SearchResult& explored);

// Makes the options of an exploration those of the search for livelocks that follows it. `racy`: plain accesses there are
// scheduling points; `seconds`: what the exploration has taken.
void MakeLivelockSearch(const ExploreOptions& given, const std::vector<LocationKey>& racy,
                        double seconds, SearchOptions* options);

// A schedule that ends with a round of the cycle, with as many more rounds as it may take until the state is the same: what is
// left in unused parts of stacks may be different at first, and not be the same in another process.
std::vector<ScheduleRun> WithMoreRounds(std::vector<ScheduleRun> schedule, Cycle cycle);

// What the search has left out, and why as far as that is known; empty: nothing.
std::string LivelockBound(const SearchResult& searched, const ProgramFile& program);

}  // namespace csim

#endif  // CSIM_CLI_LIVELOCKS_H_
