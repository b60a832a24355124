#!/usr/bin/env python3
"""What goes wrong with condition variables is found soon, and shown with as few preemptions as it needs."""
import os

import csim_run
from csim_run import BOUNDED, BUG, CASES

CONDITIONS = os.path.join(CASES, "conditions")


class Conditions(csim_run.Case):
    def found(self, name, kind, preemptions):
        path = os.path.join(CONDITIONS, name)
        for seed in "1", "2", "3":
            run = self.explore(path, "--seed", seed, code=BUG)
            finding = run.json["findings"][0]
            self.assertEqual(finding["kind"], kind, run)
            self.assertEqual(finding["preemptions"], preemptions, run)
            self.assertLess(run.json["executions"]["total"], 300, run)
        # With fewer there is nothing to be found, with so many there is.
        run = self.explore(path, "--preemptions", str(preemptions), code=BUG)
        self.assertEqual(run.json["findings"][0]["kind"], kind, run)
        if preemptions > 0:
            self.explore(path, "--preemptions", str(preemptions - 1), code=BOUNDED)

    def test_if_in_place_of_while(self):
        self.found("bounded_buffer_if.cpp", "assertion", 0)

    def test_one_condition_variable_for_both_sides(self):
        self.found("bounded_buffer_one_condition.cpp", "deadlock", 0)

    def test_lost_wakeup(self):
        self.found("lost_wakeup.cpp", "lost-wakeup", 1)


if __name__ == "__main__":
    csim_run.main()
