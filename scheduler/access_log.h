// What the operations of one execution read and wrote, and which read could have read something else.
//
// A place is what accesses meet on: an object, or the bytes of a memory granule from one offset on. All
// kinds of objects take part: taking a lock reads what its last holder left, a signal reads who waits.
// Operations that only meet on a place in some of their bytes are taken as strangers.
//
// An order that no schedule can change (program order, creation and end of tasks) is respected; what
// locks and waits order is not, since a schedule may bring it about otherwise.
#ifndef CSIM_SCHEDULER_ACCESS_LOG_H_
#define CSIM_SCHEDULER_ACCESS_LOG_H_

#include <cstdint>
#include <memory_resource>
#include <unordered_map>
#include <vector>

#include "model/machine.h"
#include "model/vector_clock.h"

namespace csim {

// How an operation of this kind uses one of its objects.
struct Use {
  bool reads = false;
  bool writes = false;
};
Use UseOf(OpKind kind, Footprint footprint);
// False if a read by `reader` never follows directly upon a write by `writer`: no lock is taken while
// another holds it.
bool MayReadFrom(OpKind reader, OpKind writer);

struct LoggedAccess {
  uint32_t operation = 0;  // the caller's number for what it does
  uint32_t place = 0;
  TaskId task = kNoTask;
  OpKind kind = OpKind::kYield;
  Use use;
  uint32_t number = 0;      // of its operation among those of its task, from 1
  uint32_t clock = 0;       // what certainly comes before it
  uint32_t occurrence = 0;  // how often the task had done the same before
};

class AccessLog {
 public:
  static constexpr size_t kMostAccesses = size_t{1} << 14;  // later ones are not noted

  explicit AccessLog(std::pmr::memory_resource* memory)
      : memory_(memory),
        accesses_(memory),
        tasks_(memory),
        clocks_(memory),
        counts_(memory),
        places_(memory),
        next_(memory),
        last_(memory) {}

  void BeginExecution();
  // `task` performs its pending operation; its accesses follow.
  void BeginOperation(const Machine& machine, TaskId task, uint32_t alternative);
  // Returns how often the task had done the same before.
  uint32_t Add(TaskId task, uint32_t operation, uint32_t place, OpKind kind, Use use);

  // Calls visit(read, write) for reads and the writes that they could have read from, the one that they
  // did included; write is null for what was there at the start. Gives up after much work.
  template <typename Visit>
  void ForEachSource(Visit visit);

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};
  static constexpr uint32_t kFewOccurrences = 3;  // of the same read by the same task
  static constexpr uint64_t kMuchWork = uint64_t{1} << 21;

  struct Task {
    uint32_t operations = 0;
    uint32_t clock = kNone;
  };

  bool Before(const LoggedAccess& a, const LoggedAccess& b) const;
  void NewClock(TaskId task);
  void LinkPlaces();
  void FindLast(const LoggedAccess& read);
  bool Overwritten(const LoggedAccess& write) const;

  std::pmr::memory_resource* memory_;
  std::pmr::vector<LoggedAccess> accesses_;
  std::pmr::vector<Task> tasks_;  // by TaskId
  std::pmr::vector<VectorClock> clocks_;
  uint32_t clocks_used_ = 0;
  std::pmr::unordered_map<uint64_t, uint32_t> counts_;  // (task, operation): how often
  // Of the accesses, for ForEachSource.
  std::pmr::vector<uint32_t> places_;  // first access to a place
  std::pmr::vector<uint32_t> next_;    // next access to the same place
  std::pmr::vector<uint32_t> last_;    // by TaskId: last write that certainly comes before a read
};

template <typename Visit>
void AccessLog::ForEachSource(Visit visit) {
  LinkPlaces();
  uint64_t work = 0;
  for (const LoggedAccess& read : accesses_) {
    if (!read.use.reads || read.occurrence >= kFewOccurrences) continue;
    if (work > kMuchWork) return;
    FindLast(read);
    bool from_start = true;
    for (uint32_t i = places_[read.place]; i != kNone; i = next_[i], ++work) {
      const LoggedAccess& write = accesses_[i];
      if (!write.use.writes || &write == &read || Before(read, write)) continue;
      if (Before(write, read)) {
        from_start = false;
        if (Overwritten(write)) continue;
      }
      if (MayReadFrom(read.kind, write.kind)) visit(read, &write);
    }
    if (from_start) visit(read, nullptr);
  }
}

}  // namespace csim

#endif  // CSIM_SCHEDULER_ACCESS_LOG_H_
