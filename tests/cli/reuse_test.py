#!/usr/bin/env python3
"""Processes of the kernel's that are used again for later forks: whoever is forked sees what a fork of its parent would
have shown it, whatever the process was and did before."""
import json
import math
import os
import random
import shutil
import signal
import subprocess

import csim_run
from csim_run import BOUNDED, CLEAN, children_of, program

COPIES = program("forked_copies.cpp")
EXECUTIONS = 20
MODES = [("--restart", r, "--switch", s) for r in ("fork", "in-place") for s in ("user", "kernel")]


class WhatACopySees(csim_run.Case):
    def seen(self, *words):
        """The numbers that the children have printed, of all executions."""
        run = self.explore(COPIES, "--strategy", "random", "--executions", str(EXECUTIONS), "--outcomes", *words,
                           code=BOUNDED)
        outcomes = run.json["outcomes"]
        self.assertEqual(sum(outcome["executions"] for outcome in outcomes), EXECUTIONS)
        return {line for outcome in outcomes for line in outcome["output"].splitlines()}

    def test_is_the_same_in_all_modes(self):
        for variant in (), ("-DKERNEL",), ("-DDEEP",):
            seen = set()
            for mode in MODES:
                found = self.seen(*mode, *variant)
                self.assertEqual(len(found), 1, (variant, mode))
                seen |= found
            self.assertEqual(len(seen), 1, variant)

    def test_processes_are_used_again(self):
        self.assertEqual(len(self.seen("-DWHO", "--restart", "fork")), 4 * EXECUTIONS)
        self.assertLessEqual(len(self.seen("-DWHO", "--restart", "in-place")), 4)
        self.assertLessEqual(len(self.seen("-DWHO", "-DDEEP", "--restart", "in-place")), 6)

    def test_and_not_after_changes_that_stay(self):
        self.assertEqual(len(self.seen("-DWHO", "-DKERNEL", "--restart", "in-place")), 4 * EXECUTIONS)


class WhatAChildHasChanged(csim_run.Case):
    """Nobody else finds it: neither a later process of the same execution nor one of the next."""

    def only_outcome(self, *words):
        run = self.explore(program("changed_children.cpp"), "--strategy", "random", "--executions", str(EXECUTIONS),
                           "--outcomes", *words, code=BOUNDED)
        self.assertEqual([outcome["executions"] for outcome in run.json["outcomes"]], [EXECUTIONS], run)
        return run.json["outcomes"][0]["output"]

    def assert_same_in_all_modes(self, *variant):
        seen = [self.only_outcome(*mode, *variant) for mode in MODES]
        self.assertEqual(seen, seen[:1] * len(MODES))
        return seen[0].splitlines()

    def test_its_name(self):
        first, second, *others = self.assert_same_in_all_modes("-DNAME")
        self.assertEqual(first, second)
        self.assertEqual(others, ["parent", "parent"])

    def test_its_priority(self):
        first, second, third, fourth = self.assert_same_in_all_modes("-DPRIORITY")
        self.assertEqual((first, third), (second, fourth))

    def test_its_limits(self):
        first, second, third, fourth = self.assert_same_in_all_modes("-DLIMIT")
        self.assertEqual((first, third), (second, fourth))
        self.assertNotEqual(first, third)

    def test_what_a_fork_does_with_its_memory(self):
        self.assertEqual(self.assert_same_in_all_modes("-DADVICE"), ["0"] * 4)

    def test_descriptors_that_are_closed_on_exec(self):
        self.assertEqual(self.assert_same_in_all_modes("-DDESCRIPTOR"), ["0", "0", "1", "1"])

    def test_data_of_libraries_loaded_since(self):
        compiler = shutil.which("cc") or shutil.which("clang-19") or shutil.which("clang")
        library = self.path("library.so")
        subprocess.run([compiler, "-shared", "-fPIC", "-o", library, self.write("library.c", "int number = 10;\n")],
                       check=True)
        self.assertEqual(self.assert_same_in_all_modes(f'-DLIBRARY="{library}"'), ["0", "0", "12", "12"])

    def test_where_the_stacks_of_threads_lie(self):
        self.assertEqual(self.assert_same_in_all_modes("-DTHREADS"), ["thread"] * 5)

    def test_processes_that_nobody_can_become_make_room(self):
        run = self.explore(program("changed_children.cpp"), "--strategy", "random", "--executions", str(EXECUTIONS),
                           "--outcomes", "-DMANY", code=BOUNDED)
        seen = [line for outcome in run.json["outcomes"] for line in outcome["output"].splitlines()]
        self.assertEqual(len(seen), 20 * EXECUTIONS)
        self.assertLess(len(set(seen)), 10 * EXECUTIONS)


class InheritedHeap(csim_run.Case):
    """A child knows which of its parent's blocks are its own to use."""

    def found(self, *words):
        run = self.explore(program("inherited_heap.cpp"), "--strategy", "random", "--executions", str(EXECUTIONS),
                           "--keep-going", *words)
        return [(finding["kind"], finding["message"].split(" at ")[0]) for finding in run.json["findings"]]

    def test_in_all_modes(self):
        for mode in MODES:
            self.assertEqual(self.found(*mode), [])
            self.assertEqual(self.found(*mode, "-DFREED"), [("memory", "use after free in P4.main")])
            self.assertEqual(self.found(*mode, "-DBEHIND"), [("memory", "heap buffer overflow in P4.main")])


class Killed(csim_run.Case):
    KILLS = 4

    def test_one_that_waits_or_runs(self):
        n = 9
        words = ["explore", "--json", "result.json", "--strategy", "dpor", "--time-limit", "0", "--progress",
                 program("shared_counter.cpp"), f"-DN={n}", "-DLOCK"]
        csim = subprocess.Popen([csim_run.CSIM, *words], cwd=self.directory, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(csim.wait)
        self.addCleanup(csim.kill)
        self.addCleanup(csim.stderr.close)
        choice = random.Random(3)
        killed = 0
        for _ in csim.stderr:
            copies = [copy for zygote in children_of(csim.pid) for worker in children_of(zygote)
                      for copy in children_of(worker)]
            if not copies or killed == self.KILLS:
                continue
            try:
                os.kill(choice.choice(copies), signal.SIGKILL)
                killed += 1
            except ProcessLookupError:
                pass
        csim.wait()
        self.assertGreater(killed, 0)
        self.assertEqual(csim.returncode, CLEAN)
        run = json.loads(self.read("result.json"))
        self.assertEqual(run["executions"]["total"] - run["executions"]["redundant"], math.comb(2 * n, n))


if __name__ == "__main__":
    csim_run.main()
