"""Traces that are shown are as short as can be, and say from where on the bug cannot be avoided."""
import os

import csim_run

CASES = csim_run.CASES
SCT = os.path.join(csim_run.ROOT, "bench", "programs", "sct")

# Programs with a bug that needs some schedule.
PROGRAMS = [
    (CASES, "locks/deadlock_ab_ba.cpp", []),
    (CASES, "locks/dining_philosophers.cpp", ["-DN=3"]),
    (CASES, "locks/dining_philosophers.cpp", ["-DN=5"]),
    (CASES, "locks/rwlock_handmade.cpp", ["-DNOTIFY_ONE"]),
    (CASES, "locks/rwlock_handmade.cpp", ["-DIF"]),
    (CASES, "locks/rwlock_handmade.cpp", ["-DREADER_FIRST"]),
    (CASES, "locks/rwlock_recursive_read.cpp", ["--rwlock-policy", "writer"]),
    (CASES, "conditions/lost_wakeup.cpp", []),
    (CASES, "conditions/bounded_buffer_if.cpp", []),
    (CASES, "conditions/bounded_buffer_one_condition.cpp", []),
    (CASES, "locks/advisory_mutex.cpp", []),
    (CASES, "threads/counter_small.cpp", []),
    (CASES, "threads/join.cpp", ["-DEARLY"]),
    (CASES, "ipc/pipe_deadlock.cpp", []),
    (CASES, "coroutines/multi_thread_executor.cpp", []),
    (CASES, "locks/double_checked.cpp", ["-DONCE"]),
    (CASES, "locks/seqlock.cpp", ["-DNO_RECHECK"]),
    (CASES, "locks/seqlock.cpp", ["-DONE_STEP"]),
    (CASES, "locks/treiber_stack.cpp", ["-DNO_TAG"]),
    (SCT, "reorder.c", []),
    (SCT, "twostage.c", []),
    (SCT, "wsq.cpp", []),
]


def same(a, b):
    def places(f):
        return sorted((s["file"], s["line"]) for s in f["sites"])
    return a["kind"] == b["kind"] and places(a) == places(b)


class Minimal(csim_run.Case):
    def least_preemptions(self, path, options, finding):
        """The least bound under which a search of everything finds the same bug."""
        for bound in range(5):
            found = self.explore(path, "--strategy", "preemption-bounded", "--preemptions", bound, "--keep-going",
                                 "--time-limit", 30, *options).json
            if any(same(f, finding) for f in found["findings"]):
                return bound
            # "complete" is what the bound leaves: nothing else may have cut it.
            self.assertFalse([b for b in found["bounds"] if "--preemptions" not in b], found["bounds"])
        self.fail(f"not found again: {finding['message']}")

    def test_as_few_preemptions_as_exhaustive_search_by_rising_bound(self):
        for folder, name, options in PROGRAMS:
            with self.subTest(name=name, options=options):
                path = os.path.join(folder, name)
                finding = self.explore(path, *options, code=csim_run.BUG).json["findings"][0]
                self.assertTrue(finding["confirmed"])
                self.assertEqual(finding["preemptions"], self.least_preemptions(path, options, finding))

    def test_switches_and_the_point_of_no_return(self):
        path = os.path.join(CASES, "locks/deadlock_ab_ba.cpp")
        run = self.explore(path, "--compare", code=csim_run.BUG)
        finding = run.json["findings"][0]
        # To T1, which takes one lock, and to T2, which takes the other: less is not enough.
        self.assertEqual((finding["preemptions"], finding["switches"]), (1, 2))
        self.assertIn("cannot happen if all take", " ".join(finding["explanation"]))
        self.assertIn("> from here on it always comes to this", run.out)
        self.assertIn("Beside the nearest execution without it", run.out)
        self.assertLess(0, finding["sampled"]["times"])
        self.assertLess(finding["sampled"]["times"], finding["sampled"]["executions"])
        # The execution beside it really passes, and replays.
        passing = self.csim("replay", finding["passing_trace"])
        self.assertEqual(passing.code, csim_run.CLEAN, passing)
        # A replay tells the same.
        replay = self.csim("replay", finding["trace"])
        self.assertIn("> from here on it always comes to this", replay.out)
        self.assertIn("cannot happen if all take", replay.out)

    def test_why_a_race(self):
        path = os.path.join(CASES, "locks/advisory_mutex.cpp")
        finding = self.explore(path, code=csim_run.BUG).json["findings"][0]
        why = " ".join(finding["explanation"])
        line = csim_run.line_of(path, "audited = balance;")
        self.assertIn(f"balance is guarded by `mutex` at 3 of 4 sites, not at {path}:{line} (Audit)", why)
        self.assertIn("The last thing that both come after: main starts T1", why)
        self.assertTrue(finding["always"])

    def test_why_a_lost_wakeup(self):
        path = os.path.join(CASES, "conditions/lost_wakeup.cpp")
        finding = self.explore(path, code=csim_run.BUG).json["findings"][0]
        self.assertEqual(finding["kind"], "lost-wakeup")
        self.assertIn("when nobody waits there", " ".join(finding["explanation"]))

    def test_how_many_of_all(self):
        path = os.path.join(CASES, "locks/deadlock_ab_ba.cpp")
        run = self.explore(path, "--strategy", "dpor", "--keep-going", code=csim_run.BUG)
        times = run.json["findings"][0]["executions"]
        total = run.json["executions"]["complete"]
        self.assertTrue(run.json["complete"])
        self.assertIn(f"In {times} of all {total} executions.", run.out)


if __name__ == "__main__":
    csim_run.main()
