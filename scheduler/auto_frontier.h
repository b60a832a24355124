// What `auto` does: several searches side by side, each a little further in every round, until the
// exhaustive one is through.
//
//   reads-from           few executions to most bugs (reads_from.h)
//   pct                  few executions to bugs that only need the right task to be first
//   preemption-bounded   bugs that need a rare place to switch, with as few preemptions as possible
//   dpor                 all that is left; it alone says that everything was explored
//
// The first rounds are tiny, so that a bug that one of them finds at once is found at once; they grow
// by fixed rules. Then the exhaustive search begins again, as a frontier of its own that many can
// explore, and the others go on beside it with rounds of a fixed size, as long as they have not run more than it. Should it give up (neither
// complete nor bounded: it has met executions that it cannot account for), a simpler one takes its place.
#ifndef CSIM_SCHEDULER_AUTO_FRONTIER_H_
#define CSIM_SCHEDULER_AUTO_FRONTIER_H_

#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "scheduler/frontier.h"

namespace csim {

class AutoFrontier final : public Frontier {
 public:
  AutoFrontier(std::unique_ptr<Frontier> exhaustive, std::unique_ptr<Frontier> simpler)
      : exhaustive_(std::move(exhaustive)), simpler_(std::move(simpler)) {}

  std::vector<Part> NextRound() override;
  void Return(size_t part, PartResult result) override;
  bool complete() const override { return complete_; }
  bool bounded() const override { return bounded_; }
  // Of the exhaustive search that goes on after the first rounds, and what the others have run so far.
  std::optional<TotalEstimate> estimate() const override;
  void Restart() override;
  std::string Save() const override;
  bool Load(std::string_view state) override;

 private:
  static constexpr size_t kSearches = 4;  // the last one is the exhaustive one, at first

  struct Progress {
    std::string state;
    bool finished = false;
  };

  // The part that one of the searches has in the present round; none if it has none.
  std::optional<Part> PartOf(size_t search) const;
  Frontier& Rest() { return gave_up_ ? *simpler_ : *exhaustive_; }
  // The exhaustive search has ended so. False if another one takes its place.
  bool EndsWith(bool complete, bool bounded);

  std::unique_ptr<Frontier> exhaustive_;
  std::unique_ptr<Frontier> simpler_;
  std::array<Progress, kSearches> searches_;
  uint64_t round_ = 0;
  uint64_t beside_ = 0;     // executions of all but the frontiers
  uint64_t exhausted_ = 0;  // executions of the frontiers
  bool gave_up_ = false;    // the exhaustive search did: simpler_ has taken its place
  bool over_ = false;
  bool complete_ = false;
  bool bounded_ = false;
  // Of the present round: whose the parts are (kSearches: the frontier's), and how many are still out.
  std::vector<std::pair<size_t, size_t>> owners_;
  size_t out_ = 0;
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_AUTO_FRONTIER_H_
