// The result of an exploration as JSON (DESIGN.md section 7): version 1, keys may be added, never
// changed.
#ifndef CSIM_REPORT_EXPLORATION_JSON_H_
#define CSIM_REPORT_EXPLORATION_JSON_H_

#include <string>

#include "report/exploration.h"

namespace csim {

std::string ExplorationJson(const Exploration& exploration);

}  // namespace csim

#endif  // CSIM_REPORT_EXPLORATION_JSON_H_
