#!/usr/bin/env python3
"""An exploration that was stopped or killed, or whose worker was, goes on and loses nothing."""
import json
import os
import random
import re
import signal
import subprocess

import csim_run
from csim_run import BOUNDED, BUG, CLEAN, children_of, program

INTERLEAVE = program("interleave.cpp")
STORE = ".csim/interleave.explore.db"
# Hundreds of thousands of executions, bugs and many outcomes among them.
SEARCHES = [
    ("--strategy", "dfs", "-DK=9", "-DBUG", "--keep-going", "--outcomes"),
    ("--strategy", "pct", "--executions", "400000", "-DBUG", "--keep-going", "--outcomes", "--jobs", "2"),
    ("--strategy", "dpor", "-DK=10", "-DBUG", "--keep-going", "--jobs", "2"),
]
KILLS = 3  # of each kind in each search


class Case(csim_run.Case):
    whole = {}  # results of searches that nobody disturbed

    def expected(self, words):
        if words not in self.whole:
            self.whole[words] = self.result(self.start(*words))
        return self.whole[words]

    def start(self, *words):
        csim = subprocess.Popen([csim_run.CSIM, "explore", "--progress", "--time-limit", "0", "--json", "result.json",
                                 *words, INTERLEAVE], cwd=self.directory, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(csim.wait)
        self.addCleanup(csim.kill)
        self.addCleanup(csim.stdout.close)
        self.addCleanup(csim.stderr.close)
        return csim

    def wait_for_progress(self, csim, executions):
        """Reads on until there are so many executions; how many there are then, or None if csim ends before."""
        for line in csim.stderr:
            match = re.match(r"csim: (\d+) executions", line)
            self.assertTrue(match, line)
            if int(match[1]) >= executions:
                return int(match[1])
        return None

    def wait_for_store(self, csim):
        """Reads on until something is kept; None if csim ends before."""
        for _ in csim.stderr:
            if os.path.exists(self.path(STORE)):
                return True
        return None

    def result(self, csim, *codes):
        """What csim wrote when it had ended by itself, without what depends on time or on how it was run."""
        out, err = csim.communicate(timeout=csim_run.HANGS)
        self.assertIn(csim.returncode, codes or (BUG,), out + err)
        result = json.loads(self.read("result.json"))
        for key in "seconds", "executions_per_second", "jobs":
            result.pop(key)
        return result


class Killed(Case):
    def test_csim_at_many_moments(self):
        moments = random.Random(1)
        for words in SEARCHES:
            with self.subTest(words):
                expected = self.expected(words)
                total = expected["executions"]["total"]
                killed = kept = 0
                resume = ()
                while True:
                    csim = self.start(*words, *resume)
                    if killed == 0:
                        at = self.wait_for_store(csim)
                    else:
                        moment = moments.randrange(1, total - total // 10)
                        at = self.wait_for_progress(csim, moment if killed < KILLS else total * 2)
                    if at is None:
                        break
                    killed += 1
                    csim.kill()
                    csim.wait()
                    if os.path.exists(self.path(STORE)):
                        kept += 1
                        resume = ("--resume",)
                self.assertEqual(self.result(csim), expected)
                self.assertGreater(kept, 0)
                self.assertFalse(os.path.exists(self.path(STORE)))

    def test_its_processes_at_many_moments(self):
        moments = random.Random(2)
        for words in SEARCHES:
            with self.subTest(words):
                expected = self.expected(words)
                step = expected["executions"]["total"] // (KILLS + 1)
                csim = self.start(*words)
                killed = at = 0
                while killed < KILLS and at is not None:
                    at = self.wait_for_progress(csim, at + moments.randrange(step // 2, step))
                    zygotes = children_of(csim.pid)
                    workers = [worker for zygote in zygotes for worker in children_of(zygote)]
                    for victim in moments.sample(zygotes + workers, min(1, len(zygotes + workers))):
                        try:
                            os.kill(victim, signal.SIGKILL)
                            killed += 1
                        except ProcessLookupError:
                            pass
                self.assertEqual(self.result(csim), expected)
                self.assertGreater(killed, 0)


class Stopped(Case):
    def test_by_interrupt_and_by_the_time_limit(self):
        words = SEARCHES[0]
        expected = self.expected(words)
        csim = self.start(*words)
        self.wait_for_progress(csim, 1)
        csim.send_signal(signal.SIGINT)
        out, _ = csim.communicate(timeout=csim_run.HANGS)
        self.assertIn("csim: go on: csim explore --resume --progress", out)
        limited = self.csim("explore", *words, INTERLEAVE, "--resume", "--time-limit", "100ms")
        self.assertIn("csim: go on: csim explore", limited.out)
        self.assertEqual(self.result(self.start(*words, "--resume")), expected)

    def test_with_races_known_already(self):
        words = ("--keep-going", "--outcomes", "--strategy", "dfs", "-DN=6")
        run = self.csim("explore", *words, program("counter.cpp"), "--time-limit", "200ms")
        self.assertIn("csim: go on: ", run.out)
        again = self.csim("explore", *words, program("counter.cpp"), "--time-limit", "200ms", "--resume", "--json", "-")
        result = json.loads(again.out)
        self.assertTrue(all(f["confirmed"] for f in result["findings"]), result)
        self.assertGreater(len(result["findings"]), 0)

    def test_an_exploration_that_ends_leaves_nothing(self):
        self.explore("interleave.cpp", code=CLEAN)
        self.assertFalse(os.path.exists(self.path(".csim")))


class Refused(Case):
    def stop(self, *words):
        """Leaves an exploration that can be resumed."""
        run = self.csim("explore", "-DK=9", "--strategy", "dfs", INTERLEAVE, *words, "--time-limit", "300ms")
        self.assertEqual(run.code, BOUNDED, run)
        self.assertTrue(os.path.exists(self.path(STORE)), run)

    def resume(self, *words):
        return self.csim("explore", "--resume", "--time-limit", "50ms", "-DK=9", "--strategy", "dfs", INTERLEAVE, *words)

    def test_nothing_to_resume(self):
        self.assert_usage_error(self.resume(), "nothing to resume", STORE)

    def test_other_options(self):
        self.stop("--seed", "3")
        for words in (), ("--seed", "4"):
            self.assert_usage_error(self.resume(*words), "--seed 3, not")
        self.assert_usage_error(self.resume("--seed", "3", "--outcomes"), "--outcomes no, not yes")
        self.assert_usage_error(self.resume("--seed", "3", "--", "word"), "other arguments")
        self.assertEqual(self.resume("--seed", "3", "--jobs", "2").code, BOUNDED)

    def test_another_program(self):
        self.stop()
        self.assert_usage_error(self.resume("-DBUG"), "another program")

    def test_a_damaged_file(self):
        for damage in "not a database at all" * 50, "":
            self.stop()
            with open(self.path(STORE), "w") as file:
                file.write(damage)
            with self.subTest(damage[:10]):
                self.assert_usage_error(self.resume(), STORE)

    def test_bytes_changed_in_the_file(self):
        """Each is noticed, or lies where nothing is kept; none makes csim crash."""
        self.stop()
        with open(self.path(STORE), "rb") as file:
            whole = file.read()
        refused = 0
        places = random.Random(3)
        for _ in range(25):
            at = places.randrange(len(whole))
            with open(self.path(STORE), "wb") as file:
                file.write(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1:])
            run = self.resume()
            self.assertIn(run.code, (csim_run.USAGE, BOUNDED), run)
            refused += run.code == csim_run.USAGE
        self.assertGreater(refused, 0)

    def test_a_directory_that_cannot_be_written(self):
        """The exploration goes on; it can just not be resumed."""
        os.makedirs(self.path(STORE + "/in the way"))
        run = self.csim("explore", "-DK=9", "--strategy", "dfs", INTERLEAVE, "--time-limit", "300ms")
        self.assertEqual(run.code, BOUNDED, run)
        self.assertIn("could not be resumed", run.err)
        self.assertNotIn("csim: go on", run.out)


if __name__ == "__main__":
    csim_run.main()
