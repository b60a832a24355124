#!/usr/bin/env python3
"""Advice: a variable that one lock guards at all sites but a few, where no race was found."""
import csim_run
from csim_run import BUG, CLEAN, line_of

PROGRAM = """#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
std::mutex m, done_mutex;
std::condition_variable finished;
bool done = false;
#ifdef ATOMIC
std::atomic<int> balance = 10;
#else
int balance = 10;
#endif
void deposit() { std::lock_guard lock(m); balance = balance + 5; }
void withdraw() { std::lock_guard lock(m); balance = balance - 5; }
int look() { std::lock_guard lock(m); return balance; }
void audit() {
  std::unique_lock lock(done_mutex);
  finished.wait(lock, [] { return done; });
#ifdef LOCKED
  std::lock_guard too(m);
#endif
  if (balance < 0) __builtin_trap();  // without m
}
int main() {
  balance = 12;  // nobody else is there
  std::thread auditor(audit);
  std::thread writer([] {
    deposit();
    withdraw();
    look();
    std::lock_guard lock(done_mutex);
    done = true;
    finished.notify_one();
  });
#ifdef RACE
  balance = 3;
#endif
  writer.join();
  auditor.join();
  return balance - 12;
}
"""


class Advice(csim_run.Case):
    def setUp(self):
        super().setUp()
        self.program = self.write("audit.cpp", PROGRAM)

    def advice(self, run):
        return [f for f in run.json.get("information", []) if f["kind"] == "unguarded"]

    def test_names_the_lock_the_sites_and_the_one_without(self):
        run = self.explore(self.program, code=CLEAN)
        [advice] = self.advice(run)
        line = line_of(self.program, "// without m")
        self.assertEqual((advice["variable"], len(advice["sites"])), ("balance", 1), run)
        site = advice["sites"][0]
        self.assertEqual((site["line"], site["function"], site["locks"]), (line, "audit", ["done_mutex"]), run)
        self.assertRegex(run.out, rf"csim: advice: balance is guarded by `m` at \d+ of \d+ sites, not at \S*audit.cpp:{line} \(audit\)")

    def test_none_if_the_lock_is_held_everywhere_while_others_are_there(self):
        self.assertEqual(self.advice(self.explore(self.program, "-DLOCKED", code=CLEAN)), [])

    def test_none_of_atomic_variables(self):
        self.assertEqual(self.advice(self.explore(self.program, "-DATOMIC", code=CLEAN)), [])

    def test_a_race_is_a_bug_and_no_advice(self):
        run = self.explore(self.program, "-DRACE", code=BUG)
        self.assertEqual(run.json["findings"][0]["kind"], "data-race", run)
        self.assertEqual(self.advice(run), [], run)


if __name__ == "__main__":
    csim_run.main()
