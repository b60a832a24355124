"""Runs csim for the end-to-end tests: each test has a directory of its own, which is csim's working directory.

A test file ends with `csim_run.main()`; its first argument is the path of the csim binary.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAMS = os.path.join(ROOT, "tests", "cli", "programs")
CASES = os.path.join(ROOT, "cases")
HANGS = 60  # seconds: far more than any of the runs may take

CSIM = ""  # set by main()

CLEAN, BUG, USAGE, BOUNDED, UNCONTROLLED = 0, 1, 2, 3, 4


def program(name):
    """Path of a program under test."""
    return os.path.join(PROGRAMS, name)


def line_of(path, text):
    """Number of the only line of a file that contains the text."""
    with open(path) as file:
        lines = [number for number, line in enumerate(file, 1) if text in line]
    assert len(lines) == 1, f"{text!r} occurs on lines {lines} of {path}"
    return lines[0]


def processes_with(setting):
    """Numbers of the processes whose environment has the setting ("NAME=VALUE")."""
    found = []
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{number}/environ", "rb") as file:
                if setting.encode() in file.read().split(b"\0"):
                    found.append(int(number))
        except OSError:
            pass  # it has ended, or is not ours
    return found


def children_of(process):
    """Numbers of the processes that a process has started, and of those that were left to it."""
    try:
        with open(f"/proc/{process}/task/{process}/children") as file:
            return [int(number) for number in file.read().split()]
    except OSError:
        return []


class Run:
    """What one run of csim left: exit code and both outputs."""

    def __init__(self, words, code, out, err):
        self.words, self.code, self.out, self.err = words, code, out, err

    def __str__(self):
        return f"csim {' '.join(self.words)}\nexit code {self.code}\nstdout:\n{self.out}\nstderr:\n{self.err}"


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="csim-test-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        """Makes a file in the test's directory; returns its path."""
        with open(self.path(name), "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return self.path(name)

    def eventually(self, condition, what):
        """Waits for the condition; fails with the text what() if it does not come true in 20 seconds."""
        end = time.monotonic() + 20
        while not condition():
            self.assertLess(time.monotonic(), end, what())
            time.sleep(0.02)

    def read(self, name):
        with open(self.path(name)) as file:
            return file.read()

    def csim(self, *words, **options):
        """Runs csim to its end; fails if a signal ended it, or if it hangs."""
        words = [str(word) for word in words]
        done = subprocess.run([CSIM, *words], cwd=self.directory, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=HANGS, errors="replace", **options)
        run = Run(words, done.returncode, done.stdout, done.stderr)
        self.assertGreaterEqual(run.code, 0, f"csim died of a signal: {run}")
        return run

    def explore(self, name, *words, code=None):
        """Explores a program; returns the run with the JSON of its result as `run.json`."""
        path = name if os.path.isabs(name) else program(name)
        options, arguments = list(words), []
        if "--" in options:
            at = options.index("--")
            options, arguments = options[:at], options[at:]
        run = self.csim("explore", "--json", "result.json", *options, path, *arguments)
        if code is not None:
            self.assertEqual(run.code, code, run)
        run.json = json.loads(self.read("result.json"))
        return run

    def assert_usage_error(self, run, *texts):
        """Exit code 2, nothing on stdout, and one line on stderr that contains the texts."""
        self.assertEqual(run.code, USAGE, run)
        self.assertEqual(run.out, "", run)
        self.assertEqual(len(run.err.splitlines()), 1, run)
        self.assertTrue(run.err.startswith("csim: error: "), run)
        for text in texts:
            self.assertIn(text, run.err, run)


def main():
    global CSIM
    CSIM = os.path.abspath(sys.argv.pop(1))
    unittest.main(module="__main__")
