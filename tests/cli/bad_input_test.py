#!/usr/bin/env python3
"""Wrong input: one clear message, exit code 2, and no half-written file."""
import contextlib
import os
import subprocess

import csim_run
from csim_run import BUG, USAGE, program

COUNTER = program("counter.cpp")


class Sources(csim_run.Case):
    def refuse(self, *words):
        run = self.csim("explore", *words)
        self.assertEqual((run.code, run.out), (USAGE, ""), run)
        return run

    def test_no_such_file(self):
        for command in ("explore",), ("instrument",), ("check",), ("replay",):
            with self.subTest(command):
                self.assert_usage_error(self.csim(*command, "none.cpp"), "none.cpp")

    def test_a_directory(self):
        for command in "explore", "instrument", "replay":
            with self.subTest(command):
                self.assert_usage_error(self.csim(command, self.directory), self.directory, "is a directory")

    def test_a_syntax_error_gives_clangs_own_message(self):
        self.write("bad.cpp", "int main() {\n  retrun 0;\n}\n")
        for command in "explore", "instrument":
            with self.subTest(command):
                run = self.csim(command, "bad.cpp")
                self.assertEqual((run.code, run.out), (USAGE, ""), run)
                self.assertRegex(run.err, r"(?m)^bad\.cpp:2:3: error: ")
                self.assertIn("retrun 0;", run.err)
                self.assertEqual(run.err.count("error:"), 1, run)

    def test_an_undefined_function_is_named(self):
        self.write("link.cpp", "void Missing();\nint main() { Missing(); }\n")
        run = self.refuse("link.cpp")
        self.assertIn("Missing()", run.err)

    def test_a_file_without_main(self):
        self.write("nothing.cpp", "")
        self.write("function.cpp", "int f() { return 1; }\n")
        for name in "nothing.cpp", "function.cpp":
            with self.subTest(name):
                run = self.refuse(name)
                self.assertIn("main", run.err)

    def test_a_binary_file(self):
        self.write("binary", bytes(range(256)) * 64)
        self.assert_usage_error(self.refuse("binary"), "binary", "no executable program")
        self.write("binary.cpp", bytes(range(256)) * 64)
        run = self.refuse("binary.cpp")
        self.assertIn("error:", run.err)

    def test_programs_that_csim_did_not_build(self):
        self.assert_usage_error(self.refuse("/bin/true"), "was not built by csim")
        with open("/bin/true", "rb") as file:
            self.write("cut", file.read(200))
        self.assert_usage_error(self.refuse("cut"), "cut")

    def test_a_file_that_is_no_source(self):
        self.write("notes.txt", "hello\n")
        self.assert_usage_error(self.refuse("notes.txt"), "notes.txt")


class Options(csim_run.Case):
    def test_unknown_ones(self):
        self.assert_usage_error(self.csim("explore", "--frobnicate", COUNTER), "--frobnicate")
        self.assert_usage_error(self.csim("replay", "--frobnicate", "trace.json"), "--frobnicate")
        self.assert_usage_error(self.csim("instrument", "--frobnicate", COUNTER), "--frobnicate")
        self.assert_usage_error(self.csim("check", "--frobnicate", COUNTER), "--frobnicate")

    def test_bad_values(self):
        for option, value in [("--strategy", "magic"), ("--seed", "many"), ("--seed", "-1"), ("--executions", "x"),
                              ("--executions", "-5"), ("--executions", "99999999999999999999999"),
                              ("--time-limit", "soon"), ("--time-limit", "-1s"), ("--time-limit", "5x"),
                              ("--preemptions", "-1"), ("--preemptions", "two"), ("--max-steps", "0"),
                              ("--max-steps", "-3"), ("--memory-limit", "lots"), ("--memory-limit", "-1"),
                              ("--loop-limit", "never"),
                              ("--loop-limit", "0"), ("--preemptions", "4294967296"), ("--seed", "1.5"),
                              ("--rwlock-policy", "rude"), ("--timeouts", "none"),
                              ("--switch", "train"), ("--restart", "never")]:
            with self.subTest(option, value=value):
                self.assert_usage_error(self.csim("explore", COUNTER, option, value), option)

    def test_a_missing_value_and_a_missing_file(self):
        self.assert_usage_error(self.csim("explore", COUNTER, "--seed"), "--seed")
        self.assert_usage_error(self.csim("explore", "--seed", "3"), "FILE")

    def test_standard_input_that_cannot_be_read(self):
        self.assert_usage_error(self.csim("explore", COUNTER, "--stdin", "none.txt"), "none.txt")


    def test_what_was_meant_is_suggested(self):
        for word, meant in (("--max-executions", "--executions"), ("--preemption-bound=3", "--preemptions"),
                            ("--jobz", "--jobs"), ("--timelimit=3s", "--time-limit")):
            with self.subTest(word):
                self.assert_usage_error(self.csim("explore", COUNTER, word), f"did you mean {meant}?")
        for option, word, meant in (("--strategy", "dporr", "dpor"), ("--strategy", "round_robin", "round-robin"),
                                    ("--strategy", "pso", "pos"), ("--timeouts", "virtaul", "virtual")):
            with self.subTest(option, word=word):
                self.assert_usage_error(self.csim("explore", COUNTER, option, word), option, f"did you mean {meant}?")
        self.assertNotIn("did you mean", self.csim("explore", COUNTER, "--strategy", "magic").err)
        self.assert_usage_error(self.csim("explore", COUNTER, "--zzz"), "'--zzz'", "csim explore --help")
        self.assert_usage_error(self.csim("exlore", COUNTER), "'exlore'", "did you mean csim explore?")
        self.assert_usage_error(self.csim("replay", "one.json", "two.json"), "'two.json' is one argument too many")


class Outputs(csim_run.Case):
    def files(self):
        return sorted(os.path.relpath(os.path.join(place, name), self.directory)
                      for place, _, names in os.walk(self.directory) for name in names)

    def test_json_that_cannot_be_written(self):
        for path in "none/result.json", self.directory, COUNTER + "/result.json", "/proc/csim.json":
            with self.subTest(path):
                self.assert_usage_error(self.csim("explore", COUNTER, "--json", path), "cannot write", path)
                self.assertEqual(self.files(), [])

    def test_traces_that_cannot_be_written(self):
        file = self.write("file", "")
        for path in file, file + "/traces", "/proc/csim/traces":
            with self.subTest(path):
                self.assert_usage_error(self.csim("explore", COUNTER, "--trace-dir", path), "cannot write", path)
                self.assertEqual(self.files(), ["file"])

    def test_a_full_device(self):
        run = self.csim("explore", COUNTER, "--json", "/dev/full")
        self.assertEqual(run.code, USAGE, run)
        self.assertEqual(run.err, "csim: error: cannot write '/dev/full': No space left on device\n")
        self.assertIn("BUG: csim: data race", run.out)  # the report is not lost
        self.assertTrue(os.path.exists("/dev/full") and not os.path.isfile("/dev/full"))

    def test_a_full_standard_output(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([csim_run.CSIM, "explore", COUNTER], cwd=self.directory, stdout=full,
                                  stderr=subprocess.PIPE, text=True, timeout=csim_run.HANGS)
        self.assertEqual((done.returncode, done.stderr), (USAGE, "csim: error: cannot write to standard output\n"))

    def test_closed_standard_streams(self):
        def closed(streams):
            words = [csim_run.CSIM, "explore", COUNTER]
            return subprocess.run(["sh", "-c", f'exec "$@" {streams}', "sh", *words], cwd=self.directory,
                                  capture_output=True, text=True, timeout=csim_run.HANGS)

        for streams in "<&-", "2>&-", "<&- 2>&-":
            with self.subTest(streams):
                done = closed(streams)
                self.assertEqual((done.returncode, done.stderr), (BUG, ""))
                self.assertIn("BUG: csim: data race", done.stdout)
        done = closed(">&-")
        self.assertEqual((done.returncode, done.stderr), (USAGE, "csim: error: cannot write to standard output\n"))
        self.assertEqual(closed("<&- >&- 2>&-").returncode, USAGE)

    def test_devices_and_links_are_written_not_replaced(self):
        os.symlink(self.write("real.json", ""), self.path("link.json"))
        self.assertEqual(self.csim("explore", COUNTER, "--json", "link.json").code, BUG)
        self.assertTrue(os.path.islink(self.path("link.json")))
        self.assertIn('"csim": 1', self.read("real.json"))
        run = self.csim("explore", COUNTER, "--json", "/dev/stdout")
        self.assertIn('"csim": 1', run.out)
        self.assertTrue(os.path.islink("/dev/stdout"))

    def test_an_existing_file_is_kept_when_nothing_comes_of_it(self):
        self.write("result.json", "")
        self.csim("explore", "none.cpp", "--json", "result.json")
        self.assertEqual(self.files(), ["result.json"])

    def test_a_full_disk(self):
        os.mkdir(self.path("disk"))
        mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", self.path("disk")],
                               capture_output=True, text=True)
        if mount.returncode != 0:
            self.skipTest(f"no tmpfs can be mounted here: {mount.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", self.path("disk")])
        with contextlib.suppress(OSError), open(self.path("disk/filler"), "wb", buffering=0) as filler:
            while filler.write(b"x" * 512):
                pass
        for option in ("--json", "disk/result.json"), ("--trace-dir", "disk/traces"):
            with self.subTest(option):
                run = self.csim("explore", COUNTER, *option)
                self.assertEqual(run.code, USAGE, run)
                self.assertRegex(run.err, r"\Acsim: error: cannot write 'disk/.*': No space left on device\n\Z")
                left = [name for _, _, names in os.walk(self.path("disk")) for name in names]
                self.assertEqual(left, ["filler"])


if __name__ == "__main__":
    csim_run.main()
