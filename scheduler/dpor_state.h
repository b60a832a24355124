// A subtree of an optimal exploration by itself: all that is needed to explore it elsewhere, and what
// its exploration has found for the points above it.
//
// It is the path to the point where it goes on, with the sleep set of each point and the branches that
// are still to be explored there. Points before `root` are not its own: their branches are those that
// wait for somebody else; what it finds there is for whoever handed it out (dpor_frontier.h).
#ifndef CSIM_SCHEDULER_DPOR_STATE_H_
#define CSIM_SCHEDULER_DPOR_STATE_H_

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "scheduler/dpor_names.h"
#include "scheduler/dpor_step.h"
#include "scheduler/dpor_wakeup_tree.h"

namespace csim {
class StateReader;
class StateWriter;
}  // namespace csim

namespace csim::dpor {

struct Point {
  explicit Point(std::pmr::memory_resource* memory) : sleep(memory), branches(memory) {}
  Point(Point&&) = default;
  Point& operator=(Point&&) = default;
  Point(const Point& other, std::pmr::memory_resource* memory)
      : step(other.step), sleep(other.sleep, memory), branches(other.branches, memory) {}

  Step step;  // taken from it; means nothing for the last point
  std::pmr::vector<Step> sleep;
  std::pmr::vector<Branch> branches;
};

struct Sequence {
  Sequence(uint32_t depth_, const std::pmr::vector<Step>& steps_, std::pmr::memory_resource* memory)
      : depth(depth_), steps(steps_, memory) {}
  Sequence(Sequence&&) = default;  // a copy would lie in memory that is not ours
  Sequence& operator=(Sequence&&) = default;

  uint32_t depth;  // of the point from which it leads to something new
  std::pmr::vector<Step> steps;
};

struct Subtree {
  explicit Subtree(std::pmr::memory_resource* memory) : points(memory), found_above(memory) {}

  uint32_t root = 0;
  bool finished = false;  // nothing of its own is left
  std::pmr::vector<Point> points;
  std::pmr::vector<Sequence> found_above;  // from points before the root
};

// Names in a subtree are numbers of `tasks` and `objects`; in bytes it carries the long ones.
void Write(StateWriter& out, const Subtree& subtree, const NameTable& tasks,
           const NameTable& objects);
// False if those are no subtree.
bool Read(StateReader& in, Subtree* subtree, Names& names, std::pmr::memory_resource* memory);

}  // namespace csim::dpor

#endif  // CSIM_SCHEDULER_DPOR_STATE_H_
