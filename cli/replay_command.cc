#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "cli/commands.h"
#include "cli/explorer.h"
#include "cli/options.h"
#include "cli/runner.h"
#include "cli/write_file.h"
#include "model/trace/trace_file.h"
#include "report/event_text.h"
#include "report/finding_text.h"
#include "report/steps_text.h"
#include "sim/host/trace_reader.h"

namespace csim {

namespace {

std::string EventLine(const Trace& trace, const TraceEvent& e) {
  return fmt::format("{}: {} at {}", TaskText(trace, e.task), EventText(trace, e),
                     PlaceText(e.place));
}

// Where the two executions part; empty if they do not.
std::string Divergence(const Trace& recorded, const Trace& now) {
  const size_t n = std::min(recorded.events.size(), now.events.size());
  for (size_t i = 0; i < n; ++i) {
    const TraceEvent& a = recorded.events[i];
    const TraceEvent& b = now.events[i];
    if (a.task == b.task && a.operation == b.operation && a.place == b.place &&
        a.alternative == b.alternative && a.blocked == b.blocked && a.error == b.error) {
      continue;
    }
    return fmt::format("diverged at step {}: recorded {}; now {}", a.step, EventLine(recorded, a),
                       EventLine(now, b));
  }
  if (recorded.events.size() != now.events.size()) {
    return fmt::format("diverged after step {}: the recorded execution has {} events, this one {}",
                       n, recorded.events.size(), now.events.size());
  }
  if (recorded.output != now.output) return "diverged: the same steps, but another output";
  if (recorded.outcome != now.outcome) {
    return fmt::format("diverged at the end: recorded {}; now {}", recorded.outcome, now.outcome);
  }
  return "";
}

// The same bug at the same places. Signatures depend on how the program was built, so they are no
// help.
bool SameFinding(const Finding& a, const Finding& b) {
  const auto same_side = [](const Side& x, const Side& y) {
    return x.task == y.task && x.access == y.access && x.place == y.place;
  };
  const auto same_wait = [](const BlockedTask& x, const BlockedTask& y) {
    return x.task == y.task && x.place == y.place && x.holder == y.holder;
  };
  return a.kind == b.kind && a.message == b.message && a.step == b.step &&
         std::equal(a.sides.begin(), a.sides.end(), b.sides.begin(), b.sides.end(), same_side) &&
         std::equal(a.waits.begin(), a.waits.end(), b.waits.begin(), b.waits.end(), same_wait);
}

bool SameFindings(const Trace& recorded, const Trace& now) {
  const auto& all = now.findings;
  return std::all_of(recorded.findings.begin(), recorded.findings.end(), [&](const Finding& f) {
    return std::any_of(all.begin(), all.end(), [&](const Finding& g) { return SameFinding(f, g); });
  });
}

// False if no execution within the trace's own bound can have made so many choices.
bool IsPossible(const Trace& trace) {
  const uint64_t most = 2 * trace.options.max_steps + 1000;
  uint64_t choices = 0;
  for (const ScheduleStep& step : trace.schedule) {
    if (step.count > most) return false;
    choices += step.count;
    if (choices > most) return false;
  }
  return true;
}

int ReplayOnce(const Program& program, const Trace& recorded, const ReplayOptions& options,
               bool show) {
  const Config config = MakeReplayConfig(recorded.options, options.switch_mode);
  const Runner runner(program, config, recorded.arguments, recorded.stdin_file);
  RunOrder order{.schedule = ToRuns(recorded.schedule), .racy = ToKeys(recorded.racy)};
  if (!recorded.findings.empty()) order.cycle = CycleOf(recorded.findings[0]);
  Result<Trace> now = runner.Run(order);
  if (!now) {
    fmt::print(stderr, "csim: error: {}\n", now.error());
    return kExitUncontrolled;
  }
  now->options = recorded.options;
  const std::string divergence = Divergence(recorded, *now);
  if (!divergence.empty() || !SameFindings(recorded, *now)) {
    fmt::print("csim: replay {}\n",
               divergence.empty() ? "ran the same steps, but not to the same finding" : divergence);
    return kExitUncontrolled;
  }
  if (!show) return recorded.findings.empty() ? 0 : 1;
  if (options.steps) std::fputs(StepsText(*now, ~uint64_t{0}, now->events.size()).c_str(), stdout);
  now->explanation = recorded.explanation;
  now->inevitable_step = recorded.inevitable_step;
  SourceLines source;
  for (const Finding& f : now->findings) {
    FoundFinding found;
    found.finding = f;
    found.execution = recorded.execution;
    found.confirmed = true;
    found.trace = *now;
    if (!options.quiet) std::fputs(FindingText(found, "", source).c_str(), stdout);
  }
  if (now->findings.empty() && !options.quiet) fmt::print("output:\n{}", Indented(now->output, 2));
  return recorded.findings.empty() ? 0 : 1;
}

}  // namespace

int ReplayCommand(const Words& words) {
  ReplayOptions options;
  if (const int code = ParseReplay(words, &options); code >= 0) return code;
  std::string text;
  std::string error;
  if (!ReadFile(options.trace_file, &text, &error)) return UsageError(error);
  Trace recorded;
  if (!ParseTrace(text, &recorded, &error))
    return UsageError(fmt::format("{}: {}", options.trace_file, error));
  if (!IsPossible(recorded)) {
    return UsageError(fmt::format(
        "{}: the trace is damaged: its schedule is longer than any execution", options.trace_file));
  }
  CatchInterrupts();
  const Result<Program> program = BuildProgram(recorded.sources, recorded.flags);
  if (!program) return program.error().empty() ? kExitUsage : UsageError(program.error());
  if (program->hash != recorded.hash) {
    return UsageError(
        fmt::format("{}: the trace is of another program than '{}' is now (its sources, flags or "
                    "headers have changed since)",
                    options.trace_file, recorded.program));
  }
  int code = 0;
  for (uint64_t i = 0; i < options.repeat; ++i) {
    code = ReplayOnce(*program, recorded, options, i == 0);
    if (code == kExitUncontrolled) return code;
  }
  fmt::print(
      "csim: replayed{}: the same {}, step by step\n",
      options.repeat > 1 ? fmt::format(" {} times", options.repeat) : "",
      recorded.findings.empty() ? "execution" : "finding (" + recorded.findings[0].kind + ")");
  return code;
}

}  // namespace csim
