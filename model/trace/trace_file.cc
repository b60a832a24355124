#include "model/trace/trace_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>

namespace csim {

namespace {

using Json = nlohmann::ordered_json;

uint64_t Checksum(const std::string& text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

// Places and stacks occur over and over: they are written once, in tables.
class Tables {
 public:
  int PlaceIndex(const Place& place) {
    if (!place.known() && place.text.empty() && place.function.empty()) return -1;
    Json j = {{"file", place.file},         {"line", place.line}, {"column", place.column},
              {"function", place.function}, {"text", place.text}, {"variable", place.variable}};
    if (!place.caller_file.empty()) {
      j["caller_file"] = place.caller_file;
      j["caller_line"] = place.caller_line;
    }
    return Intern(places, place_index_, j);
  }
  int StackIndex(const Stack& stack) {
    if (stack.empty()) return -1;
    Json j = Json::array();
    for (const Frame& f : stack) {
      Json frame = {{"function", f.function}, {"place", PlaceIndex(f.place)}};
      if (f.is_coroutine) frame["coroutine"] = true;
      j.push_back(std::move(frame));
    }
    return Intern(stacks, stack_index_, j);
  }
  Json places = Json::array();
  Json stacks = Json::array();

 private:
  static int Intern(Json& list, std::map<std::string, int>& index, const Json& value) {
    const auto [it, added] = index.emplace(value.dump(), static_cast<int>(list.size()));
    if (added) list.push_back(value);
    return it->second;
  }
  std::map<std::string, int> place_index_;
  std::map<std::string, int> stack_index_;
};

Json LocksJson(const std::vector<Lock>& locks, Tables& tables) {
  Json list = Json::array();
  for (const Lock& l : locks) {
    list.push_back(
        {{"object", l.object}, {"shared", l.shared}, {"place", tables.PlaceIndex(l.taken_at)}});
  }
  return list;
}

Json FindingJson(const Finding& f, Tables& tables) {
  Json sides = Json::array();
  for (const Side& s : f.sides) {
    sides.push_back({{"task", s.task},
                     {"access", s.access},
                     {"size", s.size},
                     {"place", tables.PlaceIndex(s.place)},
                     {"stack", tables.StackIndex(s.stack)},
                     {"locks", LocksJson(s.locks, tables)}});
  }
  Json waits = Json::array();
  for (const BlockedTask& w : f.waits) {
    waits.push_back({{"task", w.task},
                     {"operation", w.operation},
                     {"object", w.object},
                     {"place", tables.PlaceIndex(w.place)},
                     {"stack", tables.StackIndex(w.stack)},
                     {"holder", w.holder},
                     {"holder_place", tables.PlaceIndex(w.holder_place)},
                     {"in_cycle", w.in_cycle},
                     {"spins", w.spins},
                     {"elsewhere", w.elsewhere},
                     {"detail", w.detail}});
  }
  Json j = {{"kind", f.kind},
            {"message", f.message},
            {"variable", f.variable},
            {"where", f.where},
            {"partial", f.partial},
            {"step", f.step},
            {"detail", f.detail},
            {"signature", f.signature},
            {"sides", sides},
            {"waits", waits},
            {"allocated_at", tables.PlaceIndex(f.allocated_at)},
            {"allocated_stack", tables.StackIndex(f.allocated_stack)},
            {"allocated_by", f.allocated_by},
            {"freed_at", tables.PlaceIndex(f.freed_at)},
            {"freed_stack", tables.StackIndex(f.freed_stack)},
            {"freed_by", f.freed_by}};
  if (f.cycle_length != 0) j["cycle"] = {{"begin", f.cycle_begin}, {"length", f.cycle_length}};
  return j;
}

// One row: step, task, operation, alternative, object, object2, place, stack, blocked, error, value,
// now, then a pair (situation, waits for) per task.
Json EventJson(const TraceEvent& e, Tables& tables) {
  Json states = Json::array();
  for (const TaskMoment& m : e.tasks) {
    states.push_back(static_cast<int>(m.situation));
    states.push_back(m.waits_for);
  }
  return Json::array({e.step, e.task, e.operation, e.alternative, e.object, e.object2,
                      tables.PlaceIndex(e.place), tables.StackIndex(e.stack), e.blocked, e.error,
                      e.value, e.now, states});
}

Json TaskJson(const TraceTask& t, Tables& tables) {
  return {{"name", t.name},
          {"function", t.function},
          {"parent", t.parent},
          {"process", t.process},
          {"detached", t.detached},
          {"finished", t.finished},
          {"created_at", tables.PlaceIndex(t.created_at)},
          {"created_stack", tables.StackIndex(t.created_stack)}};
}

Json OptionsJson(const TraceOptions& o) {
  return {{"timeouts", o.timeouts_any ? "any" : "virtual"},
          {"spurious_wakeups", o.spurious_wakeups},
          {"rwlock_policy", o.rwlock_policy},
          {"max_steps", o.max_steps},
          {"memory_limit", o.memory_limit},
          {"endless_loop_ms", o.endless_loop_ms},
          {"io_faults", o.io_faults},
          {"every_round", o.every_round},
          {"property", o.property},
          {"fairness", o.fairness},
          {"fairness_bound", o.fairness_bound}};
}

std::string ScheduleText(const std::vector<ScheduleStep>& schedule) {
  std::string text;
  for (const ScheduleStep& s : schedule) {
    if (!text.empty()) text += ' ';
    text += fmt::format("{}", s.task);
    if (s.alternative != 0) text += fmt::format(":{}", s.alternative);
    if (s.count != 1) text += fmt::format("x{}", s.count);
  }
  return text;
}

// ---- Reading ----

struct Reader {
  std::vector<Place> places;
  std::vector<Stack> stacks;

  Place PlaceAt(int i) const { return i < 0 ? Place{} : places.at(static_cast<size_t>(i)); }
  Stack StackAt(int i) const { return i < 0 ? Stack{} : stacks.at(static_cast<size_t>(i)); }
};

std::vector<ScheduleStep> ParseSchedule(const std::string& text) {
  std::vector<ScheduleStep> schedule;
  const char* p = text.c_str();
  const auto number = [&p](uint64_t limit) {
    if (*p < '0' || *p > '9') throw std::runtime_error("damaged schedule");
    char* end = nullptr;
    const uint64_t value = std::strtoull(p, &end, 10);
    p = end;
    if (value > limit) throw std::runtime_error("damaged schedule");
    return value;
  };
  while (*p != 0) {
    ScheduleStep s;
    s.task = static_cast<uint32_t>(number(65534));
    if (*p == ':') s.alternative = static_cast<uint32_t>(number((++p, ~uint32_t{0})));
    if (*p == 'x') s.count = number((++p, ~uint32_t{0}));
    if (*p != 0 && *p++ != ' ') throw std::runtime_error("damaged schedule");
    schedule.push_back(s);
  }
  return schedule;
}

Place ReadPlace(const Json& j) {
  Place p;
  p.file = j.at("file");
  p.line = j.at("line");
  p.column = j.at("column");
  p.function = j.at("function");
  p.text = j.at("text");
  p.variable = j.at("variable");
  if (j.contains("caller_file")) {
    p.caller_file = j.at("caller_file");
    p.caller_line = j.at("caller_line");
  }
  return p;
}

Stack ReadStack(const Json& j, const Reader& reader) {
  Stack stack;
  for (const Json& f : j) {
    stack.push_back({f.at("function"), reader.PlaceAt(f.at("place")), f.value("coroutine", false)});
  }
  return stack;
}

std::vector<Lock> ReadLocks(const Json& j, const Reader& reader) {
  std::vector<Lock> locks;
  for (const Json& l : j)
    locks.push_back({l.at("object"), l.at("shared"), reader.PlaceAt(l.at("place"))});
  return locks;
}

Finding ReadFinding(const Json& j, const Reader& r) {
  Finding f;
  f.kind = j.at("kind");
  f.message = j.at("message");
  f.variable = j.at("variable");
  f.where = j.at("where");
  f.partial = j.at("partial");
  f.step = j.at("step");
  f.detail = j.at("detail");
  f.signature = j.at("signature");
  for (const Json& s : j.at("sides")) {
    f.sides.push_back({s.at("task"), s.at("access"), s.at("size"), r.PlaceAt(s.at("place")),
                       r.StackAt(s.at("stack")), ReadLocks(s.at("locks"), r)});
  }
  for (const Json& w : j.at("waits")) {
    f.waits.push_back({w.at("task"), w.at("operation"), w.at("object"), r.PlaceAt(w.at("place")),
                       r.StackAt(w.at("stack")), w.at("holder"), r.PlaceAt(w.at("holder_place")),
                       w.at("in_cycle"), w.value("spins", false), w.value("elsewhere", false),
                       w.value("detail", "")});
  }
  if (j.contains("cycle")) {
    f.cycle_begin = j.at("cycle").at("begin");
    f.cycle_length = j.at("cycle").at("length");
  }
  f.allocated_at = r.PlaceAt(j.at("allocated_at"));
  f.allocated_stack = r.StackAt(j.at("allocated_stack"));
  f.allocated_by = j.at("allocated_by");
  f.freed_at = r.PlaceAt(j.at("freed_at"));
  f.freed_stack = r.StackAt(j.at("freed_stack"));
  f.freed_by = j.at("freed_by");
  return f;
}

TraceEvent ReadEvent(const Json& j, const Reader& r) {
  TraceEvent e;
  e.step = j.at(0);
  e.task = j.at(1);
  e.operation = j.at(2);
  e.alternative = j.at(3);
  e.object = j.at(4);
  e.object2 = j.at(5);
  e.place = r.PlaceAt(j.at(6));
  e.stack = r.StackAt(j.at(7));
  e.blocked = j.at(8);
  e.error = j.at(9);
  e.value = j.at(10);
  e.now = j.at(11);
  const Json& states = j.at(12);
  for (size_t i = 0; i + 1 < states.size(); i += 2) {
    const int situation = states.at(i);
    e.tasks.push_back({static_cast<TaskSituation>(std::clamp(situation, 0, 4)), states.at(i + 1)});
  }
  return e;
}

TraceOptions ReadOptions(const Json& j) {
  TraceOptions o;
  o.timeouts_any = j.at("timeouts") == "any";
  o.spurious_wakeups = j.at("spurious_wakeups");
  o.rwlock_policy = j.at("rwlock_policy");
  o.max_steps = j.at("max_steps");
  o.memory_limit = j.at("memory_limit");
  o.endless_loop_ms = j.at("endless_loop_ms");
  o.io_faults = j.value("io_faults", false);
  o.every_round = j.value("every_round", false);
  o.property = j.value("property", "");
  o.fairness = j.value("fairness", false);
  o.fairness_bound = j.value("fairness_bound", ~0u);
  return o;
}

void ReadBody(const Json& j, Trace& t) {
  Reader r;
  for (const Json& p : j.at("places")) r.places.push_back(ReadPlace(p));
  for (const Json& s : j.at("stacks")) r.stacks.push_back(ReadStack(s, r));
  t.program = j.at("program");
  t.sources = j.at("sources");
  t.flags = j.at("flags");
  t.arguments = j.at("arguments");
  t.stdin_file = j.at("stdin");
  t.hash = j.at("hash");
  t.options = ReadOptions(j.at("options"));
  t.strategy = j.at("strategy");
  t.seed = j.at("seed");
  t.execution = j.at("execution");
  t.schedule = ParseSchedule(j.at("schedule"));
  for (const Json& l : j.at("racy")) {
    t.racy.push_back({l.at("space"), l.at("a"), l.at("b"), l.at("offset")});
  }
  for (const Json& k : j.at("tasks")) {
    t.tasks.push_back({k.at("name"), k.at("function"), k.at("parent"), k.value("process", 0),
                       k.at("detached"), k.at("finished"), r.PlaceAt(k.at("created_at")),
                       r.StackAt(k.at("created_stack"))});
  }
  for (const Json& o : j.at("objects")) {
    t.objects.push_back({o.at("kind"), o.at("name"), o.at("where")});
  }
  for (const Json& e : j.at("events")) t.events.push_back(ReadEvent(e, r));
  t.events_lost = j.at("events_lost");
  for (const Json& n : j.at("notes")) t.notes.push_back({n.at("step"), n.at("task"), n.at("text")});
  t.output = j.at("output");
  t.outcome = j.at("outcome");
  t.exit_code = j.at("exit");
  for (const Json& f : j.at("findings")) t.findings.push_back(ReadFinding(f, r));
  t.explanation = j.at("explanation").get<std::vector<std::string>>();
  t.inevitable_step = j.at("inevitable_step");
}

}  // namespace

const char* NameOf(TaskSituation situation) {
  switch (situation) {
    case TaskSituation::kNew: return "new";
    case TaskSituation::kReady: return "ready";
    case TaskSituation::kRunning: return "running";
    case TaskSituation::kWaiting: return "waiting";
    case TaskSituation::kTerminated: return "terminated";
  }
  return "?";
}

std::string WriteTrace(const Trace& t) {
  Tables tables;
  Json j;
  j["csim_trace"] = kTraceVersion;
  j["program"] = t.program;
  j["sources"] = t.sources;
  j["flags"] = t.flags;
  j["arguments"] = t.arguments;
  j["stdin"] = t.stdin_file;
  j["hash"] = t.hash;
  j["options"] = OptionsJson(t.options);
  j["strategy"] = t.strategy;
  j["seed"] = t.seed;
  j["execution"] = t.execution;
  j["outcome"] = t.outcome;
  j["exit"] = t.exit_code;
  j["findings"] = Json::array();
  for (const Finding& f : t.findings) j["findings"].push_back(FindingJson(f, tables));
  j["explanation"] = t.explanation;
  j["inevitable_step"] = t.inevitable_step;
  j["schedule"] = ScheduleText(t.schedule);
  j["racy"] = Json::array();
  for (const RacyLocation& l : t.racy) {
    j["racy"].push_back({{"space", l.space}, {"a", l.a}, {"b", l.b}, {"offset", l.offset}});
  }
  j["tasks"] = Json::array();
  for (const TraceTask& k : t.tasks) j["tasks"].push_back(TaskJson(k, tables));
  j["objects"] = Json::array();
  for (const TraceObject& o : t.objects) {
    j["objects"].push_back({{"kind", o.kind}, {"name", o.name}, {"where", o.where}});
  }
  j["events"] = Json::array();
  for (const TraceEvent& e : t.events) j["events"].push_back(EventJson(e, tables));
  j["events_lost"] = t.events_lost;
  j["notes"] = Json::array();
  for (const TraceNote& n : t.notes) {
    j["notes"].push_back({{"step", n.step}, {"task", n.task}, {"text", n.text}});
  }
  j["output"] = t.output;
  j["places"] = tables.places;
  j["stacks"] = tables.stacks;
  // Bytes that are no UTF-8 (the program's output may have any) are replaced.
  std::string body = j.dump(-1, ' ', false, Json::error_handler_t::replace);
  const std::string checksum = fmt::format("{:016x}", Checksum(body));
  body.pop_back();
  return body + ",\"checksum\":\"" + checksum + "\"}\n";
}

bool ParseTrace(const std::string& text, Trace* trace, std::string* error) {
  static constexpr char kTail[] = ",\"checksum\":\"";
  if (text.rfind("{\"csim_trace\":", 0) != 0) {
    *error = "this is no csim trace";
    return false;
  }
  const int version = std::atoi(text.c_str() + std::strlen("{\"csim_trace\":"));
  if (version != kTraceVersion) {
    *error = fmt::format("trace version {} is not known to this csim (it writes version {})",
                         version, kTraceVersion);
    return false;
  }
  const size_t tail = text.rfind(kTail);
  if (tail == std::string::npos || text.size() != tail + sizeof(kTail) - 1 + 16 + 3) {
    *error = "the trace is cut off: its end is missing";
    return false;
  }
  const std::string body = text.substr(0, tail) + "}";
  if (fmt::format("{:016x}", Checksum(body)) != text.substr(tail + sizeof(kTail) - 1, 16)) {
    *error = "the trace is damaged or was edited: its checksum does not match";
    return false;
  }
  try {
    *trace = Trace{};
    ReadBody(Json::parse(body), *trace);
    return true;
  } catch (const std::exception& e) {
    *error = fmt::format("the trace is damaged: {}", e.what());
    return false;
  }
}

}  // namespace csim
