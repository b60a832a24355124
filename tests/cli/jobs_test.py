#!/usr/bin/env python3
"""What is found, and in how many executions, does not depend on the number of jobs."""
import csim_run
from csim_run import BOUNDED, BUG, CASES

# Explorations, with races or without, that end by themselves, at the first bug, or at a budget.
EXPLORATIONS = [
    ("counter.cpp",),
    ("counter.cpp", "--keep-going"),
    ("counter.cpp", "--outcomes"),
    ("counter.cpp", "--strategy", "random", "--executions", "300", "--keep-going", "--outcomes"),
    ("counter.cpp", "-DMUTEX", "-DN=2", "--strategy", "dfs", "--outcomes"),
    ("abba.cpp", "--strategy", "random"),
    ("interleave.cpp", "--strategy", "dfs", "--outcomes", "-DK=6"),
    ("interleave.cpp", "--strategy", "dfs", "--outcomes", "--executions", "777"),
    ("interleave.cpp", "--strategy", "random", "--outcomes", "--executions", "777"),
    ("interleave.cpp", "--strategy", "random", "-DBUG"),
    ("interleave.cpp", "--strategy", "surw", "-DBUG", "--keep-going", "--executions", "1000"),
    ("interleave.cpp", "--strategy", "pos", "-DBUG", "--executions", "5"),
    ("interleave.cpp", "--strategy", "pct", "-DBUG", "-DK=5", "--seed", "4", "--outcomes"),
    ("interleave.cpp", "--strategy", "sleep-sets", "-DBUG", "--keep-going"),
    (CASES + "/threads/crash.cpp", "--keep-going"),
]


class Jobs(csim_run.Case):
    def result(self, words, jobs, *options):
        result = self.explore(*words, "--jobs", jobs, *options).json
        self.assertEqual(result.pop("jobs"), jobs)
        for key in "seconds", "executions_per_second":
            result.pop(key)
        return result

    def test_make_no_difference(self):
        for words in EXPLORATIONS:
            expected = self.result(words, 1)
            for jobs in 2, 3, 16:
                with self.subTest(words, jobs=jobs):
                    self.assertEqual(self.result(words, jobs), expected)

    def test_nor_does_the_way_of_restarting(self):
        words = ("interleave.cpp", "--strategy", "random", "--executions", "60", "--outcomes")
        expected = self.result(words, 1)
        for way in ("--restart", "fork"), ("--switch", "kernel"):
            with self.subTest(way):
                self.assertEqual(self.result(words, 2, *way), expected)

    def test_a_budget_is_spent_to_the_last_execution(self):
        for strategy in "random", "pct", "pos", "surw", "dfs":
            for executions in 1, 15, 16, 17, 79, 80, 81, 1000:
                with self.subTest(strategy, executions=executions):
                    run = self.explore("interleave.cpp", "-DK=7", "--strategy", strategy, "--executions",
                                       executions, "--jobs", 2, code=BOUNDED)
                    self.assertEqual(run.json["executions"]["total"], executions)

    def test_the_first_bug_is_the_answer(self):
        """The number of its execution is that of the executions run, and the same seed finds it again."""
        run = self.explore("interleave.cpp", "-DBUG", "-DK=5", "--strategy", "random", "--jobs", 2, code=BUG)
        number = run.json["executions"]["total"]
        self.assertEqual([f["execution"] for f in run.json["findings"]], [number])
        before = self.explore("interleave.cpp", "-DBUG", "-DK=5", "--strategy", "random", "--jobs", 2,
                              "--executions", number - 1, code=BOUNDED)
        self.assertEqual(before.json["findings"], [])

    def test_what_is_no_number_of_jobs(self):
        for jobs in "0", "-1", "two", "1.5", "5000", "99999999999999999999":
            with self.subTest(jobs):
                self.assert_usage_error(self.csim("explore", "--jobs", jobs, csim_run.program("counter.cpp")),
                                        "--jobs", jobs)


if __name__ == "__main__":
    csim_run.main()
