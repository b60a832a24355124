"""Livelocks of several tasks: found where there is a cycle in which nobody is passed over, and only there."""
import json
import os

import csim_run

POLITE = os.path.join(csim_run.CASES, "locks", "polite_locks.cpp")
DEKKER = os.path.join(csim_run.CASES, "locks", "naive_dekker.cpp")

PHILOSOPHERS = """#include <mutex>
#include <thread>
std::mutex forks[3];
void Eat(int me) {
  std::mutex& left = forks[me];
  std::mutex& right = forks[(me + 1) % 3];
  for (;;) {
    left.lock();
    if (right.try_lock()) break;
    left.unlock();
  }
  right.unlock();
  left.unlock();
}
int main() {
  std::thread a(Eat, 0), b(Eat, 1), c(Eat, 2);
  a.join(), b.join(), c.join();
}
"""

# Two poll under a mutex that main wants: weakly fair schedules can keep main out for ever, strongly fair ones cannot.
POLLING = """#include <mutex>
#include <thread>
std::mutex m;
bool done = false;
void Poll() {
  for (;;) {
    std::lock_guard<std::mutex> lock(m);
    if (done) return;
  }
}
int main() {
  std::thread a(Poll), b(Poll);
  {
    std::lock_guard<std::mutex> lock(m);
    done = true;
  }
  a.join(), b.join();
}
"""

TEST_AND_SET = """#include <atomic>
#include <thread>
std::atomic_flag taken;
int inside = 0;
void Worker() {
  while (taken.test_and_set()) std::this_thread::yield();
  ++inside;
  taken.clear();
}
int main() {
  std::thread a(Worker), b(Worker), c(Worker);
  a.join(), b.join(), c.join();
}
"""

SCOPED = """#include <mutex>
#include <thread>
std::mutex first, second;
int both = 0;
int main() {
  std::thread a([] { std::scoped_lock lock(first, second); ++both; });
  std::thread b([] { std::scoped_lock lock(second, first); ++both; });
  a.join(), b.join();
}
"""

# What the loop allocates is no progress.
ALLOCATES = """#include <cstdio>
#include <mutex>
#include <string>
#include <thread>
std::mutex first, second;
void Worker(std::mutex& mine, std::mutex& other) {
  for (;;) {
    std::string text = "a line that does not fit into the string itself";
    mine.lock();
    if (other.try_lock()) break;
    mine.unlock();
    PRINT(text);
  }
  other.unlock();
  mine.unlock();
}
int main() {
  std::thread a(Worker, std::ref(first), std::ref(second)), b(Worker, std::ref(second), std::ref(first));
  a.join(), b.join();
}
"""

# Another state in each round: nothing comes again.
COUNTS = """#include <atomic>
#include <thread>
std::atomic<unsigned> rounds{0};
std::atomic<bool> done{false};
int main() {
  std::thread a([] { while (!done) ++rounds; });
  done = true;
  a.join();
}
"""

# So it does if the loop looks at a clock, or draws random numbers.
WAITS = """#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>
std::atomic<bool> done{false};
int main() {
  std::thread a([] { while (!done) (void)(LOOK); });
  done = true;
  a.join();
}
"""

TWO_PROCESSES = """#include <sys/wait.h>
#include <unistd.h>
#include <atomic>
#include <thread>
std::atomic<bool> done{false};
int main() {
  if (fork() == 0) _exit(0);
  std::thread a([] { while (!done) std::this_thread::yield(); });
  done = true;
  a.join();
  wait(nullptr);
}
"""


class Livelock(csim_run.Case):
    def assert_livelock(self, path, tasks, *words):
        found = self.explore(path, *words, code=csim_run.BUG).json
        finding = found["findings"][0]
        self.assertEqual((finding["kind"], finding["confirmed"]), ("livelock", True))
        self.assertEqual({site["task"] for site in finding["sites"]}, set(tasks))
        self.assertEqual([f["kind"] for f in found["findings"]], ["livelock"])
        self.assertNotIn("no_livelock", found)
        # All executions are counted, those of the search for livelocks too.
        alone = "fair-cycles" in words
        self.assertEqual("livelocks" in found["executions"], not alone)
        self.assertLessEqual(finding["execution"], found["executions"]["total" if alone else "livelocks"])
        cycle = finding["cycle"]
        with open(self.path(finding["trace"])) as file:
            trace = json.load(file)
        steps = [event[0] for event in trace["events"]]
        # Once round the cycle, and everybody in it goes on.
        self.assertEqual(steps[-1], cycle["begin"] + cycle["length"] - 1)
        names = {trace["tasks"][event[1]]["name"] for event in trace["events"] if event[0] >= cycle["begin"]}
        self.assertEqual(names, set(tasks))
        return finding

    def assert_none(self, path, *words, sought=True):
        """`sought`: some task goes round a loop in vain, so that the question is there at all."""
        found = self.explore(path, *words, code=csim_run.CLEAN).json
        self.assertEqual(found["findings"], [])
        self.assertEqual(found.get("no_livelock", False), sought)
        self.assertEqual(found["bounds"], [])
        return found

    def test_two_that_give_way_to_each_other(self):
        for flags in [(), ("-O0",), ("-O2",)]:
            finding = self.assert_livelock(POLITE, ["T1", "T2"], *flags)
            line = csim_run.line_of(POLITE, "if (second.try_lock()) break;")
            self.assertIn(f"finds locked spoon_mutex at {POLITE}:{line}", finding["message"])
            run = self.csim("replay", finding["trace"], "--repeat", 5)
            self.assertEqual(run.code, csim_run.BUG, run)
            self.assertIn("replayed 5 times: the same finding (livelock)", run.out)
            self.assertIn(f"@ {finding['cycle']['begin']:5}", run.out)
            run = self.csim("replay", finding["trace"], "--switch", "kernel")
            self.assertEqual(run.code, csim_run.BUG, run)
        self.assert_none(POLITE, "-DFIXED", sought=False)
        self.assert_none(POLITE, "-DONE_IS_STUBBORN")

    def test_dekker_without_the_turn(self):
        self.assert_livelock(DEKKER, ["T1", "T2"], "--no-predict")
        self.assert_none(DEKKER, "-DTURN")

    def test_philosophers_that_put_the_first_fork_back(self):
        self.assert_livelock(self.write("p.cpp", PHILOSOPHERS), ["T1", "T2", "T3"])

    def test_allocating_and_writing_in_the_loop(self):
        path = self.write("p.cpp", ALLOCATES)
        words = "--strategy", "fair-cycles", "-std=c++20"
        self.assert_livelock(path, ["T1", "T2"], *words, "-DPRINT(text)=(void)text.size()")

    def test_who_writes_output_gets_on(self):
        path = self.write("p.cpp", ALLOCATES)
        found = self.explore(path, "--strategy", "fair-cycles", "-DPRINT(text)=std::puts(text.c_str())",
                             "--executions", "300", "--max-steps", "2000", code=csim_run.BOUNDED).json
        self.assertEqual(found["findings"], [])

    def test_who_can_go_on_again_and_again_goes_on_some_time(self):
        self.assert_none(self.write("polling.cpp", POLLING))
        self.assert_none(self.write("test_and_set.cpp", TEST_AND_SET))

    def test_a_loop_of_the_library_is_a_note(self):
        path = self.write("scoped.cpp", SCOPED)
        for flags in [(), ("-O0",), ("-O2",)]:
            found = self.assert_none(path, *flags, sought=False)
            note = found["information"][0]
            self.assertEqual(note["kind"], "livelock")
            self.assertIn("a loop of the library", note["message"])
            run = self.csim("replay", note["trace"])
            self.assertEqual(run.code, csim_run.BUG, run)

    def test_what_was_not_looked_at_is_named(self):
        path = self.write("counts.cpp", COUNTS)
        found = self.explore(path, "--strategy", "fair-cycles", code=csim_run.BOUNDED).json
        self.assertEqual(found["findings"], [])
        path = self.write("waits.cpp", WAITS)
        for look, why in (("std::rand()", "draws random numbers"), ("std::chrono::steady_clock::now()", "looks at a clock")):
            found = self.csim("explore", path, f"-DLOOK={look}", "--max-steps", "2000", "--executions", "300")
            self.assertRegex(found.out, rf"bound: livelocks of several tasks: .*; it {why}, and hardly a state comes again")
        found = self.explore(self.write("fork.cpp", TWO_PROCESSES), code=csim_run.CLEAN).json
        self.assertNotIn("no_livelock", found)
        self.assertTrue(any("livelocks" in b and "several processes" in b for b in found["bounds"]), found["bounds"])


if __name__ == "__main__":
    csim_run.main()
