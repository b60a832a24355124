// One observed execution, as prediction sees it: what each task did, and what each thing it did rests on.
//
// Operations and memory accesses of a trace are put into one list, in the order in which they were done. What
// cannot matter to another order is left out: memory that one task uses alone, or that nobody writes.
#ifndef CSIM_CHECKER_PREDICTION_HISTORY_H_
#define CSIM_CHECKER_PREDICTION_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/trace/trace.h"

namespace csim {

inline constexpr int kNone = -1;

enum class LockAction : uint8_t { kNone, kAcquire, kRelease };

// One thing that a task did. Indexes are those of History::events unless said otherwise.
struct HistoryEvent {
  int task = kNone;
  int previous = kNone;   // of the same task
  int operation = kNone;  // of Trace::events; kNone: a plain access
  int access = kNone;     // of Trace::accesses; kNone: no access to memory
  LockAction action = LockAction::kNone;
  bool shared = false;   // of the lock
  int lock = kNone;      // object
  int partner = kNone;   // acquire: its release; release: its acquire
  bool is_read = false;  // of memory; a read-modify-write is both
  bool is_write = false;
  // Events of other tasks that it cannot be without, and that come before it in every order that is looked
  // at: its task's creation, the end of a task that it joins, the signal that woke it, and so on.
  std::vector<int> needs;
  std::vector<int>
      sources;  // of a read: the writes that it read from; empty: what was there at the start
};

// A lock that is held.
struct HeldAt {
  int lock = kNone;
  bool shared = false;
  int acquire = kNone;
};

struct History {
  std::vector<HistoryEvent> events;
  std::vector<std::vector<int>> of_task;  // events of each task, in order
  // Locks that each event's task holds just before it.
  std::vector<std::vector<HeldAt>> held;
  std::vector<TraceAccess> accesses;  // by event; empty ones for events that are no access

  uint64_t GranuleOf(int event) const { return accesses[static_cast<size_t>(event)].granule; }
  // Whether two accesses touch a common byte.
  bool MeetInMemory(int a, int b) const {
    const TraceAccess& x = accesses[static_cast<size_t>(a)];
    const TraceAccess& y = accesses[static_cast<size_t>(b)];
    return x.granule == y.granule && (x.mask & y.mask) != 0;
  }
};

// Reads it out of a trace that has its accesses. At most `most` events: later ones are left out (the
// beginning of an execution is an execution).
History MakeHistory(const Trace& trace, size_t most);

// Whether two accesses to memory conflict: common bytes, one of them a write, not both atomic.
bool Conflicts(const TraceAccess& a, const TraceAccess& b);

}  // namespace csim

#endif  // CSIM_CHECKER_PREDICTION_HISTORY_H_
