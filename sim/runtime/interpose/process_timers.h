// Timers that send signals: that of alarm and setitimer, and those of timer_create.
//
// A timer that runs is a task of the process, which sleeps and then sends: when it strikes is a matter of the
// schedule like everything else. Whether it still runs is looked at in the operation that sends, so
// that nothing comes of a timer once the call that stops it has returned. A fork copies no timers.
#ifndef CSIM_SIM_RUNTIME_INTERPOSE_PROCESS_TIMERS_H_
#define CSIM_SIM_RUNTIME_INTERPOSE_PROCESS_TIMERS_H_

#include <cstdint>

#include "model/ids.h"

namespace csim {

// How often a periodic timer strikes for each time that it is set, where a sleep may end at any point
// (timeouts any): without a bound no exploration would end. Striking once more ends the execution as cut.
inline constexpr uint32_t kMostStrikes = 3;

// The number of the timer that every process has.
inline constexpr int kRealTimer = 0;

// What a timer does when it strikes.
struct TimerSignal {
  int signal = 0;  // 0: nothing (SIGEV_NONE)
  int value = 0;
  int code = 0;           // as siginfo_t's si_code
  TaskId to = kNoTask;    // kNoTask: the process
  int clock = 0;          // by which its absolute times go
  bool numbered = false;  // `value` is the timer's number
};

// In virtual nanoseconds. `left` 0: it does not run.
struct TimerTimes {
  uint64_t left = 0;
  uint64_t interval = 0;  // 0: once
};

// A timer of the running task's process, not running; -1: there are too many.
int NewTimer(const TimerSignal& signal);
// Whether the number is that of a timer of this process.
bool IsTimer(int timer);
TimerTimes TimesOf(int timer);
int ClockOf(int timer);
// Sets it anew; scheduling points. Those until then. REQUIRES: IsTimer(timer), or kRealTimer.
TimerTimes SetTimer(int timer, const TimerTimes& times);
void DeleteTimer(int timer);

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_INTERPOSE_PROCESS_TIMERS_H_
