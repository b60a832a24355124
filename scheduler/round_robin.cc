#include "scheduler/round_robin.h"

#include "scheduler/tasks.h"

namespace csim {

Choice RoundRobinStrategy::Choose(const SchedulingPoint& point) {
  Choice choice;
  ForEachEnabled(point.machine, Index(point.current) + 1, [&](TaskId task, Alternatives a) {
    choice = {task, a.first};
    return true;
  });
  return choice;
}

}  // namespace csim
