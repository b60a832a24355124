#include "report/progress_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace csim {

namespace {

std::string TimeText(double seconds) {
  if (seconds < 120) return fmt::format("{:.0f} s", seconds);
  if (seconds < 7200) return fmt::format("{:.0f} min", seconds / 60);
  if (seconds < 48 * 3600) return fmt::format("{:.0f} h", seconds / 3600);
  return fmt::format("{:.2g} days", seconds / 86400);
}

std::string EstimateText(const Estimate& estimate, double executions, double rate) {
  std::string text = fmt::format(" of about {:.3g} ± {:.2g}", estimate.executions, estimate.error);
  if (rate <= 0) return text;
  const double left = std::max(estimate.executions - executions, 0.0) / rate;
  return text + fmt::format(", {} ± {} left", TimeText(left), TimeText(estimate.error / rate));
}

}  // namespace

std::string ProgressText(const Progress& p) {
  const auto executions = static_cast<double>(p.executions);
  const double seconds = p.earlier_seconds + p.seconds;
  const double rate = seconds > 0 ? executions / seconds : 0;
  return fmt::format("{} executions{}, {:.0f}/s, depth {}, {} finding{}, {:.1f} s", p.executions,
                     p.estimate ? EstimateText(*p.estimate, executions, rate) : "", rate, p.depth,
                     p.findings, p.findings == 1 ? "" : "s", seconds);
}

}  // namespace csim
