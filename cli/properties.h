// Programs that state properties (include/csim/lock_spec.h): csim explores each property by itself.
#ifndef CSIM_CLI_PROPERTIES_H_
#define CSIM_CLI_PROPERTIES_H_

#include <functional>
#include <string>
#include <vector>

#include "cli/explorer.h"
#include "cli/options.h"
#include "report/exploration.h"
#include "report/progress_text.h"
#include "sim/host/result.h"

namespace csim {

struct StatedProperty {
  std::string name;
  std::string text;
  uint32_t flags = 0;  // kProperty...
};

// What the program says when it is run once to be asked; empty if it states none after all.
Result<std::vector<StatedProperty>> ListProperties(const Program& program,
                                                   const ExploreOptions& options);

// Explores each of `stated`, or only options.property, and puts the results together: a bug is a demanded
// property that does not hold.
Result<Exploration> ExploreProperties(const Program& program, const ExploreOptions& options,
                                      const std::vector<StatedProperty>& stated,
                                      const std::function<void(const Progress&)>& progress);

}  // namespace csim

#endif  // CSIM_CLI_PROPERTIES_H_
