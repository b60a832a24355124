// A failing execution beside one that passes: the steps from where they part.
#ifndef CSIM_REPORT_COMPARE_TEXT_H_
#define CSIM_REPORT_COMPARE_TEXT_H_

#include <string>

#include "report/exploration.h"

namespace csim {

// Empty if no passing execution is known.
std::string CompareText(const FoundFinding& found);

}  // namespace csim

#endif  // CSIM_REPORT_COMPARE_TEXT_H_
