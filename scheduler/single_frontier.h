// A search that is not taken apart: each round has one part, which goes on where the one before ended.
#ifndef CSIM_SCHEDULER_SINGLE_FRONTIER_H_
#define CSIM_SCHEDULER_SINGLE_FRONTIER_H_

#include <string>
#include <utility>

#include "scheduler/frontier.h"

namespace csim {

class SingleFrontier final : public Frontier {
 public:
  // Parts of so many executions, so that what a part keeps in mind (its outcomes) stays small.
  static constexpr uint64_t kExecutions = 1 << 16;

  // `executions`: of a part; kUnlimited for a strategy that cannot be saved.
  explicit SingleFrontier(std::string strategy, uint64_t executions = kExecutions)
      : strategy_(std::move(strategy)), executions_(executions) {}

  std::vector<Part> NextRound() override;
  void Return(size_t part, PartResult result) override;
  bool complete() const override { return complete_; }
  bool bounded() const override { return bounded_; }
  void Restart() override;
  std::string Save() const override;
  bool Load(std::string_view state) override;

 private:
  std::string strategy_;
  uint64_t executions_;
  std::string state_;
  bool finished_ = false;
  bool complete_ = false;
  bool bounded_ = false;
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_SINGLE_FRONTIER_H_
