#!/usr/bin/env python3
"""The JSON of csim explore: its keys and types, and that everything but the timing is always the same."""
import csim_run
from csim_run import CASES, program

TIMING = "seconds", "executions_per_second"

FINDING = {"kind": str, "message": str, "variable": str, "sites": list, "execution": int, "confirmed": bool,
           "trace": str, "replay": str}
SITE = {"file": str, "line": int, "column": int, "function": str, "text": str, "task": str, "access": str,
        "locks": list, "stack": list}
OUTCOME = {"output": str, "exit": int, "executions": int, "trace": str}
TOP = {"csim": int, "program": str, "verdict": str, "complete": bool, "strategy": str, "seed": int, "jobs": int,
       "executions": dict, "events": int, "seconds": float, "executions_per_second": float, "findings": list,
       "bounds": list}
EXECUTIONS = {"total": int, "complete": int, "redundant": int, "vain": int, "cut": int}
KINDS = {"data-race", "deadlock", "assertion", "crash", "exception", "memory", "misuse", "uncontrolled"}

# What is explored, with the options and arguments that make it end soon.
EXPLORED = [
    (program("counter.cpp"), "--outcomes"),
    (program("counter.cpp"), "--outcomes", "-DMUTEX", "-DN=2"),
    (program("counter.cpp"), "--strategy", "random", "--seed", "7", "--executions", "50", "-DMUTEX", "-DN=3"),
    (program("abba.cpp"), "--keep-going", "--outcomes"),
    (CASES + "/locks/dining_philosophers.cpp", "-DN=3", "--keep-going"),
    (CASES + "/threads/crash.cpp", "--keep-going", "--outcomes"),
    (CASES + "/threads/who_first.cpp", "--outcomes"),
    (program("ways_to_end.cpp"), "--", "use_after_free"),
    (program("ways_to_end.cpp"), "--", "throw"),
    (program("ways_to_end.cpp"), "--outcomes", "--", "exit"),
]


class Json(csim_run.Case):
    def explored(self, words, *more):
        """The result without what depends on the time."""
        result = self.explore(words[0], *more, *words[1:]).json
        for key in TIMING:
            del result[key]
        return result

    def assert_keys(self, value, keys):
        for key, kind in keys.items():
            self.assertIn(key, value)
            self.assertIs(type(value[key]), kind, f"{key} in {value}")

    def test_has_the_keys_of_version_1(self):
        for words in EXPLORED:
            with self.subTest(words):
                result = self.explore(*words).json
                self.assert_keys(result, TOP)
                self.assertEqual((result["csim"], result["program"]), (1, words[0]))
                self.assertIn(result["verdict"], ("bug", "clean", "bounded", "error"))
                self.assert_keys(result["executions"], EXECUTIONS)
                self.assertEqual("outcomes" in result, "--outcomes" in words)
                for finding in result["findings"]:
                    self.check_finding(finding)
                for outcome in result.get("outcomes", []):
                    self.assert_keys(outcome, OUTCOME)

    def check_finding(self, finding):
        self.assert_keys(finding, FINDING)
        self.assertIn(finding["kind"], KINDS)
        self.assertEqual(finding["replay"], "csim replay " + finding["trace"])
        self.assertTrue(finding["sites"])
        for site in finding["sites"]:
            self.assert_keys(site, SITE)
            self.assertGreater(site["line"], 0)
            self.assertTrue(all(type(frame) is str for frame in site["stack"]))

    def test_counts_add_up(self):
        for words in EXPLORED:
            with self.subTest(words):
                counts = self.explored(words)["executions"]
                self.assertEqual(counts["total"], counts["complete"] + counts["redundant"] + counts["vain"] + counts["cut"])

    def test_is_the_same_bytes_each_time(self):
        def lines():
            return [line for line in self.read("result.json").splitlines()
                    if not any(f'"{key}"' in line for key in TIMING)]

        for words in EXPLORED:
            with self.subTest(words):
                self.explore(*words)
                before = lines()
                self.explore(*words)
                self.assertEqual(lines(), before)

    def test_goes_to_standard_output_alone(self):
        run = self.csim("explore", "--json", "-", program("counter.cpp"))
        self.assertTrue(run.out.startswith("{") and run.out.endswith("}\n"), run)

    def test_switch_and_restart_make_no_difference(self):
        ways = [("--switch", s, "--restart", r) for s in ("user", "kernel") for r in ("in-place", "fork")]
        for words in EXPLORED:
            expected = self.explored(words, *ways[0])
            for way in ways[1:]:
                with self.subTest(words, way=way):
                    self.assertEqual(self.explored(words, *way), expected)


if __name__ == "__main__":
    csim_run.main()
