#!/usr/bin/env python3
"""Coroutines in reports and traces: they go by the names that they have in the source."""
import json
import os

import csim_run
from csim_run import BUG, CASES, CLEAN, line_of

EXECUTOR = os.path.join(CASES, "coroutines", "multi_thread_executor.cpp")

# A coroutine that hands over to another one by symmetric transfer; both threads run one of each.
HANDS_OVER = """
#include <coroutine>
#include <thread>
int total;
struct Task {
  struct promise_type {
    std::coroutine_handle<> next = std::noop_coroutine();
    Task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    struct Final : std::suspend_always {
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> h) noexcept {
        return h.promise().next;
      }
    };
    Final final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
  std::coroutine_handle<promise_type> handle;
  bool await_ready() { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> me) {
    handle.promise().next = me;
    return handle;
  }
  void await_resume() { handle.destroy(); }
};
Task add(int n) {
  total += n;
  co_return;
}
Task transfer(int n) { co_await add(n); }
void drive(int n) {
  Task task = transfer(n);
  task.handle.resume();
  task.handle.destroy();
}
int main() {
  std::thread a(drive, 1), b(drive, 2);
  a.join();
  b.join();
}
"""


class Coroutines(csim_run.Case):
    def test_a_race_in_a_coroutine_has_its_name_and_line(self):
        run = self.explore(EXECUTOR, code=BUG)
        at = line_of(EXECUTOR, "  add(amount);")
        for site in run.json["findings"][0]["sites"]:
            self.assertTrue(any(f.startswith("transfer ") and f.endswith(f":{at}") for f in site["stack"]), site)
        self.assertNotIn("transfer.resume", run.out)

    def test_steps_say_in_which_coroutine_the_thread_is(self):
        run = self.explore(EXECUTOR, "-DFIXED", "--outcomes", code=CLEAN)
        replay = self.csim("replay", "--step", run.json["outcomes"][0]["trace"])
        self.assertEqual(replay.code, CLEAN, replay)
        lock = line_of(EXECUTOR, "lock_guard<std::mutex> lock(balance_mutex)")
        self.assertIn(f"transfer {lock}: lock balance_mutex", replay.out)
        # The executor's own locks, taken between two resumptions, are in no coroutine.
        begins = line_of(EXECUTOR, "std::coroutine_handle<> next;") + 2
        self.assertIn(f"| {begins}: lock ", replay.out)

    def test_a_coroutine_that_is_handed_to_is_resumed_by_the_driver(self):
        path = self.write("hands_over.cpp", HANDS_OVER)
        for level in "-O0", "-O2":
            with self.subTest(level):
                run = self.explore(path, level, code=BUG)
                resumed = line_of(path, "  task.handle.resume();")
                site = run.json["findings"][0]["sites"][0]
                self.assertEqual(site["function"], "add")
                self.assertEqual(site["line"], line_of(path, "  total += n;"))
                frame = [f for f in site["stack"] if "drive" in f]
                self.assertEqual(len(frame), 1, site)
                self.assertTrue(frame[0].endswith(f":{resumed}"), site)

    def test_two_threads_that_resume_the_same_coroutine_race_on_its_frame(self):
        case = os.path.join(CASES, "coroutines", "resumed_twice.cpp")
        for level in "-O0", "-O1", "-O2":
            with self.subTest(level):
                run = self.explore(case, level, code=BUG)
                finding = run.json["findings"][0]
                self.assertEqual((finding["kind"], finding["variable"]), ("data-race", "frame of request"))

    def test_a_trace_keeps_which_frames_are_coroutines(self):
        run = self.explore(EXECUTOR, code=BUG)
        with open(run.json["findings"][0]["trace"] if os.path.isabs(run.json["findings"][0]["trace"])
                  else self.path(run.json["findings"][0]["trace"])) as file:
            stacks = json.load(file)["stacks"]
        marked = {frame["function"] for stack in stacks for frame in stack if frame.get("coroutine")}
        self.assertEqual(marked, {"transfer"})


if __name__ == "__main__":
    csim_run.main()
