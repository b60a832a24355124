#!/usr/bin/env python3
"""csim check: right and wrong expectations, and files without one."""
import csim_run
from csim_run import BUG, CLEAN, program

RIGHT = program("right.cpp")


class Check(csim_run.Case):
    def setUp(self):
        super().setUp()
        with open(RIGHT) as file:
            self.source = file.read()

    def changed(self, name, old, new):
        self.assertIn(old, self.source)
        return self.write(name, self.source.replace(old, new))

    def rows(self, run):
        """First words of the table's rows: result and file."""
        return [line.split()[:2] for line in run.out.splitlines() if line[:6].strip() in ("ok", "FAILED")]

    def assert_fails(self, path, reason):
        run = self.csim("check", path)
        self.assertEqual((run.code, run.err), (BUG, ""), run)
        self.assertEqual(self.rows(run), [["FAILED", path]])
        self.assertIn(reason, run.out)
        self.assertTrue(run.out.endswith("0 passed, 1 failed\n"), run)

    def test_a_right_expectation_passes(self):
        run = self.csim("check", RIGHT)
        self.assertEqual((run.code, run.err), (CLEAN, ""), run)
        self.assertEqual(self.rows(run), [["ok", RIGHT]])
        self.assertTrue(run.out.endswith("1 passed, 0 failed\n"), run)

    def test_a_wrong_verdict(self):
        self.assert_fails(self.changed("a.cpp", "bug data-race shared", "clean"), "verdict bug instead of clean")

    def test_a_wrong_kind(self):
        self.assert_fails(self.changed("a.cpp", "bug data-race shared", "bug deadlock"), "no confirmed deadlock")

    def test_a_wrong_variable(self):
        self.assert_fails(self.changed("a.cpp", "data-race shared", "data-race other"), "no confirmed data-race other")

    def test_wrong_outcomes(self):
        path = self.changed("a.cpp", "// expect:", '// csim: --outcomes\n// outcomes: "never"\n// expect:')
        self.assert_fails(path, 'other outcomes: ""')

    def test_outcomes_that_were_not_asked_for(self):
        path = self.changed("a.cpp", "// expect:", '// outcomes: ""\n// expect:')
        self.assert_fails(path, "outcomes")

    def test_a_file_without_expectation(self):
        self.assert_fails(self.changed("a.cpp", "// expect: bug data-race shared", "//"), "no 'expect:' line")

    def test_an_expectation_that_is_none(self):
        self.assert_fails(self.changed("a.cpp", "bug data-race", "trouble"), "line 3: ")

    def test_wrong_options(self):
        path = self.changed("a.cpp", "// expect:", "// csim: --strategy magic\n// expect:")
        run = self.csim("check", path)
        self.assertEqual(run.code, BUG, run)
        self.assertEqual(self.rows(run), [["FAILED", path]])

    def test_a_file_that_does_not_compile(self):
        path = self.changed("a.cpp", "int main", "int int main")
        run = self.csim("check", path)
        self.assertEqual(run.code, BUG, run)
        self.assertEqual(self.rows(run), [["FAILED", path]])

    def test_a_directory_lists_every_run_of_every_file(self):
        self.write("b.cpp", self.source)
        self.changed("a.cpp", "// expect:", "// csim: --outcomes\n// expect: bug data-race\n// csim: -DX\n// expect:")
        self.changed("c.cpp", "bug data-race shared", "clean")
        self.write("notes.txt", "no program")
        run = self.csim("check", self.directory)
        self.assertEqual(run.code, BUG, run)
        names = [[result, path.rsplit("/", 1)[1]] for result, path in self.rows(run)]
        self.assertEqual(names, [["ok", "a.cpp"], ["ok", "a.cpp"], ["ok", "b.cpp"], ["FAILED", "c.cpp"]])
        self.assertTrue(run.out.endswith("3 passed, 1 failed\n"), run)

    def test_a_directory_without_programs_is_no_success(self):
        self.assert_usage_error(self.csim("check", self.directory), self.directory)


if __name__ == "__main__":
    csim_run.main()
