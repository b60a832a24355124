// How programs say that something is wrong: assert, abort; and the verification competition's
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
#include "sim/runtime/atomicity.h"
#include "sim/runtime/delivery.h"
#include "sim/runtime/entry.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/reports.h"

using namespace csim;

namespace {

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

CSIM_INTERPOSE void csim_failed(const char* kind, const char* text, const char* detail) {
  if (!g_runtime.Active()) {
    fprintf(stderr, "%s: %s\n%s%s", kind, text, detail == nullptr ? "" : detail,
            detail == nullptr ? "" : "\n");
    CSIM_REAL(abort)();
    __builtin_unreachable();
  }
  ReportFailed(ReportedKind(kind), text, detail == nullptr ? "" : detail);
}

CSIM_INTERPOSE void abort() noexcept {
  if (!g_runtime.Active()) {
    CSIM_REAL(abort)();
    __builtin_unreachable();
  }
  const struct sigaction& action = ActionOf(SIGABRT);
  if (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN) RaiseSignal(SIGABRT);
  ReportCrash(SIGABRT, 0, 0, "abort() was called (SIGABRT)");
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

// ---- include/csim/atomic_block.h ----
void csim_atomic_block_begin() {
  if (g_runtime.Active()) OnRuntimeStack([] { EnterAtomicBlock(); });
}

void csim_atomic_block_end() {
  if (g_runtime.Active()) OnRuntimeStack([] { LeaveAtomicBlock(); });
}

void csim_bounded(const char* text) {
  if (g_runtime.Active()) NoteLimit(text);
}

// ---- include/csim/linearizable.h ----
uint64_t csim_order_mark() {
  if (!g_runtime.Active()) return 0;
  EventOrder& order = g_runtime.shared->order;
  order.Start();
  const EventOrder::Mark mark = order.MarkOf(g_runtime.current());
  return uint64_t{Index(mark.task)} << 32 | mark.events;
}

int csim_order_before(uint64_t a, uint64_t b) {
  if (!g_runtime.Active()) return 0;
  const auto mark = [](uint64_t m) {
    return EventOrder::Mark{TaskId{static_cast<uint16_t>(m >> 32)}, static_cast<uint32_t>(m)};
  };
  bool before = false;
  OnRuntimeStack(
      [&] { before = g_runtime.shared->order.Before(g_runtime.machine(), mark(a), mark(b)); });
  return before ? 1 : 0;
}

// More keys than this are forgotten.
constexpr size_t kMostKnown = size_t{1} << 20;

int csim_known(uint64_t key) {
  return g_runtime.Active() && g_runtime.shared->known.contains(key) ? 1 : 0;
}

void csim_remember(uint64_t key) {
  if (!g_runtime.Active()) return;
  OnRuntimeStack([&] {
    auto& known = g_runtime.shared->known;
    if (known.size() < kMostKnown) known.insert(key);
  });
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
