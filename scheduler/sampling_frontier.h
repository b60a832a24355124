// The executions of a strategy that samples, as ranges of numbers.
//
// The first round is one part, the executions that teach (sampling.h). Each later one has kParts ranges;
// they grow from round to round, so that a small number of executions is spread over all jobs, and a
// large one is not handed out in crumbs.
#ifndef CSIM_SCHEDULER_SAMPLING_FRONTIER_H_
#define CSIM_SCHEDULER_SAMPLING_FRONTIER_H_

#include <string>
#include <utility>

#include "scheduler/frontier.h"

namespace csim {

class SamplingFrontier final : public Frontier {
 public:
  static constexpr uint64_t kParts = 16;
  static constexpr uint64_t kSmallest = 4;  // executions of a part
  static constexpr uint64_t kLargest = 8192;

  // `executions`: of all parts together.
  SamplingFrontier(std::string strategy, uint64_t executions)
      : strategy_(std::move(strategy)), executions_(executions) {}

  std::vector<Part> NextRound() override;
  void Return(size_t part, PartResult result) override;
  bool complete() const override { return false; }
  bool bounded() const override { return bounded_; }
  void Restart() override;
  std::string Save() const override;
  bool Load(std::string_view state) override;

 private:
  uint64_t EndOfRound() const;
  // The state of the strategy before this execution.
  std::string StateAt(uint64_t execution) const;

  std::string strategy_;
  uint64_t executions_;
  uint64_t next_ = 0;    // number of the first execution of the next round
  uint64_t size_ = 0;    // of the parts of the next round; 0: the first one
  std::string lessons_;  // what the strategy has learnt, as it writes it
  size_t returned_ = 0;  // parts of the round
  bool bounded_ = false;
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_SAMPLING_FRONTIER_H_
