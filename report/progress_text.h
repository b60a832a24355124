// How far an exploration is, in a line.
#ifndef CSIM_REPORT_PROGRESS_TEXT_H_
#define CSIM_REPORT_PROGRESS_TEXT_H_

#include <cstdint>
#include <optional>
#include <string>

namespace csim {

// How many executions there will be, as far as can be told.
struct Estimate {
  double executions = 0;
  double error = 0;  // standard error of it
};

struct Progress {
  uint64_t executions = 0;
  uint64_t findings = 0;
  uint64_t depth = 0;  // operations of an execution, on average
  double seconds = 0;
  double earlier_seconds = 0;        // before the exploration was resumed
  std::optional<Estimate> estimate;  // of the total
};

// Executions, rate, depth, findings, time; with an estimate also the total and the time left, each with
// one standard error. Times are about as good as the rate is steady.
std::string ProgressText(const Progress& progress);

}  // namespace csim

#endif  // CSIM_REPORT_PROGRESS_TEXT_H_
