#include "report/exploration_text.h"

#include <fmt/format.h>

#include "report/finding_text.h"
#include "report/quoted.h"
#include "report/source_lines.h"

namespace csim {

namespace {

std::string ReplayCommand(const std::string& trace_file) {
  return trace_file.empty() ? "" : "csim replay " + ShellQuoted(trace_file);
}

std::string OutcomesText(const Exploration& e) {
  std::string text =
      fmt::format("{} distinct outcome{}:\n", e.outcomes.size(), e.outcomes.size() == 1 ? "" : "s");
  if (e.native_runs > 0) {
    text += fmt::format("  {:>8} executions and {:>8} runs under the system's scheduler\n",
                        e.executions, e.native_runs);
  }
  for (const FoundOutcome& o : e.outcomes) {
    text += fmt::format("  {:>8} execution{}", o.executions, o.executions == 1 ? " " : "s");
    if (e.native_runs > 0)
      text += fmt::format("     {:>8} run{}", o.native, o.native == 1 ? " " : "s");
    text += fmt::format(" {} (exit {}{})", CQuoted(o.output, 60), o.exit_code,
                        o.outcome == "completed" ? "" : ", " + o.outcome);
    if (!o.trace_file.empty()) text += "   " + ReplayCommand(o.trace_file);
    text += "\n";
  }
  return text;
}

std::string PropertiesText(const Exploration& e) {
  std::string text = "properties:\n";
  for (const CheckedProperty& p : e.properties) {
    text += fmt::format("  {:<24} {:<9} {:>8} execution{}  {}\n", p.name, p.verdict, p.executions,
                        p.executions == 1 ? " " : "s", p.demanded ? "" : "(not demanded)");
    if (!p.message.empty()) text += fmt::format("      {}\n", p.message);
    if (!p.trace_file.empty()) text += fmt::format("      {}\n", ReplayCommand(p.trace_file));
  }
  return text;
}

std::string VerdictLine(const Exploration& e) {
  const std::string more = e.livelock_executions == 0
                               ? ""
                               : fmt::format(", {} more for livelocks", e.livelock_executions);
  const std::string runs = fmt::format("{} execution{}{}, {:.2f} s", e.executions,
                                       e.executions == 1 ? "" : "s", more, e.seconds);
  switch (e.verdict) {
    case Verdict::kBug:
      return fmt::format("csim: bug: {} finding{} ({})\n", e.findings.size(),
                         e.findings.size() == 1 ? "" : "s", runs);
    case Verdict::kClean:
      return fmt::format("csim: clean: proved for this input, exploration complete{} ({})\n",
                         e.no_livelock ? ", no livelock" : "", runs);
    case Verdict::kBounded:
      return fmt::format("csim: bounded: no bug found within the bounds{} ({})\n",
                         e.no_livelock ? ", no livelock" : "", runs);
    case Verdict::kError: return fmt::format("csim: error: {}\n", e.error);
  }
  return "";
}

}  // namespace

std::string ExplorationText(const Exploration& e, bool quiet) {
  std::string text;
  if (!quiet) {
    SourceLines source;
    for (const FoundFinding& f : e.findings)
      text += FindingText(f, ReplayCommand(f.trace_file), source, e.compare);
    for (const FoundFinding& f : e.information) {
      if (!f.reason.empty()) {
        text += fmt::format("csim: note: unconfirmed: {} ({})\n", f.finding.message, f.reason);
        continue;
      }
      if (f.finding.kind == "unguarded") {
        text +=
            fmt::format("csim: advice: {} Something else orders them so far.\n", f.finding.message);
        continue;
      }
      text += fmt::format("csim: note: {}", f.finding.message);
      if (!f.measure) text += fmt::format(" ({} execution{})", f.times, f.times == 1 ? "" : "s");
      if (!f.trace_file.empty()) text += "   " + ReplayCommand(f.trace_file);
      text += "\n";
    }
    for (const FoundFinding& f : e.limits) {
      text += fmt::format("csim: limit: {} ({} execution{})\n", f.finding.message, f.times,
                          f.times == 1 ? "" : "s");
    }
    if (!e.properties.empty()) text += PropertiesText(e);
    if (e.with_outcomes) text += OutcomesText(e);
    for (const std::string& b : e.bounds) text += fmt::format("csim: bound: {}\n", b);
    if (!e.resume.empty()) text += fmt::format("csim: go on: {}\n", e.resume);
  }
  return text + VerdictLine(e);
}

}  // namespace csim
