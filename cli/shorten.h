// Makes the trace of a finding as simple as can be: fewest preemptions, then fewest switches.
//
// A search of the program by rising preemption bounds comes first; then the events of what it found are
// put in the order with the fewest switches (checker/prediction). Only what a real run shows counts.
#ifndef CSIM_CLI_SHORTEN_H_
#define CSIM_CLI_SHORTEN_H_

#include <functional>

#include "cli/runner.h"
#include "report/exploration.h"
#include "sim/host/search.h"

namespace csim {

// What is needed to look at one finding again: the program, how it is run, and how it was found.
struct FindingContext {
  const Program& program;
  const ProgramFile& file;
  SearchOptions search;           // as the finding was found
  std::vector<LocationKey> racy;  // that were scheduling points then
};

// Puts a better trace into `found`, if there is one. REQUIRES: found.confirmed.
void Shorten(const FindingContext& context, FoundFinding& found);

// Puts the finding of this signature first in the trace. False if the trace does not have it.
bool PutFirst(const std::string& signature, Trace& trace);

}  // namespace csim

#endif  // CSIM_CLI_SHORTEN_H_
