#include "tests/checker/detector_run.h"

namespace csim {
namespace {

TaskId Task(int number) { return TaskId{static_cast<uint16_t>(number)}; }

}  // namespace

void DetectorRun::Do(const RaceEvent& event) {
  ++now_;
  TaskId task = Task(event.task);
  ObjectId lock{static_cast<uint32_t>(event.target)};
  switch (event.kind) {
    case EventKind::kRead:
    case EventKind::kWrite: DoAccess(event, task); break;
    case EventKind::kLoad:
    case EventKind::kStore:
    case EventKind::kRmw: DoAtomic(event, task); break;
    case EventKind::kFence: detector.Fence(task, event.order); break;
    case EventKind::kAcquire: detector.Acquire(task, lock); break;
    case EventKind::kRelease: detector.Release(task, lock); break;
    case EventKind::kReleaseShared: detector.ReleaseShared(task, lock); break;
    case EventKind::kAcquireAll: detector.AcquireAll(task, lock); break;
    case EventKind::kFork: DoFork(task, Task(event.target)); break;
    case EventKind::kEnd: detector.FinishTask(task); break;
    case EventKind::kJoin: detector.Transfer(Task(event.target), task); break;
    case EventKind::kCount: break;
  }
}

// With the compiled-in fast path of csim_abi.h.
void DetectorRun::DoAccess(const RaceEvent& event, TaskId task) {
  ShadowCell& cell = cells[static_cast<size_t>(event.target)];
  uint64_t want = detector.EpochOf(task) | event.mask;
  bool read = event.kind == EventKind::kRead;
  if (cell.write == want || (read && cell.read == want)) return;
  detector.OnAccess(cell, {.granule = static_cast<uint64_t>(event.target + 1) * 8,
                           .mask = event.mask,
                           .kind = AccessKindOf(event.kind),
                           .task = task,
                           .site = SiteId{static_cast<uint32_t>(event.site)}});
}

void DetectorRun::DoAtomic(const RaceEvent& event, TaskId task) {
  AtomicAccess access{.cell = &cells[static_cast<size_t>(event.target)],
                      .granule = static_cast<uint64_t>(event.target + 1) * 8,
                      .mask = event.mask,
                      .task = task,
                      .object = ObjectId{static_cast<uint32_t>(kTraceLocks + event.target)},
                      .site = SiteId{static_cast<uint32_t>(event.site)}};
  switch (event.kind) {
    case EventKind::kLoad: detector.AtomicLoad(access, event.order); break;
    case EventKind::kStore: detector.AtomicStore(access, event.order); break;
    default: detector.AtomicRmw(access, event.order); break;
  }
}

void DetectorRun::DoFork(TaskId parent, TaskId child) {
  uint32_t slot = 0;
  while (!detector.SlotReusable(parent, slot)) ++slot;
  if (slot >= slots_used) slots_used = slot + 1;
  detector.StartTask(child, slot);
  detector.Transfer(parent, child);
}

}  // namespace csim
