#!/usr/bin/env python3
"""Nothing of csim or of the program stays behind: no process, no shared memory, no temporary file. What stays is
what was asked for: traces, reports, and an exploration that was stopped, to be resumed."""
import os
import signal
import subprocess
import uuid

import csim_run
from csim_run import BOUNDED, BUG, CASES, program

MODES = [("--switch", s, "--restart", r) for s in ("user", "kernel") for r in ("in-place", "fork")]


class Leftovers(csim_run.Case):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("tmp"))
        # Children inherit the environment: this finds them, whoever their parent is by then.
        self.token = f"CSIM_TEST_TOKEN={uuid.uuid4()}"
        name, value = self.token.split("=")
        self.environment = {**os.environ, name: value, "TMPDIR": self.path("tmp")}
        self.shared_memory = set(os.listdir("/dev/shm"))
        self.temporary = set(self.temporary_files())

    def temporary_files(self):
        places = "/tmp", os.environ.get("CSIM_CACHE", "")
        files = {os.path.join(place, name) for place in places if place for name in os.listdir(place)}
        others = "csim-test-", "csim-instrument-", "csim_"  # of tests that run beside this one
        return {file for file in files if "csim" in file and not os.path.basename(file).startswith(others)}

    def processes(self):
        """Numbers of the processes that a csim of this test started, itself included."""
        return csim_run.processes_with(self.token)

    def assert_nothing_left(self, *expected):
        self.eventually(lambda: not self.processes(), lambda: f"processes left: {self.processes()}")
        self.assertEqual(set(os.listdir("/dev/shm")) - self.shared_memory, set())
        self.assertEqual(os.listdir(self.path("tmp")), [])
        self.assertEqual(self.temporary_files() - self.temporary, set())
        self.assertEqual(set(os.listdir(self.directory)) - {"tmp"}, set(expected))

    def assert_nothing_left_but_the_search(self, *expected):
        """What was explored when csim was stopped, if there was anything yet, stays to be resumed."""
        self.eventually(lambda: not self.processes(), lambda: f"processes left: {self.processes()}")
        if os.path.exists(self.path(".csim")):
            self.assertIn("long.explore.db", os.listdir(self.path(".csim")))
            expected = (*expected, ".csim")
        self.assert_nothing_left(*expected)

    def start(self, *words):
        """Starts an exploration that does not end; returns csim once its program runs."""
        csim = subprocess.Popen([csim_run.CSIM, "explore", "--time-limit", "0", *words], cwd=self.directory,
                                env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)
        self.addCleanup(csim.wait)
        self.addCleanup(csim.kill)
        self.addCleanup(csim.stdout.close)
        self.addCleanup(csim.stderr.close)
        self.eventually(lambda: len(self.processes()) >= 3, lambda: "csim, the zygote and the worker do not run")
        return csim


class Normal(Leftovers):
    def test_after_a_run(self):
        for mode in MODES:
            for words in (program("counter.cpp"),), (CASES + "/threads/crash.cpp", "--keep-going"):
                with self.subTest(words, mode=mode):
                    self.csim("explore", *mode, *words, env=self.environment)
                    self.assert_nothing_left(".csim")

    def test_after_a_clean_run_there_is_no_trace_either(self):
        self.csim("explore", "-DMUTEX", program("counter.cpp"), env=self.environment)
        self.assert_nothing_left()

    def test_a_folder_that_was_there_stays(self):
        os.mkdir(self.path("traces"))
        for words in (), ("--time-limit", "0", "--executions", "100"):
            self.csim("explore", "-DMUTEX", program("counter.cpp"), "--trace-dir", "traces", *words, env=self.environment)
            self.assertTrue(os.path.isdir(self.path("traces")))

    def test_after_a_program_that_ends_badly(self):
        for way in "sigkill", "recurse", "close_all", "abort":
            with self.subTest(way):
                self.csim("explore", program("ways_to_end.cpp"), "--trace-dir", "traces", "--", way,
                          env=self.environment)
                self.assert_nothing_left(*(["traces"] if os.path.exists(self.path("traces")) else []))

    def test_after_a_replay(self):
        run = self.explore("abba.cpp", code=BUG)
        self.csim("replay", run.json["findings"][0]["trace"], env=self.environment)
        self.assert_nothing_left(".csim", "result.json")


class Ended(Leftovers):
    def test_by_a_signal_that_asks(self):
        for number in signal.SIGINT, signal.SIGTERM:
            for mode in MODES:
                with self.subTest(number.name, mode=mode):
                    csim = self.start(*mode, program("long.cpp"))
                    csim.send_signal(number)
                    out, err = csim.communicate(timeout=20)
                    self.assertEqual((csim.returncode, err), (BOUNDED, ""))
                    self.assertIn("interrupted by the user", out)
                    self.assert_nothing_left_but_the_search()

    def test_by_a_signal_that_asks_while_the_program_makes_no_step(self):
        csim = self.start(program("long.cpp"), "-DLOOP", "--loop-limit", "1h")
        csim.send_signal(signal.SIGINT)
        out, _ = csim.communicate(timeout=20)
        self.assertEqual(csim.returncode, BOUNDED)
        self.assertIn("interrupted by the user", out)
        self.assert_nothing_left()

    def test_by_sigkill(self):
        for mode in MODES:
            for words in (program("long.cpp"),), (program("long.cpp"), "-DLOOP", "--loop-limit", "1h"):
                with self.subTest(words, mode=mode):
                    csim = self.start(*mode, *words)
                    csim.kill()
                    csim.wait()
                    self.assert_nothing_left_but_the_search()

    def test_the_result_is_written_when_interrupted(self):
        csim = self.start(program("long.cpp"), "--json", "result.json")
        csim.send_signal(signal.SIGINT)
        csim.communicate(timeout=20)
        self.assertIn('"verdict": "bounded"', self.read("result.json"))
        self.assert_nothing_left_but_the_search("result.json")


if __name__ == "__main__":
    csim_run.main()
