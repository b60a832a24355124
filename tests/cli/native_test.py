#!/usr/bin/env python3
"""--native: how often each outcome comes without csim's scheduler, beside what the exploration found."""
import json
import os

import csim_run
from csim_run import BUG, CASES, CLEAN, processes_with

HANGS = """#include <semaphore.h>
#include <stdio.h>
#include <unistd.h>
int main() {
  sem_t never;
  sem_init(&never, 0, 0);
  puts("waits");
  fflush(stdout);
  if (fork() == 0) sem_wait(&never);
  sem_wait(&never);
}
"""


class Native(csim_run.Case):
    def test_counts_each_run_once(self):
        run = self.explore(os.path.join(CASES, "threads", "who_first.cpp"), "--native", "40", code=CLEAN)
        self.assertEqual(run.json["native_runs"], 40, run)
        outcomes = {o["output"]: o for o in run.json["outcomes"]}
        self.assertEqual(sorted(outcomes), ["main first\n", "new thread first\n"], run)
        self.assertEqual(sum(o["native"] for o in outcomes.values()), 40, run)
        self.assertIn("40 runs under the system's scheduler", run.out)

    def test_arguments_input_and_exit_code_are_those_of_the_program(self):
        path = self.write("echo.cpp", '#include <cstdio>\n#include <cstdlib>\nint main(int, char** words) {\n'
                          '  int c; while ((c = getchar()) != EOF) putchar(c);\n  return std::atoi(words[1]); }\n')
        text = self.write("input.txt", "what was read")
        run = self.explore(path, "--native", "3", "--stdin", text, "--", "7", code=CLEAN)
        [outcome] = run.json["outcomes"]
        self.assertEqual((outcome["output"], outcome["exit"], outcome["native"]), ("what was read", 7, 3), run)

    def test_a_run_that_hangs_is_ended_with_all_that_it_started(self):
        mark = "NATIVE_TEST=" + self.path("")
        run = self.csim("explore", self.write("hangs.cpp", HANGS), "--native", "1", "--json", "result.json",
                        env={**os.environ, "NATIVE_TEST": self.path("")})
        self.assertEqual(run.code, BUG, run)
        outcomes = json.loads(self.read("result.json"))["outcomes"]
        [hung] = [o for o in outcomes if o["native"] > 0]
        self.assertEqual((hung["native"], hung["outcome"], hung["output"]), (1, "deadlock", "waits\n"), run)
        self.assertGreater(hung["executions"], 0, run)
        self.eventually(lambda: processes_with(mark) == [], lambda: f"left: {processes_with(mark)}")

    def test_an_assertion_that_fails_is_the_same_though_libc_says_more(self):
        path = self.write("fails.cpp", "#include <cassert>\n#include <cstdlib>\n"
                          "int main(int count, char**) { assert(count == 0); }\n")
        run = self.explore(path, "--native", "2", code=BUG)
        [outcome] = run.json["outcomes"]
        self.assertEqual((outcome["outcome"], outcome["native"]), ("assertion", 2), run)

    def test_no_run_is_no_number(self):
        self.assert_usage_error(self.csim("explore", "a.cpp", "--native", "0"), "--native: must be at least 1")


if __name__ == "__main__":
    csim_run.main()
