// The whole result of an exploration as text, and the outcomes table.
#ifndef CSIM_REPORT_EXPLORATION_TEXT_H_
#define CSIM_REPORT_EXPLORATION_TEXT_H_

#include <string>

#include "report/exploration.h"

namespace csim {

// All findings, outcomes, bounds, and the verdict in the last line. `quiet`: the verdict only.
std::string ExplorationText(const Exploration& exploration, bool quiet);

}  // namespace csim

#endif  // CSIM_REPORT_EXPLORATION_TEXT_H_
