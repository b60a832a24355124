// A machine driven by hand: a test says who arrives with what and who goes on.
#ifndef CSIM_TESTS_MODEL_SCENARIO_H_
#define CSIM_TESTS_MODEL_SCENARIO_H_

#include <gtest/gtest.h>

#include <memory_resource>
#include <ostream>
#include <string>
#include <vector>

#include "model/machine.h"

namespace csim {

inline bool operator==(const Alternatives& a, const Alternatives& b) {
  return a.count == b.count && (a.count == 0 || a.first == b.first);
}
inline void PrintTo(const Alternatives& a, std::ostream* os) {
  *os << "[" << a.first << "," << a.first + a.count << ")";
}

inline constexpr Alternatives kNothing{0, 0};
inline constexpr Alternatives kOnlyNormal{kNormal, 1};
inline constexpr Alternatives kOnlyTimeout{kTimeout, 1};
inline constexpr Alternatives kOnlySpurious{kSpurious, 1};

// Writes down every call, as "rel T1 O3".
class RecordingListener : public SyncListener {
 public:
  void Release(TaskId t, ObjectId o) override { Note("rel", t, Index(o)); }
  void Acquire(TaskId t, ObjectId o) override { Note("acq", t, Index(o)); }
  void ReleaseShared(TaskId t, ObjectId o) override { Note("rel-shared", t, Index(o)); }
  void AcquireAll(TaskId t, ObjectId o) override { Note("acq-all", t, Index(o)); }
  void Transfer(TaskId f, TaskId t) override { Note("transfer", f, Index(t)); }

  // What was noted since the last call.
  std::string Take() {
    std::string all;
    all.swap(log_);
    return all;
  }

 private:
  void Note(const char* what, TaskId task, uint32_t other) {
    if (!log_.empty()) log_ += "; ";
    log_ += std::string(what) + " " + std::to_string(Index(task)) + " " + std::to_string(other);
  }
  std::string log_;
};

class Scenario {
 public:
  explicit Scenario(MachineOptions options = {}) : m(std::pmr::new_delete_resource()) {
    m.Reset(options, &sync);
  }

  // A new task that has started, as child of main.
  TaskId Spawn() {
    TaskId child = m.AddTask(kMainTask);
    bool main_runs = m.task(kMainTask).status == TaskStatus::kRunning;
    if (main_runs) {
      Do(kMainTask, {.kind = OpKind::kThreadCreate,
                     .object = m.task(child).thread_object,
                     .argument = Index(child)});
      m.Execute(child, kNormal);
    }
    sync.Take();
    return child;
  }

  ObjectId Object(ObjectKind kind) { return m.AddObject(kind); }
  ObjectId Mutex(MutexType type = MutexType::kNormal) {
    ObjectId id = m.AddObject(ObjectKind::kMutex);
    m.object(id).mutex_type = type;
    return id;
  }

  // The task arrives with the operation; what it could do.
  Alternatives At(TaskId task, const Operation& operation) {
    m.SetPending(task, operation);
    return m.EnabledOf(task);
  }
  Alternatives At(TaskId task, OpKind kind, ObjectId object) {
    return At(task, {.kind = kind, .object = object});
  }
  OpResult Go(TaskId task, uint32_t alternative = kNormal) { return m.Execute(task, alternative); }
  OpResult Do(TaskId task, const Operation& operation, uint32_t alternative = kNormal) {
    m.SetPending(task, operation);
    return m.Execute(task, alternative);
  }
  OpResult Do(TaskId task, OpKind kind, ObjectId object) {
    return Do(task, {.kind = kind, .object = object});
  }
  Alternatives Can(TaskId task) const { return m.EnabledOf(task); }

  RecordingListener sync;
  Machine m;
};

}  // namespace csim

#endif  // CSIM_TESTS_MODEL_SCENARIO_H_
