#!/usr/bin/env python3
"""Programs that state properties: each is explored by itself; and how often waiting tasks are passed."""
import json
import os
import shutil
import subprocess

import csim_run
from csim_run import BUG, CLEAN, ROOT, program

STATES = program("states_properties.cpp")
LOCKERS = program("lockers.cpp")


class Properties(csim_run.Case):
    def properties(self, *words, code=None):
        run = self.explore(STATES, *words, code=code)
        self.assertIn("properties", run.json, run)
        return run, {p["name"]: p for p in run.json["properties"]}

    def test_each_property_has_a_verdict_and_its_executions(self):
        run, all_of_them = self.properties(code=CLEAN)
        verdicts = {name: p["verdict"] for name, p in all_of_them.items()}
        self.assertEqual(verdicts, {"mutual-exclusion": "holds", "no-data-race": "holds", "deadlock-freedom": "holds",
                                    "try-lock": "holds", "first-come-first-served": "violated", "overtaking": "holds"})
        self.assertTrue(all(p["executions"] > 0 for p in all_of_them.values()))
        self.assertEqual(run.json["executions"]["total"], sum(p["executions"] for p in all_of_them.values()))
        self.assertFalse(all_of_them["first-come-first-served"]["demanded"])
        self.assertTrue(run.json["complete"])
        for name, p in all_of_them.items():
            self.assertIn(name, run.out)
            self.assertEqual(run.out.count(p["trace"]) > 0 or p["trace"] == "", True)

    def test_a_demanded_property_that_is_violated_is_a_bug_with_a_trace(self):
        run, all_of_them = self.properties("-DNONE", code=BUG)
        self.assertEqual(all_of_them["mutual-exclusion"]["verdict"], "violated")
        self.assertEqual(all_of_them["no-data-race"]["verdict"], "violated")
        self.assertEqual(all_of_them["deadlock-freedom"]["verdict"], "holds")
        self.assertEqual({f["kind"] for f in run.json["findings"]}, {"property", "data-race"})
        for finding in run.json["findings"]:
            self.assertTrue(finding["confirmed"])
            self.assertEqual(self.csim("replay", "-q", finding["trace"]).code, BUG)

    def test_what_is_never_reached_is_violated_by_all_executions(self):
        run, all_of_them = self.properties("-DALONE", code=BUG)
        share = all_of_them["readers-share"]
        self.assertEqual((share["verdict"], share["trace"]), ("violated", ""))
        self.assertIn(f"in none of {share['executions']} executions", share["message"])
        self.assertEqual([f["message"] for f in run.json["findings"]], [share["message"]])

    def test_one_property(self):
        run, all_of_them = self.properties("--property", "no-data-race", "-DNONE", code=BUG)
        self.assertEqual(list(all_of_them), ["no-data-race"])
        self.properties("--property", "deadlock-freedom", "-DNONE", code=CLEAN)

    def test_a_property_that_is_not_there(self):
        self.assert_usage_error(self.csim("explore", "--property", "speed", STATES), "states no property 'speed'")
        self.assert_usage_error(self.csim("explore", "--property", "speed", program("right.cpp")),
                                "states no properties")

    def test_the_result_does_not_depend_on_the_number_of_jobs(self):
        def without_times(jobs):
            _, found = self.properties("-DALONE", "--jobs", jobs)
            return [{key: p[key] for key in p if key != "seconds"} for p in found.values()]

        self.assertEqual(without_times(1), without_times(2))

    def test_check_compares_the_verdicts(self):
        with open(STATES) as file:
            source = file.read()
        right = self.write("right.cpp", "// expect: clean\n// properties: try-lock holds, overtaking holds\n" + source)
        self.assertEqual(self.csim("check", right).code, CLEAN)
        for expected, reason in (("try-lock violated", "property try-lock holds instead of violated"),
                                 ("speed holds", "no property speed"), ("try-lock", "is no expectation")):
            wrong = self.write("wrong.cpp", f"// expect: clean\n// properties: {expected}\n" + source)
            run = self.csim("check", wrong)
            self.assertEqual(run.code, BUG)
            self.assertIn(reason, run.out)

    def test_runs_without_csim(self):
        compiler = shutil.which("c++") or shutil.which("clang++-19") or shutil.which("clang++")
        for flags in (["-std=c++17"], ["-std=c++20", "-DALONE"]):
            subprocess.run([compiler, *flags, "-Wall", "-Wextra", "-Werror", "-pthread", "-I",
                            os.path.join(ROOT, "include"), STATES, "-o", self.path("native")], check=True)
            done = subprocess.run([self.path("native")], capture_output=True, text=True, timeout=csim_run.HANGS)
            self.assertEqual(done.returncode, 0, done)
            self.assertIn("mutual-exclusion: ran once\n", done.stdout)


class Fairness(csim_run.Case):
    def test_a_mutex_may_be_taken_by_the_other_as_often_as_it_comes(self):
        for rounds in (1, 2, 3):
            for strategy in ("auto", "dpor", "sleep-sets"):
                result = self.explore(LOCKERS, f"-DROUNDS={rounds}", "--fairness", "--strategy", strategy,
                                      code=CLEAN).json
                measured = [f for f in result["information"] if f["kind"] == "starvation"]
                self.assertEqual([f["measure"] for f in measured], [rounds])
                self.assertIn("waits for mutex", measured[0]["message"])

    def test_more_than_is_allowed_is_a_bug(self):
        self.explore(LOCKERS, "-DROUNDS=2", "--fairness=2", code=CLEAN)
        result = self.explore(LOCKERS, "-DROUNDS=2", "--fairness=1", code=BUG).json
        self.assertEqual([f["kind"] for f in result["findings"]], ["starvation"])
        self.assertTrue(result["findings"][0]["confirmed"])
        self.assertEqual(self.csim("replay", "-q", result["findings"][0]["trace"]).code, BUG)

    def test_the_trace_shows_all_that_pass(self):
        result = self.explore(LOCKERS, "-DROUNDS=3", "--fairness", "--strategy", "dpor", code=CLEAN).json
        with open(self.path(result["information"][0]["trace"])) as file:
            trace = json.load(file)
        events = [(e[1], e[2]) for e in trace["events"]]
        waits = next(i for i, e in enumerate(events) if e[1] == "thread_start")  # and asks for the mutex then
        took = events.index((events[waits][0], "mutex_lock"))
        others = [e for e in events[waits:took] if e[1] == "mutex_lock"]
        self.assertEqual(len(others), 3)

    def test_a_number_of_times_that_is_none(self):
        self.assert_usage_error(self.csim("explore", "--fairness=often", LOCKERS), "'often' is no number of times")


if __name__ == "__main__":
    csim_run.main()
