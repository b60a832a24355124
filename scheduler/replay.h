// Replay: follows a schedule. After its end the current task goes on as long as it is enabled, then
// the first enabled one; each in its first alternative.
#ifndef CSIM_SCHEDULER_REPLAY_H_
#define CSIM_SCHEDULER_REPLAY_H_

#include <cstdint>
#include <memory_resource>

#include "model/schedule.h"
#include "scheduler/strategy.h"

namespace csim {

class ReplayStrategy final : public Strategy {
 public:
  static constexpr uint64_t kFollowed = ~uint64_t{0};

  // Keeps a copy of `schedule`.
  ReplayStrategy(std::pmr::memory_resource* memory, const Schedule& schedule)
      : schedule_(memory), cursor_(schedule_) {
    schedule_ = schedule;
  }

  void BeginExecution() override;
  // kNoTask if the choice of the schedule is not enabled; diverged_at() then says where.
  Choice Choose(const SchedulingPoint& point) override;
  bool FinishExecution(Outcome) override { return false; }
  bool complete() const override { return false; }

  // The step at which the execution could not follow the schedule; kFollowed if it could so far.
  uint64_t diverged_at() const { return diverged_at_; }
  // The choice that was not enabled there.
  Choice wanted() const { return wanted_; }

 private:
  Schedule schedule_;
  ScheduleCursor cursor_;
  uint64_t diverged_at_ = kFollowed;
  Choice wanted_;
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_REPLAY_H_
