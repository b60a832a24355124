// A finding as text, in the manner of ThreadSanitizer's reports, with code lines and the last steps.
#ifndef CSIM_REPORT_FINDING_TEXT_H_
#define CSIM_REPORT_FINDING_TEXT_H_

#include <string>

#include "report/exploration.h"
#include "report/source_lines.h"

namespace csim {

// `replay`: the command that replays it; empty if there is no trace.
// `compare`: beside the nearest execution without it.
std::string FindingText(const FoundFinding& found, const std::string& replay, SourceLines& source,
                        bool compare = false);

// "file.cpp:7:9"; "an unknown place".
std::string PlaceText(const Place& place);
// "T1 (worker, started at bank.cpp:31)".
std::string TaskText(const Trace& trace, int task);

}  // namespace csim

#endif  // CSIM_REPORT_FINDING_TEXT_H_
