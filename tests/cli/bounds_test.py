#!/usr/bin/env python3
"""Bounded verdicts name what bounded them; progress is for terminals only."""
import os
import pty
import subprocess

import csim_run
from csim_run import BOUNDED, BUG, program

LONG = program("long.cpp")


class Bounds(csim_run.Case):
    def bounded(self, name, *words):
        run = self.explore(name, *words, code=BOUNDED)
        self.assertEqual((run.json["verdict"], run.json["complete"]), ("bounded", False))
        self.assertEqual(len(run.json["bounds"]), 1, run)
        self.assertIn(f"csim: bound: {run.json['bounds'][0]}\n", run.out)
        self.assertIn("csim: bounded: no bug found within the bounds", run.out)
        return run

    def test_executions(self):
        run = self.bounded("long.cpp", "--executions", "7")
        self.assertEqual(run.json["executions"]["total"], 7)
        self.assertEqual(run.json["bounds"], ["stopped after 7 executions (--executions)"])

    def test_random_is_never_complete(self):
        run = self.bounded("counter.cpp", "-DMUTEX", "--strategy", "random", "--executions", "5")
        self.assertEqual(run.json["executions"]["total"], 5)
        self.assertEqual(run.json["bounds"],
                         ["5 executions by strategy random, which is not exhaustive (--executions)"])

    def test_time_limit(self):
        run = self.bounded("long.cpp", "--time-limit", "300ms")
        self.assertEqual(run.json["bounds"], ["stopped after 0.3 s (--time-limit)"])

    def test_preemptions(self):
        run = self.bounded("counter.cpp", "-DMUTEX", "-DN=2", "--preemptions", "0")
        self.assertEqual(run.json["bounds"], ["at most 0 preemptions (--preemptions)"])
        more = self.bounded("counter.cpp", "-DMUTEX", "-DN=2", "--preemptions", "1")
        self.assertGreater(more.json["executions"]["total"], run.json["executions"]["total"])

    def test_max_steps(self):
        run = self.bounded("counter.cpp", "-DMUTEX", "-DN=20", "--max-steps", "10", "--executions", "50")
        self.assertIn("cut after 10 operations (--max-steps)", run.json["bounds"][0])
        executions = run.json["executions"]  # the others were ended before as repetitions
        self.assertEqual(executions["cut"], executions["total"] - executions["redundant"])

    def test_a_bug_within_the_bounds_is_a_bug(self):
        self.explore("abba.cpp", "--preemptions", "1", code=BUG)


class Progress(csim_run.Case):
    def test_none_in_a_pipe(self):
        run = self.csim("explore", LONG, "--time-limit", "500ms")
        self.assertEqual(run.err, "")
        self.assertNotIn("\r", run.out)

    def on_terminal(self, *words):
        """What csim writes to a terminal on its standard error."""
        terminal, end = pty.openpty()
        csim = subprocess.Popen([csim_run.CSIM, "explore", LONG, "--time-limit", "700ms", *words],
                                cwd=self.directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=end)
        os.close(end)
        text = b""
        while True:
            try:
                text += os.read(terminal, 4096)
            except OSError:  # the other end is closed
                break
        os.close(terminal)
        self.assertEqual(csim.wait(csim_run.HANGS), BOUNDED)
        return text.decode()

    def test_a_line_on_a_terminal_which_goes_in_the_end(self):
        text = self.on_terminal()
        self.assertRegex(text, r"\r\x1b\[K\d+ executions, \d+/s, depth \d+, 0 findings, 0\.\d s")
        self.assertTrue(text.endswith("\r\x1b[K"), text)

    def test_none_when_quiet(self):
        self.assertEqual(self.on_terminal("--quiet"), "")


if __name__ == "__main__":
    csim_run.main()
