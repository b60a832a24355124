#include "random_trace.h"

#include <string>
#include <vector>

namespace csim {
namespace {

enum class Do { kLock, kUnlock, kRead, kWrite };
struct Step {
  Do what;
  int which;
};

// Locks are taken and given up in the manner of scopes; some are still held at the end.
std::vector<Step> RandomSteps(std::mt19937& random, const RandomTraceShape& shape) {
  std::vector<Step> steps;
  std::vector<int> held;
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  while (static_cast<int>(steps.size()) < shape.steps) {
    const int what = below(6);
    if (what < 2) {
      const int lock = below(shape.locks);
      bool has = false;
      for (const int h : held) has |= h == lock;
      if (has) continue;
      held.push_back(lock);
      steps.push_back({Do::kLock, lock});
    } else if (what < 4 && !held.empty()) {
      steps.push_back({Do::kUnlock, held.back()});
      held.pop_back();
    } else {
      steps.push_back({below(2) == 0 ? Do::kRead : Do::kWrite, below(shape.variables)});
    }
  }
  while (!held.empty() && below(8) != 0) {
    steps.push_back({Do::kUnlock, held.back()});
    held.pop_back();
  }
  return steps;
}

class Recorder {
 public:
  explicit Recorder(const RandomTraceShape& shape) {
    trace_.access_contexts.resize(1);
    for (int i = 0; i <= shape.tasks; ++i) {
      TraceTask task;
      task.name = i == 0 ? "main" : "T" + std::to_string(i);
      task.parent = i == 0 ? -1 : 0;
      trace_.tasks.push_back(task);
    }
    for (int i = 0; i < shape.locks; ++i)
      trace_.objects.push_back({"mutex", "m" + std::to_string(i), ""});
    for (int i = 0; i < shape.tasks; ++i) trace_.objects.push_back({"thread", "", ""});
  }

  void Event(int task, const char* operation, int object, uint64_t value = 0) {
    TraceEvent e;
    e.step = trace_.events.size() + 1;
    e.task = task;
    e.operation = operation;
    e.object = object;
    e.value = value;
    e.place = NewPlace();
    trace_.events.push_back(e);
  }

  void Access(int task, int variable, bool is_write) {
    TraceAccess a;
    a.events = trace_.events.size();
    a.task = task;
    a.granule = 64 + 8 * static_cast<uint64_t>(variable / 2);
    a.mask = static_cast<uint8_t>(1 << (variable % 2));
    a.is_write = is_write;
    a.place = static_cast<uint32_t>(trace_.access_places.size());
    trace_.access_places.push_back(NewPlace());
    trace_.accesses.push_back(a);
  }

  Trace Take() { return std::move(trace_); }

 private:
  Place NewPlace() {
    Place place;
    place.file = "random.cpp";
    place.line = ++line_;
    return place;
  }

  Trace trace_;
  uint32_t line_ = 0;
};

}  // namespace

Trace RandomTrace(std::mt19937& random, const RandomTraceShape& shape) {
  Recorder recorder(shape);
  std::vector<std::vector<Step>> steps(1);
  for (int t = 1; t <= shape.tasks; ++t) {
    steps.push_back(RandomSteps(random, shape));
    recorder.Event(0, "thread_create", shape.locks + t - 1, static_cast<uint64_t>(t));
  }
  std::vector<size_t> next(steps.size(), 0);
  std::vector<bool> started(steps.size(), false);
  std::vector<int> owner(static_cast<size_t>(shape.locks), -1);
  for (;;) {
    std::vector<int> ready;
    for (int t = 1; t <= shape.tasks; ++t) {
      const auto i = static_cast<size_t>(t);
      if (next[i] == steps[i].size()) continue;
      const Step& s = steps[i][next[i]];
      if (s.what != Do::kLock || owner[static_cast<size_t>(s.which)] == -1) ready.push_back(t);
    }
    if (ready.empty()) break;
    const int t = ready[random() % ready.size()];
    const auto i = static_cast<size_t>(t);
    if (!started[i]) {
      recorder.Event(t, "thread_start", -1);
      started[i] = true;
      continue;
    }
    const Step& s = steps[i][next[i]++];
    switch (s.what) {
      case Do::kLock:
        owner[static_cast<size_t>(s.which)] = t;
        recorder.Event(t, "mutex_lock", s.which);
        break;
      case Do::kUnlock:
        owner[static_cast<size_t>(s.which)] = -1;
        recorder.Event(t, "mutex_unlock", s.which);
        break;
      case Do::kRead: recorder.Access(t, s.which, false); break;
      case Do::kWrite: recorder.Access(t, s.which, true); break;
    }
  }
  return recorder.Take();
}

}  // namespace csim
