#!/usr/bin/env python3
"""csim instrument: the rewritten source, the difference, the points in the margin."""
import os

import csim_run
from csim_run import CLEAN, line_of, program

COUNTER = program("counter.cpp")


class Instrument(csim_run.Case):
    def shown(self, *words):
        before = set(os.listdir(self.directory))
        run = self.csim("instrument", *words)
        self.assertEqual((run.code, run.err), (CLEAN, ""), run)
        self.assertEqual(set(os.listdir(self.directory)), before)
        return run.out

    def asserting(self):
        return self.write("asserts.cpp", "#include <cassert>\nint main(int count, char**) {\n"
                                         "  assert(count == 1);\n}\n")

    def test_shows_the_rewritten_source(self):
        self.assertIn("counter++;", self.shown(COUNTER))

    def test_the_rewritten_source_keeps_its_lines(self):
        path = self.asserting()
        out = self.shown(path)
        self.assertEqual(len(out.splitlines()), len(self.read("asserts.cpp").splitlines()))
        self.assertNotIn("  assert(count == 1);", out)

    def test_diff_shows_changed_lines_only(self):
        lines = self.shown("--diff", self.asserting()).splitlines()
        self.assertEqual([line for line in lines if line.startswith("-") and line[:3] != "---"],
                         ["-  assert(count == 1);"])
        self.assertTrue(any(line.startswith("+") and "count == 1" in line for line in lines), lines)

    def test_diff_of_what_needs_no_change_is_empty(self):
        self.assertEqual(self.shown("--diff", COUNTER), "")

    def test_points_mark_scheduling_points_and_plain_accesses(self):
        def margin(*flags):
            lines = self.shown("--points", *flags, COUNTER).splitlines()
            with open(COUNTER) as file:
                source = file.read().splitlines()
            # The source stands to the right of the margin, line by line.
            shown = [next((l for l in lines if l.endswith(text)), None) for text in source if text.strip()]
            self.assertNotIn(None, shown)
            return {number: next(l for l in lines if l.endswith(text))[:-len(text)].strip(" |0123456789")
                    for number, text in enumerate(source, 1) if text.strip()}

        racy, guarded = margin(), margin("-DMUTEX")
        lock, access, join = (line_of(COUNTER, t) for t in ("lock(m)", "counter++", "first.join()"))
        self.assertNotEqual(racy[access], "")
        self.assertNotEqual(racy[join], "")
        self.assertEqual(racy[lock], "")  # not compiled
        self.assertNotEqual(guarded[lock], "")
        self.assertNotEqual(guarded[access], guarded[join])  # a plain access is no scheduling point by itself

    def test_one_file_and_one_view_at_a_time(self):
        self.assert_usage_error(self.csim("instrument"), "exactly one")
        self.assert_usage_error(self.csim("instrument", COUNTER, COUNTER), "exactly one")
        self.assert_usage_error(self.csim("instrument", "--diff", "--points", COUNTER), "exclude each other")


if __name__ == "__main__":
    csim_run.main()
