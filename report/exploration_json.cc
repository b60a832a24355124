#include "report/exploration_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace csim {

namespace {

using Json = nlohmann::ordered_json;

std::string FrameText(const std::string& function, const Place& place) {
  if (!place.known()) return function;
  return fmt::format("{} {}:{}", function, place.file, place.line);
}

Json StackJson(const Place& place, const Stack& stack) {
  Json list = Json::array();
  for (size_t i = 0; i < stack.size(); ++i) {
    list.push_back(FrameText(stack[i].function, i == 0 ? place : stack[i].place));
  }
  return list;
}

std::string ObjectName(const Trace& trace, int object) {
  if (object < 0 || static_cast<size_t>(object) >= trace.objects.size()) return "";
  const TraceObject& o = trace.objects[static_cast<size_t>(object)];
  return o.name.empty() ? o.kind : o.name;
}

std::string TaskName(const Trace& trace, int task) {
  if (task < 0 || static_cast<size_t>(task) >= trace.tasks.size()) return "";
  return trace.tasks[static_cast<size_t>(task)].name;
}

Json SiteJson(const Place& place, const Trace& trace, int task, const std::string& access,
              const Stack& stack) {
  return {
      {"file", place.file},         {"line", place.line},     {"column", place.column},
      {"function", place.function}, {"text", place.text},     {"task", TaskName(trace, task)},
      {"access", access},           {"locks", Json::array()}, {"stack", StackJson(place, stack)}};
}

Json SitesJson(const FoundFinding& found) {
  Json sites = Json::array();
  for (const Side& s : found.finding.sides) {
    Json j = SiteJson(s.place, found.trace, s.task, s.access, s.stack);
    for (const Lock& l : s.locks) j["locks"].push_back(ObjectName(found.trace, l.object));
    sites.push_back(std::move(j));
  }
  for (const BlockedTask& w : found.finding.waits) {
    Json j = SiteJson(w.place, found.trace, w.task, w.operation, w.stack);
    j["waits_for"] = ObjectName(found.trace, w.object);
    j["held_by"] = TaskName(found.trace, w.holder);
    j["held_since"] = w.holder_place.known()
                          ? fmt::format("{}:{}", w.holder_place.file, w.holder_place.line)
                          : "";
    j["in_cycle"] = w.in_cycle;
    if (w.spins) j["spins"] = true;
    if (!w.detail.empty()) j["detail"] = w.detail;
    sites.push_back(std::move(j));
  }
  return sites;
}

Json FindingJson(const FoundFinding& f) {
  Json j = {{"kind", f.finding.kind},         {"message", f.finding.message},
            {"variable", f.finding.variable}, {"sites", SitesJson(f)},
            {"execution", f.execution},       {"executions", f.times},
            {"confirmed", f.confirmed},       {"preemptions", f.preemptions}};
  j["switches"] = f.switches;
  if (!f.trace.explanation.empty()) j["explanation"] = f.trace.explanation;
  if (f.finding.cycle_length != 0) {
    j["cycle"] = {{"begin", f.finding.cycle_begin}, {"length", f.finding.cycle_length}};
  }
  if (f.trace.inevitable_step != 0) j["inevitable_step"] = f.trace.inevitable_step;
  if (!f.passing_file.empty()) j["passing_trace"] = f.passing_file;
  if (f.always) j["always"] = true;
  if (f.sampled > 0) j["sampled"] = {{"executions", f.sampled}, {"times", f.sampled_times}};
  if (f.predicted) j["predicted"] = true;
  if (!f.reason.empty()) j["reason"] = f.reason;
  if (!f.finding.detail.empty()) j["detail"] = f.finding.detail;
  if (!f.finding.where.empty()) j["location"] = f.finding.where;
  if (f.measure) j["measure"] = *f.measure;
  j["trace"] = f.trace_file;
  j["replay"] = f.trace_file.empty() ? "" : "csim replay " + f.trace_file;
  return j;
}

}  // namespace

std::string ExplorationJson(const Exploration& e) {
  Json j;
  j["csim"] = 1;
  j["program"] = e.program;
  j["verdict"] = NameOf(e.verdict);
  j["complete"] = e.complete;
  j["strategy"] = e.strategy;
  j["seed"] = e.seed;
  j["jobs"] = e.jobs;
  j["executions"] = {{"total", e.executions},
                     {"complete", e.executions - e.cut - e.redundant - e.vain},
                     {"redundant", e.redundant},
                     {"vain", e.vain},
                     {"cut", e.cut}};
  if (e.livelock_executions > 0) j["executions"]["livelocks"] = e.livelock_executions;
  j["events"] = e.events;
  j["seconds"] = e.seconds;
  const auto all_executions = static_cast<double>(e.executions + e.livelock_executions);
  j["executions_per_second"] = e.seconds > 0 ? all_executions / e.seconds : 0.0;
  j["findings"] = Json::array();
  for (const FoundFinding& f : e.findings) j["findings"].push_back(FindingJson(f));
  if (!e.information.empty()) {
    j["information"] = Json::array();
    for (const FoundFinding& f : e.information) j["information"].push_back(FindingJson(f));
  }
  if (!e.properties.empty()) {
    j["properties"] = Json::array();
    for (const CheckedProperty& p : e.properties) {
      j["properties"].push_back({{"name", p.name},
                                 {"text", p.text},
                                 {"verdict", p.verdict},
                                 {"demanded", p.demanded},
                                 {"complete", p.complete},
                                 {"executions", p.executions},
                                 {"seconds", p.seconds},
                                 {"message", p.message},
                                 {"trace", p.trace_file}});
    }
  }
  j["limits"] = Json::array();
  for (const FoundFinding& f : e.limits) {
    j["limits"].push_back({{"message", f.finding.message}, {"executions", f.times}});
  }
  if (e.with_outcomes) {
    j["outcomes"] = Json::array();
    for (const FoundOutcome& o : e.outcomes) {
      j["outcomes"].push_back({{"output", o.output},
                               {"exit", o.exit_code},
                               {"outcome", o.outcome},
                               {"executions", o.executions},
                               {"trace", o.trace_file}});
      if (e.native_runs > 0) j["outcomes"].back()["native"] = o.native;
    }
  }
  if (e.native_runs > 0) j["native_runs"] = e.native_runs;
  j["bounds"] = e.bounds;
  if (e.no_livelock) j["no_livelock"] = true;
  if (!e.error.empty()) j["error"] = e.error;
  return j.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace csim
