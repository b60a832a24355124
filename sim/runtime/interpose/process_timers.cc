#include "sim/runtime/interpose/process_timers.h"

#include <pthread.h>
#include <signal.h>

#include "sim/runtime/delivery.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/reports.h"

namespace csim {

namespace {

struct ProcessTimer {
  uint64_t execution = 0;  // that it belongs to
  ProcessId process = kNoProcess;
  bool used = false;
  TimerSignal signal;
  uint64_t setting = 0;   // counts how often it was set; a task strikes for one of them
  uint64_t deadline = 0;  // 0: it does not run
  uint64_t interval = 0;
};

constexpr int kMostTimers = 64;
ProcessTimer g_timers[kMostTimers];

bool IsOurs(const ProcessTimer& timer) {
  return timer.used && timer.execution == g_runtime.execution().number &&
         timer.process == g_runtime.process;
}

void Begin(ProcessTimer& timer, const TimerSignal& signal) {
  const uint64_t setting = timer.setting;
  timer = {g_runtime.execution().number, g_runtime.process, true, signal, setting, 0, 0};
}

ProcessTimer& TimerOf(int number) {
  ProcessTimer& timer = g_timers[number];
  if (number == kRealTimer && !IsOurs(timer))
    Begin(timer, {SIGALRM, 0, SI_KERNEL, kNoTask, CLOCK_REALTIME});
  return timer;
}

// For which setting of which timer a task strikes.
struct Ticket {
  int timer;
  uint64_t setting;
  bool Runs() const {
    const ProcessTimer& t = g_timers[timer];
    return IsOurs(t) && t.setting == setting && t.deadline != 0;
  }
};

constexpr unsigned kNumberBits = 6;
static_assert(1 << kNumberBits == kMostTimers);

SignalOrder OrderOf(const TimerSignal& signal) {
  const auto number = static_cast<uint8_t>(signal.signal);
  if (signal.to != kNoTask) return {SignalOrder::kTask, number, Index(signal.to)};
  return {SignalOrder::kProcess, number, Index(g_runtime.process)};
}

// The order of the signal, when the task has been chosen to send it; one without a signal if the timer
// does not run any more, or nobody is left but timers.
uint64_t OrderNow(void* ticket_pointer) {
  const Ticket ticket = *static_cast<const Ticket*>(ticket_pointer);
  ProcessTimer& timer = g_timers[ticket.timer];
  SignalOrder order = OrderOf(timer.signal);
  if (!ticket.Runs() || !g_runtime.machine().HasOtherTasks(g_runtime.current())) {
    timer.deadline = ticket.Runs() ? 0 : timer.deadline;
    order.signal = 0;
    return order.Encode();
  }
  timer.deadline = timer.interval == 0 ? 0 : timer.deadline + timer.interval;
  const ProcessId to = timer.signal.to == kNoTask
                           ? g_runtime.process
                           : g_runtime.machine().task(timer.signal.to).process;
  g_runtime.shared->signal_sources[Index(to)][order.signal] = {0, timer.signal.value,
                                                               timer.signal.code};
  return order.Encode();
}

void* Strike(void* packed) {
  const auto bits = reinterpret_cast<uint64_t>(packed);
  Ticket ticket{static_cast<int>(bits & (kMostTimers - 1)), bits >> kNumberBits};
  Machine& machine = g_runtime.machine();
  const SignalOrder order = OrderOf(g_timers[ticket.timer].signal);
  const uint64_t interval = g_timers[ticket.timer].interval;
  uint64_t deadline = g_timers[ticket.timer].deadline;
  for (uint32_t times = 1;; ++times) {
    Operation sleep;
    sleep.kind = OpKind::kSleep;
    sleep.deadline = deadline;
    Perform(sleep);
    if (times > kMostStrikes && machine.options().timeouts_any) {
      ReportLimit(Outcome::kTimerLimit, "a periodic timer strikes more than three times");
    }
    PerformLate(machine.SignalOf(g_runtime.current(), order), &OrderNow, &ticket);
    AfterSignals();
    if (!ticket.Runs()) return nullptr;
    deadline += interval;
  }
}

void StartTask(int number, const ProcessTimer& timer) {
  pthread_attr_t detached;
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  const uint64_t bits = timer.setting << kNumberBits | static_cast<uint64_t>(number);
  pthread_create(&thread, &detached, &Strike, reinterpret_cast<void*>(bits));
  pthread_attr_destroy(&detached);
}

}  // namespace

int NewTimer(const TimerSignal& signal) {
  for (int number = kRealTimer + 1; number < kMostTimers; ++number) {
    if (IsOurs(g_timers[number])) continue;
    Begin(g_timers[number], signal);
    if (signal.numbered) g_timers[number].signal.value = number;
    return number;
  }
  return -1;
}

bool IsTimer(int timer) {
  return timer > kRealTimer && timer < kMostTimers && IsOurs(g_timers[timer]);
}

int ClockOf(int timer) { return g_timers[timer].signal.clock; }

TimerTimes TimesOf(int number) {
  const ProcessTimer& timer = TimerOf(number);
  const uint64_t now = g_runtime.machine().now();
  if (timer.deadline == 0) return {0, timer.interval};
  if (timer.deadline > now) return {timer.deadline - now, timer.interval};
  if (timer.signal.signal != 0) return {1, timer.interval};  // about to strike
  if (timer.interval == 0) return {0, 0};
  return {timer.interval - (now - timer.deadline) % timer.interval, timer.interval};
}

TimerTimes SetTimer(int number, const TimerTimes& times) {
  // With all signals blocked: so are they for the task that strikes, and handlers are for the program's own. And
  // this operation has its place among those that send.
  const SignalSet blocked = g_runtime.machine().task(g_runtime.current()).blocked;
  SetBlocked(~SignalSet{0});
  const TimerTimes before = TimesOf(number);
  ProcessTimer& timer = TimerOf(number);
  ++timer.setting;
  timer.interval = times.interval;
  timer.deadline = times.left == 0 ? 0 : g_runtime.machine().now() + times.left;
  if (times.left != 0 && timer.signal.signal != 0) StartTask(number, timer);
  SetBlocked(blocked);
  return before;
}

void DeleteTimer(int timer) {
  SetTimer(timer, {});
  g_timers[timer].used = false;
}

}  // namespace csim
