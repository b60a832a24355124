// Random model programs over all kinds of operations: nested locks, condition variables, timeouts,
// reader-writer locks, and so on.
#ifndef CSIM_TESTS_SCHEDULER_RANDOM_PROGRAM_H_
#define CSIM_TESTS_SCHEDULER_RANDOM_PROGRAM_H_

#include <random>

#include "tests/scheduler/model_program.h"

namespace csim {

inline constexpr int kProgramKinds = 12;
// Only if asked for.
inline constexpr int kChannelKind = 12;
inline constexpr int kIpcKind = 13;
inline constexpr int kProcessKind = 14;  // not flat

struct ProgramShape {
  int tasks = 2;
  int steps = 3;       // per task, about
  bool local = false;  // with operations that no strategy has to branch on
  bool flat = true;
  int kind = -1;  // mostly this kind of operations; -1: any
};

ModelProgram MakeRandomProgram(std::mt19937_64& random, const ProgramShape& shape);

}  // namespace csim

#endif  // CSIM_TESTS_SCHEDULER_RANDOM_PROGRAM_H_
