// What is still to be explored, as parts that need not know of each other.
//
// An exploration is a sequence of rounds. The frontier says what the parts of the next round are; each
// is explored by itself, by any process, in any order, and what comes of it is returned. When all parts
// of a round are back, the frontier makes the next one. What the parts are depends on the results of the
// rounds before and on nothing else: not on who explored them, how many at once, or how long it took.
// So the same search gives the same executions with any number of jobs.
//
// Lives on csim's side, where memory is plain. Pure like the strategies.
#ifndef CSIM_SCHEDULER_FRONTIER_H_
#define CSIM_SCHEDULER_FRONTIER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

// Executions of a part that goes on to the end of the search.
inline constexpr uint64_t kUnlimited = ~uint64_t{0};

// All that somebody needs to explore it, beside the options of the strategy.
struct Part {
  std::string strategy;              // for MakeStrategy
  std::string state;                 // for Strategy::Load; empty: from the start
  uint64_t executions = kUnlimited;  // at most so many
};

struct PartResult {
  uint64_t executions = 0;  // run
  bool finished = false;    // the strategy wants no more
  bool complete = false;    // Strategy::complete
  bool bounded = false;     // Strategy::bounded
  std::string state;        // of Strategy::Save after the last execution; empty if it has none
};

// How many executions the search has, those that were run included, and how far off that may be.
struct TotalEstimate {
  double executions = 0;
  double error = 0;
};

class Frontier {
 public:
  virtual ~Frontier() = default;

  // Empty: nothing is left. To be called when all parts of the round before are returned; between two
  // calls of Return or Restart it gives the same again.
  virtual std::vector<Part> NextRound() = 0;
  // Once for each part of the round, in any order, when it has been explored as far as it says.
  // REQUIRES: part is the index of a part of the round that is not returned yet.
  virtual void Return(size_t part, PartResult result) = 0;

  // Whether everything was explored, and whether bounds left something out, so far.
  virtual bool complete() const = 0;
  virtual bool bounded() const = 0;

  // None if it cannot tell (yet).
  virtual std::optional<TotalEstimate> estimate() const { return {}; }

  // Begins anew: the program has other scheduling points from now on (a location turned out to be
  // racy), so that what was learned is void. All parts of the round count as returned.
  virtual void Restart() = 0;

  // The frontier between two rounds as bytes, and back. Load: false if `state` is damaged or of another
  // kind of frontier; the frontier is then as new.
  virtual std::string Save() const = 0;
  virtual bool Load(std::string_view state) = 0;
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_FRONTIER_H_
