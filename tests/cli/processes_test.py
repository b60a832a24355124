#!/usr/bin/env python3
"""Processes, end to end: counts of executions that can be worked out by hand, reports that name both processes, traces
that replay in every mode, and nothing that stays behind."""
import glob
import math
import os
import signal
import subprocess
import time

import csim_run
from csim_run import BUG, CASES, CLEAN, program

MODES = [("--switch", s, "--restart", r) for s in ("user", "kernel") for r in ("in-place", "fork")]
REPEATS = 100


def tool_names():
    return set(os.listdir("/dev/shm"))


class Counts(csim_run.Case):
    def total(self, *words, code=CLEAN):
        run = self.explore(*words, code=code)
        return run.json["executions"]["total"] - run.json["executions"]["redundant"]

    def test_locked_increments_of_two_processes(self):
        """Each order of N lock acquisitions of one process among N of the other is a trace."""
        for n in 1, 2, 3, 4:
            for mode in MODES if n == 2 else MODES[:1]:
                with self.subTest(n, mode=mode):
                    total = self.total(program("shared_counter.cpp"), "--strategy", "dpor", *mode, f"-DN={n}", "-DLOCK")
                    self.assertEqual(total, math.comb(2 * n, n))

    def test_private_memory_is_nobody_elses(self):
        self.assertEqual(self.total(program("shared_counter.cpp"), "--strategy", "dpor", "-DN=3", "-DPRIVATE"), 1)

    def test_jobs_make_no_difference(self):
        for words in (("-DN=4", "-DLOCK"), ("-DN=2", "--keep-going")):
            runs = [self.explore(program("shared_counter.cpp"), "--strategy", "dpor", "--jobs", jobs, *words,
                                 code=CLEAN if "-DLOCK" in words else BUG).json for jobs in ("1", "2")]
            self.assertEqual(runs[0]["executions"], runs[1]["executions"])
            self.assertEqual([f["message"] for f in runs[0]["findings"]], [f["message"] for f in runs[1]["findings"]])


class Reports(csim_run.Case):
    def test_a_race_between_processes_names_both(self):
        run = self.explore(program("shared_counter.cpp"), "-DN=1", code=BUG)
        race = next(f for f in run.json["findings"] if f["kind"] == "data-race")
        self.assertEqual(sorted(site["task"] for site in race["sites"]), ["P1.main", "main"])
        line = csim_run.line_of(program("shared_counter.cpp"), "++*counter")
        self.assertEqual({site["line"] for site in race["sites"]}, {line})
        self.assertIn("shared memory", run.out)

    def test_who_holds_the_end_of_a_pipe(self):
        run = self.explore(CASES + "/ipc/pipe_eof.cpp", code=BUG)
        self.assertRegex(run.out, r"end of file never comes, because P\d still holds fd \d")

    def test_a_message_holds_the_end_of_a_pipe(self):
        run = self.explore(csim_run.ROOT + "/tests/library/pass_descriptors_between.c", "-DIGNORE", code=BUG)
        self.assertIn("end of file never comes, because a message that nobody has received still holds it", run.out)

    def test_both_fill_their_pipe(self):
        run = self.explore(CASES + "/ipc/pipe_deadlock.cpp", code=BUG)
        self.assertIn("Cycle:", run.out)
        message = run.json["findings"][0]["message"]
        self.assertEqual(message.count("it is full, and nobody reads from it"), 2, run)

    def test_a_dead_owner_is_named(self):
        run = self.explore(CASES + "/processes/terminate.cpp", code=BUG)
        self.assertRegex(run.out, r"which P1\.main .* holds since")
        self.assertIn("and which has ended", run.out)

    def test_a_fork_among_threads(self):
        run = self.explore(program("fork_among_threads.cpp"), code=BUG)
        self.assertEqual(run.json["findings"][0]["kind"], "deadlock")
        self.assertIn("fork copied the lock while it was held", run.out)

    def test_zombies_and_orphans_are_information_unless_asked_for(self):
        for case in "zombie", "orphan":
            run = self.explore(f"{CASES}/processes/{case}.cpp", code=CLEAN)
            self.assertIn(f"csim: note: {case}", run.out)
            self.assertTrue(run.json["information"][0]["confirmed"])
            run = self.explore(f"{CASES}/processes/{case}.cpp", "--strict-processes", code=BUG)
            self.assertEqual(run.json["findings"][0]["kind"], "process")


class Signals(csim_run.Case):
    def test_a_kill_may_fall_between_two_writes(self):
        """The robust mutex tells its next owner; who does not repair the data then is found."""
        words = program("killed_owner.cpp"), "--strategy", "dpor"
        self.explore(*words, "-DREPAIR", code=CLEAN)
        run = self.explore(*words, code=BUG)
        self.assertEqual(run.json["findings"][0]["kind"], "assertion")

    def test_a_signal_that_comes_just_before_the_wait(self):
        self.explore(program("alarm.cpp"), code=CLEAN)
        run = self.explore(program("alarm.cpp"), "-DPAUSE", code=BUG)
        self.assertEqual(run.json["findings"][0]["kind"], "deadlock")

    def test_calls_that_are_not_async_signal_safe(self):
        run = self.explore(program("alarm.cpp"), "-DUNSAFE", code=BUG)
        self.assertIn("not async-signal-safe", run.json["findings"][0]["message"])


class Replays(csim_run.Case):
    FOUND = [(program("shared_counter.cpp"), "-DN=2"), (program("killed_owner.cpp"),), (program("alarm.cpp"), "-DPAUSE"),
             (program("fork_among_threads.cpp"),), (CASES + "/ipc/pipe_deadlock.cpp",), (CASES + "/ipc/pipe_eof.cpp",),
             (CASES + "/processes/terminate.cpp",), (CASES + "/processes/crash_isolation.cpp",),
             (CASES + "/patterns/master_worker_processes.cpp", "-DDIES")]

    def test_each_finding_replays_in_both_modes(self):
        for words in self.FOUND:
            run = self.explore(*words, code=BUG)
            for finding in run.json["findings"]:
                for mode in "user", "kernel":
                    with self.subTest(words, mode=mode):
                        replay = self.csim("replay", "--switch", mode, "--repeat", REPEATS, finding["trace"])
                        self.assertEqual(replay.code, BUG, replay)
                        self.assertIn(f"replayed {REPEATS} times: the same finding", replay.out)


class Leftovers(csim_run.Case):
    """Whatever the program did with processes, all of them are gone."""

    def processes(self):
        found = []
        for path in glob.glob("/proc/[0-9]*/cwd"):
            try:
                if os.readlink(path).startswith(self.directory):
                    found.append(path)
            except OSError:
                pass
        return found

    def eventually_none(self):
        self.eventually(lambda: not self.processes(), lambda: f"left: {self.processes()}")

    def test_after_many_executions(self):
        shared = tool_names()
        run = self.explore(program("shared_counter.cpp"), "--strategy", "random", "--executions", "3000", "-DN=2",
                           "-DLOCK", code=csim_run.BOUNDED)
        self.assertEqual(run.json["executions"]["total"], 3000)
        self.eventually_none()
        self.assertEqual(tool_names() - shared, set())

    def test_after_a_kill(self):
        for how in signal.SIGINT, signal.SIGKILL:
            csim = subprocess.Popen([csim_run.CSIM, "explore", program("shared_counter.cpp"), "--strategy", "random",
                                     "--executions", "100000000", "--time-limit", "0", "-DN=2", "-DLOCK"],
                                    cwd=self.directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL)
            end = time.monotonic() + csim_run.HANGS
            while len(self.processes()) < 4:  # csim, zygote, worker, a forked one
                self.assertLess(time.monotonic(), end)
                time.sleep(0.01)
            csim.send_signal(how)
            csim.wait()
            self.eventually_none()


if __name__ == "__main__":
    csim_run.main()
