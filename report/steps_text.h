// The last steps of an execution, one column per task.
#ifndef CSIM_REPORT_STEPS_TEXT_H_
#define CSIM_REPORT_STEPS_TEXT_H_

#include <cstdint>
#include <string>

#include "model/trace/trace.h"

namespace csim {

// The `count` steps up to and including step `last`.
std::string StepsText(const Trace& trace, uint64_t last, size_t count);

// Every line of `text` behind `columns` spaces; ends with a newline.
std::string Indented(const std::string& text, size_t columns);

}  // namespace csim

#endif  // CSIM_REPORT_STEPS_TEXT_H_
