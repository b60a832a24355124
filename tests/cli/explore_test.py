#!/usr/bin/env python3
"""csim explore: verdicts, exit codes, and what a report names."""
import csim_run
from csim_run import BOUNDED, BUG, CLEAN, USAGE, line_of, program

COUNTER = program("counter.cpp")
ABBA = program("abba.cpp")
PHILOSOPHERS = csim_run.CASES + "/locks/dining_philosophers.cpp"


class ExitCodes(csim_run.Case):
    def test_clean_and_complete_is_0(self):
        run = self.explore("counter.cpp", "-DMUTEX", code=CLEAN)
        self.assertEqual((run.json["verdict"], run.json["complete"]), ("clean", True))
        self.assertIn("csim: clean: proved for this input", run.out)

    def test_a_bug_is_1(self):
        run = self.explore("counter.cpp", code=BUG)
        self.assertEqual(run.json["verdict"], "bug")

    def test_wrong_usage_is_2(self):
        self.assertEqual(self.csim("explore").code, USAGE)
        self.assertEqual(self.csim().code, USAGE)
        self.assertEqual(self.csim("exlpore", COUNTER).code, USAGE)

    def test_no_bug_within_the_bounds_is_3(self):
        run = self.explore("counter.cpp", "-DMUTEX", "--executions", "1", code=BOUNDED)
        self.assertEqual((run.json["verdict"], run.json["complete"]), ("bounded", False))

    def test_help_is_0_and_lists_the_exit_codes(self):
        run = self.csim("--help")
        self.assertEqual(run.code, CLEAN)
        self.assertIn("exit codes", run.out)


class CounterRace(csim_run.Case):
    def test_names_both_sites_and_the_replay_command(self):
        run = self.explore("counter.cpp", code=BUG)
        line = line_of(COUNTER, "counter++")
        accesses = set()
        for finding in run.json["findings"]:
            self.assertEqual((finding["kind"], finding["variable"]), ("data-race", "counter"))
            self.assertTrue(finding["confirmed"])
            self.assertEqual([(s["file"], s["line"]) for s in finding["sites"]], [(COUNTER, line)] * 2)
            self.assertEqual({s["task"] for s in finding["sites"]}, {"T1", "T2"})
            self.assertEqual(finding["message"].count(f"{COUNTER}:{line}"), 2)
            self.assertIn(f"BUG: csim: {finding['message']}", run.out)
            self.assertIn(f"Replay: {finding['replay']}", run.out)
            self.assertEqual(self.csim(*finding["replay"].split()[1:]).code, BUG)
            accesses.add(tuple(s["access"] for s in finding["sites"]))
        self.assertEqual(len(accesses), len(run.json["findings"]))  # each distinct race once
        self.assertIn(("write", "write"), accesses)

    def test_a_million_increments_race_in_the_first_execution(self):
        run = self.explore("counter.cpp", "-DN=1000000", code=BUG)
        self.assertEqual({(f["kind"], f["variable"]) for f in run.json["findings"]}, {("data-race", "counter")})
        self.assertEqual({f["execution"] for f in run.json["findings"]}, {1})
        self.assertEqual(run.json["executions"]["total"], 1)


class Outcomes(csim_run.Case):
    def outcomes(self, run):
        return [(o["output"], o["exit"], o["outcome"]) for o in run.json["outcomes"]]

    def test_two_increments_print_1_or_2(self):
        run = self.explore("counter.cpp", "--outcomes", "--strategy", "dfs", code=BUG)
        self.assertEqual(self.outcomes(run), [("1\n", 0, "completed"), ("2\n", 0, "completed")])
        self.assertTrue(run.json["complete"])
        self.assertEqual(sum(o["executions"] for o in run.json["outcomes"]), run.json["executions"]["total"])

    def test_with_a_mutex_they_print_2(self):
        for strategy in "dfs", "auto":
            run = self.explore("counter.cpp", "-DMUTEX", "--outcomes", "--strategy", strategy, code=CLEAN)
            self.assertEqual(self.outcomes(run), [("2\n", 0, "completed")])
            self.assertTrue(run.json["complete"])
            self.assertEqual(run.json["findings"], [])


class Deadlocks(csim_run.Case):
    def test_ab_ba_names_the_cycle(self):
        run = self.explore("abba.cpp", code=BUG)
        (finding,) = run.json["findings"]
        self.assertEqual(finding["kind"], "deadlock")
        cycle = {s["task"]: s for s in finding["sites"] if s["in_cycle"]}
        self.assertEqual(set(cycle), {"T1", "T2"})
        for task, wanted, holder in ("T1", "right", "T2"), ("T2", "left", "T1"):
            side = cycle[task]
            self.assertEqual((side["waits_for"], side["held_by"]), (wanted, holder))
            self.assertEqual(side["line"], line_of(ABBA, f"wanted by {task}"))
            self.assertEqual(side["held_since"], f"{ABBA}:{line_of(ABBA, f'held by {holder}')}")
        for text in "mutex `left`", "mutex `right`", "Cycle:", f"holds since {ABBA}:{line_of(ABBA, 'held by T1')}":
            self.assertIn(text, run.out, run)

    def test_three_philosophers_deadlock(self):
        run = self.explore(PHILOSOPHERS, "-DN=3", code=BUG)
        (finding,) = run.json["findings"]
        self.assertEqual(finding["kind"], "deadlock")
        in_cycle = [s for s in finding["sites"] if s["in_cycle"]]
        self.assertEqual({s["waits_for"] for s in in_cycle}, {"forks[0]", "forks[1]", "forks[2]"})

    def test_ordered_philosophers_are_clean(self):
        run = self.explore(PHILOSOPHERS, "-DN=3", "-DORDERED", code=CLEAN)
        self.assertTrue(run.json["complete"])


if __name__ == "__main__":
    csim_run.main()
