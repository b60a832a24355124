// SURW, selectively uniform random walk (Zhao et al., ASPLOS 2025).
//
// A uniform choice among tasks at each point is not uniform over interleavings: a task with few
// operations left is through too early. Weighted by the operations that each task (with the tasks
// that it will create) still has before it, every interleaving is as likely as any other. That is done
// for a selection of the operations only, those on one object drawn for the execution: they are what
// the interleaving is about, and the fewer they are, the fewer interleavings there are to hit. The others
// go on uniformly.
//
// How many operations on which object a task does is learnt from the executions that teach (sampling.h):
// the last one that was completed counts. The first one is a uniform walk.
#ifndef CSIM_SCHEDULER_SURW_H_
#define CSIM_SCHEDULER_SURW_H_

#include <cstdint>
#include <memory_resource>
#include <utility>
#include <vector>

#include "scheduler/generator.h"
#include "scheduler/sampling.h"

namespace csim {

class SurwStrategy final : public SamplingStrategy {
 public:
  SurwStrategy(std::pmr::memory_resource* memory, uint64_t seed, uint64_t executions)
      : SamplingStrategy(seed, executions),
        counts_(memory),
        learnt_(memory),
        weights_(memory),
        enabled_(memory) {}

  void BeginExecution() override;
  Choice Choose(const SchedulingPoint& point) override;

 private:
  struct Count {  // operations of a task on an object in one execution
    TaskId task;
    ObjectId object;
    uint32_t operations;
  };

  void Learn(Outcome outcome) override;
  void Forget() override { learnt_.clear(); }
  void SaveLessons(StateWriter& writer) const override;
  bool LoadLessons(StateReader& reader) override;

  bool IsSelected(const Operation& operation) const;
  void SelectObject();
  void LearnWeights(const Machine& machine);
  TaskId DrawNext(const Machine& machine);
  void Note(const Machine& machine, TaskId task);

  Generator generator_;
  ObjectId selected_ = kNoObject;       // object of the selected operations; kNoObject: none
  TaskId next_ = kNoTask;               // who does the next selected operation
  std::pmr::vector<Count> counts_;      // of this execution
  std::pmr::vector<Count> learnt_;      // of the last complete one
  std::pmr::vector<uint32_t> weights_;  // by task: selected operations still before it
  std::pmr::vector<std::pair<TaskId, Alternatives>> enabled_;  // at the present point
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_SURW_H_
