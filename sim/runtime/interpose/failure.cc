// How programs say that something is wrong: assert, abort, raise; and the verification competition's
// functions, and include/csim/csim.h.
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/abi/csim_abi.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/reports.h"
#include "sim/runtime/signals.h"

using namespace csim;

namespace {

constexpr int kSignals = 65;
struct sigaction g_actions[kSignals];  // what the program asked for; the kernel's are ours

// Delivers `signal` to the running task.
int Deliver(int signal) {
  if (signal <= 0 || signal >= kSignals) return EINVAL;
  const struct sigaction& action = g_actions[signal];
  if (action.sa_handler == SIG_IGN) return 0;
  if (action.sa_handler != SIG_DFL) {
    if ((action.sa_flags & SA_SIGINFO) != 0) {
      siginfo_t info{};
      info.si_signo = signal;
      action.sa_sigaction(signal, &info, nullptr);
    } else {
      action.sa_handler(signal);
    }
    return 0;
  }
  if (signal == SIGCHLD || signal == SIGURG || signal == SIGWINCH || signal == SIGCONT) return 0;
  char text[64];
  snprintf(text, sizeof text, "killed by signal %d (%s)", signal, sigabbrev_np(signal));
  ReportCrash(signal, 0, 0, text);
}

unsigned Sampled(const unsigned* values, unsigned count) {
  g_runtime.control().nondet = 1;
  return values[csim_choose(count)];
}

}  // namespace

extern "C" void __assert_fail(const char*, const char*, unsigned, const char*) noexcept;

CSIM_INTERPOSE void __assert_fail(const char* expression, const char* file, unsigned line,
                                  const char* function) noexcept {
  if (!g_runtime.Active()) {
    CSIM_REAL(__assert_fail)(expression, file, line, function);
    __builtin_unreachable();
  }
  ReportAssertion(expression, "");
}

CSIM_INTERPOSE void csim_assert_failed(const char* expression, const char* file, unsigned line,
                                       const char* function, const char* left, const char* right) {
  if (!g_runtime.Active()) {
    CSIM_REAL(__assert_fail)(expression, file, line, function);
    __builtin_unreachable();
  }
  char values[256] = "";
  if (left != nullptr && right != nullptr) {
    snprintf(values, sizeof values, "left: %s, right: %s", left, right);
  }
  ReportAssertion(expression, values);
}

CSIM_INTERPOSE void abort() noexcept {
  if (!g_runtime.Active()) {
    CSIM_REAL(abort)();
    __builtin_unreachable();
  }
  const struct sigaction& action = g_actions[SIGABRT];
  if (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN) Deliver(SIGABRT);
  ReportCrash(SIGABRT, 0, 0, "abort() was called (SIGABRT)");
}

CSIM_INTERPOSE int raise(int signal) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(raise)(signal);
  const int error = Deliver(signal);
  if (error == 0) return 0;
  errno = error;
  return -1;
}

CSIM_INTERPOSE int kill(pid_t pid, int signal) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(kill)(pid, signal);
  if (pid == getpid() || pid == 0) return signal == 0 ? 0 : raise(signal);
  ReportUncontrolled("kill of another process");
}

CSIM_INTERPOSE int pthread_kill(pthread_t thread, int signal) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_kill)(thread, signal);
  if (pthread_equal(thread, pthread_self()) != 0) return signal == 0 ? 0 : Deliver(signal);
  if (signal == 0) return 0;
  ReportUncontrolled("pthread_kill of another thread");
}

CSIM_INTERPOSE int sigaction(int signal, const struct sigaction* fresh,
                             struct sigaction* old) noexcept {
  if (g_runtime.mapping == nullptr) return CSIM_REAL(sigaction)(signal, fresh, old);
  if (signal <= 0 || signal >= kSignals || signal == SIGKILL || signal == SIGSTOP) {
    errno = EINVAL;
    return -1;
  }
  if (old != nullptr) *old = g_actions[signal];
  if (fresh != nullptr) {
    g_actions[signal] = *fresh;
    if (g_runtime.Active()) g_runtime.execution().fresh_wanted = true;
  }
  return 0;
}

namespace {
// The signals by which the runtime sees crashes and loops cannot be blocked.
sigset_t WithoutOurs(const sigset_t* set) {
  sigset_t result = *set;
  for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, kWatchdogSignal}) {
    sigdelset(&result, signal);
  }
  return result;
}
}  // namespace

CSIM_INTERPOSE int pthread_sigmask(int how, const sigset_t* set, sigset_t* old) noexcept {
  if (set == nullptr || g_runtime.mapping == nullptr)
    return CSIM_REAL(pthread_sigmask)(how, set, old);
  if (g_runtime.Active() && how != SIG_UNBLOCK) g_runtime.execution().fresh_wanted = true;
  const sigset_t allowed = how == SIG_UNBLOCK ? *set : WithoutOurs(set);
  return CSIM_REAL(pthread_sigmask)(how, &allowed, old);
}

CSIM_INTERPOSE int sigprocmask(int how, const sigset_t* set, sigset_t* old) noexcept {
  const int error = pthread_sigmask(how, set, old);
  if (error == 0) return 0;
  errno = error;
  return -1;
}

CSIM_INTERPOSE sighandler_t signal(int number, sighandler_t handler) noexcept {
  struct sigaction fresh{};
  struct sigaction old{};
  fresh.sa_handler = handler;
  fresh.sa_flags = SA_RESTART;
  return sigaction(number, &fresh, &old) == 0 ? old.sa_handler : SIG_ERR;
}

#pragma GCC visibility push(default)
extern "C" {

// ---- include/csim/csim.h ----
unsigned csim_choose(unsigned n) {
  if (!g_runtime.Active() || n <= 1) return 0;
  return static_cast<unsigned>(Do(OpKind::kChoose, kNoObject, n).value);
}

void csim_assume(int condition) {
  if (condition != 0 || !g_runtime.Active()) return;
  EndExecution(Outcome::kCutAssume, 0);
}

void csim_note(const char* text) {
  if (g_runtime.Active()) g_runtime.recorder.Note(text);
}

// ---- The verification competition ----
void __VERIFIER_assume(int condition) { csim_assume(condition); }

void __VERIFIER_atomic_begin() {
  if (g_runtime.Active()) Do(OpKind::kAtomicBegin, kNoObject);
}

void __VERIFIER_atomic_end() {
  if (g_runtime.Active()) Do(OpKind::kAtomicEnd, kNoObject);
}

void __VERIFIER_error() {
  if (g_runtime.Active()) ReportAssertion("__VERIFIER_error() was reached", "");
  abort();
}

// Weak: the competition's programs bring a reach_error of their own, whose failing assertion is found.
__attribute__((weak)) void reach_error() {
  if (g_runtime.Active()) ReportAssertion("reach_error() was reached", "");
  abort();
}

bool __VERIFIER_nondet_bool() { return csim_choose(2) != 0; }

// All values of an int cannot be tried: a sample that programs tend to branch on. The verdict is
// `bounded` then (Control::nondet).
int __VERIFIER_nondet_int() {
  static const unsigned kSample[] = {0, 1, ~0u, 2, 3, 0x7fffffffu, 0x80000000u};
  return static_cast<int>(Sampled(kSample, 7));
}
unsigned __VERIFIER_nondet_uint() {
  static const unsigned kSample[] = {0, 1, 2, 3, ~0u};
  return Sampled(kSample, 5);
}
long __VERIFIER_nondet_long() { return __VERIFIER_nondet_int(); }
unsigned long __VERIFIER_nondet_ulong() { return __VERIFIER_nondet_uint(); }
short __VERIFIER_nondet_short() { return static_cast<short>(__VERIFIER_nondet_int()); }
unsigned short __VERIFIER_nondet_ushort() {
  return static_cast<unsigned short>(__VERIFIER_nondet_uint());
}
char __VERIFIER_nondet_char() { return static_cast<char>(__VERIFIER_nondet_int()); }
unsigned char __VERIFIER_nondet_uchar() {
  return static_cast<unsigned char>(__VERIFIER_nondet_uint());
}

}  // extern "C"
#pragma GCC visibility pop
