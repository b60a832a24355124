#include "cli/properties.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "cli/runner.h"
#include "sim/host/doorbell.h"
#include "sim/host/session.h"

namespace csim {

namespace {

template <size_t kSize>
std::string Text(const char (&text)[kSize]) {
  return {text, strnlen(text, kSize)};
}

ExploreOptions OptionsFor(const ExploreOptions& all, const StatedProperty& property) {
  ExploreOptions options = all;
  options.property = property.name;
  options.resumable = false;
  if ((property.flags & kPropertyVirtualTime) != 0) options.timeouts = "virtual";
  if ((property.flags & kPropertyIgnoresRaces) != 0) {
    options.ignored.push_back(FindingKind::kDataRace);
  }
  if ((property.flags & kPropertyIgnoresDeadlocks) != 0) {
    for (const FindingKind kind :
         {FindingKind::kDeadlock, FindingKind::kLivelock, FindingKind::kLostWakeup}) {
      options.ignored.push_back(kind);
    }
  }
  return options;
}

const FoundFinding* ReachedIn(const Exploration& e) {
  const auto found = std::find_if(
      e.information.begin(), e.information.end(),
      [](const FoundFinding& f) { return f.finding.kind == NameOf(FindingKind::kReached); });
  return found == e.information.end() ? nullptr : &*found;
}

// The largest values that were seen; the trace of the largest of them.
void ShowMeasures(const Exploration& e, CheckedProperty& p) {
  std::vector<const FoundFinding*> measures;
  for (const FoundFinding& f : e.information) {
    if (f.measure) measures.push_back(&f);
  }
  if (measures.empty()) return;
  std::sort(measures.begin(), measures.end(), [](const FoundFinding* a, const FoundFinding* b) {
    return a->finding.message < b->finding.message;
  });
  bool grows = measures.size() > 1;
  for (size_t i = 0; i < measures.size(); ++i) {
    p.message += (i == 0 ? "" : "; ") + measures[i]->finding.message;
    if (i > 0) grows &= *measures[i - 1]->measure < *measures[i]->measure;
  }
  if (grows) p.message += " (grows with the number)";
  const auto largest = std::max_element(
      measures.begin(), measures.end(),
      [](const FoundFinding* a, const FoundFinding* b) { return *a->measure < *b->measure; });
  if (*(*largest)->measure > 0) p.trace_file = (*largest)->trace_file;
}

// The property, given what its exploration has brought. One that waits to be reached, and is not, is
// violated by all executions together: there is no trace of that.
CheckedProperty Decide(const StatedProperty& stated, Exploration& e) {
  CheckedProperty p;
  p.name = stated.name;
  p.text = stated.text;
  p.demanded = (stated.flags & kPropertyNotDemanded) == 0;
  p.complete = e.complete;
  p.executions = e.executions;
  p.seconds = e.seconds;
  const FoundFinding* const reached = ReachedIn(e);
  if (e.verdict == Verdict::kError) {
    p.verdict = "error";
    p.message = e.error;
  } else if (e.verdict == Verdict::kBug) {
    p.verdict = "violated";
    p.message = e.findings.front().finding.message;
    p.trace_file = e.findings.front().trace_file;
  } else if (reached != nullptr) {
    p.verdict = "holds";
    p.complete = true;
    p.message = reached->finding.message;
    p.trace_file = reached->trace_file;
  } else if (e.verdict == Verdict::kBounded) {
    p.verdict = "bounded";
    p.message = fmt::format("{}", fmt::join(e.bounds, "; "));
  } else if ((stated.flags & kPropertyReached) != 0) {
    p.verdict = "violated";
    p.message = fmt::format("in none of {} executions, and there are no others: {}", e.executions,
                            stated.text);
    FoundFinding found;
    found.finding.kind = NameOf(FindingKind::kProperty);
    found.finding.message = p.message;
    found.confirmed = true;
    e.findings.push_back(std::move(found));
  } else {
    p.verdict = "holds";
    ShowMeasures(e, p);
  }
  return p;
}

// Adds what one property has brought to the result of all.
void Add(CheckedProperty property, Exploration part, Exploration& all) {
  all.executions += part.executions;
  all.livelock_executions += part.livelock_executions;
  all.redundant += part.redundant;
  all.vain += part.vain;
  all.cut += part.cut;
  all.events += part.events;
  all.restarts += part.restarts;
  all.seconds += part.seconds;
  if (property.demanded) {
    for (FoundFinding& f : part.findings) all.findings.push_back(std::move(f));
    for (FoundFinding& f : part.limits) all.limits.push_back(std::move(f));
    if (property.verdict == "bounded") {
      all.bounds.push_back(fmt::format("{}: {}", property.name, property.message));
    }
    if (property.verdict == "error" && all.error.empty()) {
      all.error = fmt::format("{} (property {})", property.message, property.name);
    }
  }
  all.properties.push_back(std::move(property));
}

void Judge(Exploration& all) {
  const auto all_complete =
      std::all_of(all.properties.begin(), all.properties.end(), [](const CheckedProperty& p) {
        return !p.demanded || p.verdict == "violated" || p.complete;
      });
  all.complete = all_complete && all.error.empty();
  if (!all.findings.empty()) {
    all.verdict = Verdict::kBug;
  } else if (!all.error.empty()) {
    all.verdict = Verdict::kError;
  } else {
    all.verdict = all.complete ? Verdict::kClean : Verdict::kBounded;
  }
}

}  // namespace

Result<std::vector<StatedProperty>> ListProperties(const Program& program,
                                                   const ExploreOptions& options) {
  SessionOptions s;
  s.arguments = options.arguments;
  s.stdin_file = options.stdin_file;
  s.config = MakeConfig(options);
  SetProperty(s.config, kNoProperty);
  const Doorbell bell;
  const Result<std::unique_ptr<Session>> session =
      RunOnce(program, s, {"round-robin", "", 1, {}}, bell);
  if (!session) return Error{session.error()};
  const Mapping& mapping = (*session)->mapping();
  std::vector<StatedProperty> list;
  for (uint32_t i = 0; i < std::min(mapping.control.property_count, kMaxProperties); ++i) {
    const PropertyRecord& record = mapping.properties[i];
    list.push_back({Text(record.name), Text(record.text), record.flags});
  }
  return list;
}

Result<Exploration> ExploreProperties(const Program& program, const ExploreOptions& options,
                                      const std::vector<StatedProperty>& stated,
                                      const std::function<void(const Progress&)>& progress) {
  Exploration all;
  all.program = program.shown_name;
  all.strategy = options.strategy;
  all.seed = options.seed;
  all.jobs = static_cast<int>(options.jobs);
  all.build_seconds = program.build_seconds;
  for (const StatedProperty& property : stated) {
    if (!options.property.empty() && property.name != options.property) continue;
    if (Interrupted()) {
      all.bounds.push_back(fmt::format("{}: interrupted by the user", property.name));
      continue;
    }
    Result<Exploration> part = ExploreWhole(program, OptionsFor(options, property), progress);
    if (!part) return part;
    CheckedProperty checked = Decide(property, *part);
    Add(std::move(checked), std::move(*part), all);
  }
  if (all.properties.empty() && all.bounds.empty()) {
    return Error{fmt::format("--property: the program states no property '{}'", options.property)};
  }
  Judge(all);
  return all;
}

}  // namespace csim
