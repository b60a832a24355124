#!/usr/bin/env python3
"""Linearizability, thread-safety attributes and atomic blocks: what a report says, and where."""
import os

import csim_run
from csim_run import BOUNDED, BUG, CASES, CLEAN, line_of

GUARDED = """#include <mutex>
#include <thread>
std::mutex m;
int n __attribute__((guarded_by(m)));
int main() {
  std::thread t([] {
    std::lock_guard<std::mutex> lock(m);  // taken
    std::this_thread::yield();
    n = 1;
  });
  std::this_thread::yield();
  if (!m.try_lock()) n = 2;  // without it
  else m.unlock();
  t.join();
}
"""

# All operations of the two threads are independent of each other: csim runs one execution of a scenario.
ZERO = """#include <csim/linearizable.h>
#include <atomic>
struct Sum {  // get() never sees anything
  std::atomic<int> added{0}, zero{0};
  void add() { ++added; }
  int get() { return zero; }
};
struct Specification {
  int value = 0;
  void add() { ++value; }
  int get() { return value; }
  bool operator==(const Specification& other) const { return value == other.value; }
};
int main() {
  csim::check_linearizable<Sum, Specification>(
      {2, OPERATIONS, SCENARIOS}, csim::operation("add", [](auto& sum) { sum.add(); }),
      csim::operation("get", [](auto& sum) { return sum.get(); }));
}
"""


class Regions(csim_run.Case):
    def test_contract_names_who_has_the_lock(self):
        path = self.write("guarded.cpp", GUARDED)
        run = self.explore(path, code=BUG)
        finding = run.json["findings"][0]
        self.assertEqual(finding["kind"], "contract", run)
        taken, used = line_of(path, "// taken"), line_of(path, "// without it")
        self.assertIn(f"guarded.cpp:{used}: n is guarded_by(m), which main does not hold "
                      f"(held by T1 since", finding["message"], run)
        self.assertIn(f"guarded.cpp:{taken})", finding["message"], run)

    def test_orders_that_did_not_happen_are_checked(self):
        path = self.write("zero.cpp", ZERO)
        run = self.explore(path, "-DOPERATIONS=1", "-DSCENARIOS=10", "--strategy", "dpor", code=BUG)
        finding = run.json["findings"][0]
        self.assertEqual(finding["kind"], "linearizability", run)
        self.assertIn("Scenario 2 of 3", finding["detail"], run)
        self.assertLessEqual(run.json["executions"]["total"], 3, run)
        rows = finding["detail"].splitlines()[-2:]
        self.assertEqual([row.split("|")[1].strip() for row in rows], ["add()", ""], run)
        self.assertEqual([row.split("|")[2].strip() for row in rows], ["", "get(): 0"], run)

    def test_a_sample_of_scenarios_is_bounded(self):
        path = os.path.join(CASES, "linearizable", "counter.cpp")
        self.explore(path, "-DFETCH_ADD", code=CLEAN)
        fixed = self.write("fixed.cpp", ZERO.replace("return zero", "return added"))
        self.explore(fixed, "-DOPERATIONS=2", "-DSCENARIOS=10", "--strategy", "dpor", code=CLEAN)
        run = self.explore(fixed, "-DOPERATIONS=2", "-DSCENARIOS=5", "--strategy", "dpor", code=BOUNDED)
        self.assertIn("a sample of the scenarios", str(run.json["bounds"]), run)

    def test_atomicity_shows_the_cycle(self):
        path = os.path.join(CASES, "patterns", "atomic_transfer.cpp")
        run = self.explore(path, code=BUG)
        finding = run.json["findings"][0]
        self.assertEqual(finding["kind"], "atomicity", run)
        lines = finding["detail"].splitlines()
        self.assertEqual(len(lines), 2, run)
        places = {name: line_of(path, text) for name, text in
                  (("savings", "savings -= amount"), ("giro", "giro += amount"))}
        read = line_of(path, "return savings + giro")
        for line in lines:
            name = "savings" if "savings" in line else "giro"
            self.assertIn(f"T1 writes {name} at {path}:{places[name]}" if line.startswith("T1")
                          else f"main reads {name} at {path}:{read}", line, run)


if __name__ == "__main__":
    csim_run.main()
