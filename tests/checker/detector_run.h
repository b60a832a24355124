// Runs traces on the race detector as the runtime and the instrumented code would: with the inlined
// fast path, slots given out as they become free, and one shadow memory for all executions.
#ifndef CSIM_TESTS_CHECKER_DETECTOR_RUN_H_
#define CSIM_TESTS_CHECKER_DETECTOR_RUN_H_

#include <memory_resource>
#include <set>
#include <vector>

#include "checker/race_detector.h"
#include "tests/checker/race_trace.h"

namespace csim {

class DetectorRun : public RaceSink {
 public:
  DetectorRun() : detector(std::pmr::new_delete_resource(), this), cells(kTraceGranules) {}

  // One execution. Its races are in `pairs` and `first`.
  void Run(const RaceTrace& trace) {
    Begin();
    for (const RaceEvent& event : trace) Do(event);
  }
  void Begin() {
    detector.BeginExecution();
    detector.StartTask(kMainTask, 0);
    pairs.clear();
    first.assign(kTraceGranules, -1);
    slots_used = 1;
    now_ = -1;
  }
  void Do(const RaceEvent& event);

  void OnRace(const Race& race) override {
    int granule = static_cast<int>(race.granule / 8) - 1;
    pairs.insert({granule, static_cast<int>(Index(race.prior.site)), race.prior.kind,
                  static_cast<int>(Index(race.current.site)), race.current.kind});
    tasks.insert({static_cast<int>(Index(race.prior.site)), Index(race.prior.task)});
    ++reports;
    int& at = first[static_cast<size_t>(granule)];
    if (at < 0) at = now_;
  }

  RaceDetector detector;
  std::vector<ShadowCell> cells;
  std::set<RacePair> pairs;
  std::set<std::pair<int, uint32_t>> tasks;  // site and task of prior accesses
  std::vector<int> first;
  int reports = 0;
  uint32_t slots_used = 0;

 private:
  void DoAccess(const RaceEvent& event, TaskId task);
  void DoAtomic(const RaceEvent& event, TaskId task);
  void DoFork(TaskId parent, TaskId child);

  int now_ = -1;  // number of the event
};

}  // namespace csim

#endif  // CSIM_TESTS_CHECKER_DETECTOR_RUN_H_
