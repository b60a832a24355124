#!/usr/bin/env python3
"""Programs that crash, run for ever, eat memory or attack csim: each ends in a finding or a named limit."""
import unittest

import csim_run
from csim_run import BOUNDED, BUG, CLEAN, UNCONTROLLED, line_of, program

WAYS = program("ways_to_end.cpp")


class WithFinding(csim_run.Case):
    def finding(self, way, kind):
        """Explores one way to end in a bug; the only finding, which has the kind and replays."""
        run = self.explore("ways_to_end.cpp", "--", way, code=BUG)
        self.assertEqual([f["kind"] for f in run.json["findings"]], [kind], run)
        finding = run.json["findings"][0]
        self.assertTrue(finding["confirmed"], run)
        replay = self.csim("replay", finding["trace"])
        self.assertEqual(replay.code, BUG, replay)
        return finding

    def assert_at(self, finding, text):
        site = finding["sites"][0]
        self.assertEqual((site["file"], site["line"]), (WAYS, line_of(WAYS, text)), finding)


class Crashes(WithFinding):
    def test_null_dereference_in_a_thread(self):
        finding = self.finding("null", "crash")
        self.assertIn("SIGSEGV", finding["message"])
        self.assertIn("T1", finding["message"])
        self.assert_at(finding, "// null")

    def test_abort(self):
        finding = self.finding("abort", "crash")
        self.assertIn("abort", finding["message"])
        self.assert_at(finding, "// abort")

    def test_uncaught_exception_says_what(self):
        finding = self.finding("throw", "exception")
        self.assertIn("std::runtime_error", finding["message"])
        self.assertIn("the door is shut", finding["message"])

    def test_infinite_recursion(self):
        for way in "recurse", "recurse_main":
            finding = self.finding(way, "crash")
            self.assertIn("stack overflow", finding["message"])

    def test_joinable_thread_destroyed(self):
        finding = self.finding("joinable", "misuse")
        self.assertIn("joinable", finding["message"])

    def test_unlock_of_a_mutex_not_held(self):
        finding = self.finding("unlock", "misuse")
        self.assertIn("nobody holds", finding["message"])
        self.assertIn("free_mutex", finding["message"])
        self.assert_at(finding, "// unlock")

    def test_raised_signals(self):
        for way in "sigsegv", "raise":
            self.assertIn("SEGV", self.finding(way, "crash")["message"])


    def test_null_dereference_with_all_signals_blocked(self):
        self.assertIn("SIGSEGV", self.finding("block_signals", "crash")["message"])


class Memory(WithFinding):
    def test_use_after_free(self):
        finding = self.finding("use_after_free", "memory")
        self.assertIn("use after free", finding["message"])
        self.assert_at(finding, "// used")

    def test_double_free(self):
        finding = self.finding("double_free", "memory")
        self.assertIn("double free", finding["message"])
        self.assert_at(finding, "// freed again")

    def test_heap_overflow(self):
        finding = self.finding("overflow", "memory")
        self.assertIn("overflow", finding["message"])
        self.assert_at(finding, "// beyond")

    def test_heap_overflow_beyond_the_next_block(self):
        self.assert_at(self.finding("overflow_far", "memory"), "// far beyond")


class Limits(csim_run.Case):
    def limit(self, way, text, *options):
        run = self.explore("ways_to_end.cpp", *options, "--", way, code=BOUNDED)
        self.assertEqual(run.json["findings"], [], run)
        self.assertTrue(any(text in bound for bound in run.json["bounds"]), run)
        return run

    def test_endless_loop(self):
        run = self.limit("loop", "endless loop", "--loop-limit", "300ms")
        self.assertIn("T1", run.json["bounds"][0])

    def test_allocation_without_end(self):
        self.limit("allocate", "memory limit", "--memory-limit", "64M")

    def test_output_without_end(self):
        self.limit("write", "--max-steps", "--max-steps", "20000")
        self.limit("write_raw", "--max-steps", "--max-steps", "20000")


class Exits(csim_run.Case):
    def test_exit_in_a_thread_ends_the_program_with_its_code(self):
        for way in "exit", "_exit":
            run = self.explore("ways_to_end.cpp", "--outcomes", "--", way, code=CLEAN)
            self.assertEqual([(o["outcome"], o["exit"]) for o in run.json["outcomes"]], [("completed", 3)])


class Uncontrolled(csim_run.Case):
    def uncontrolled(self, way, call, mark):
        run = self.explore("ways_to_end.cpp", "--time-limit", "8s", "--", way, code=UNCONTROLLED)
        self.assertEqual((run.json["verdict"], run.json["bounds"]), ("error", []))
        self.assertIn(f"csim cannot control {call} called by main at {WAYS}:{line_of(WAYS, f'// {mark}')}",
                      run.json["error"])
        self.assertNotIn("BUG", run.out)

    def test_a_program_that_csim_did_not_build(self):
        self.uncontrolled("system", 'system("true"), a shell command,', "system")


class Attacks(csim_run.Case):
    """csim lives, ends, and says what it saw."""

    def test_scribbling_over_globals_and_stack(self):
        for way in "scribble_globals", "scribble_stack":
            with self.subTest(way):
                run = self.explore("ways_to_end.cpp", "--", way, code=BUG)
                self.assertEqual([f["kind"] for f in run.json["findings"]], ["crash"], run)

    def test_scribbling_over_the_heap(self):
        run = self.explore("ways_to_end.cpp", "--", "scribble_heap", code=BUG)
        self.assertEqual([f["kind"] for f in run.json["findings"]], ["memory"], run)

    def test_scribbling_over_all_writable_memory(self):
        run = self.explore("ways_to_end.cpp", "--", "scribble", code=UNCONTROLLED)
        self.assertEqual(run.json["error"], "the program wrote over csim's own memory")
        self.assertEqual(run.json["findings"], [])

    def test_killing_itself(self):
        run = self.explore("ways_to_end.cpp", "--", "sigkill", code=BUG)
        self.assertIn("KILL", run.json["findings"][0]["message"])

    def test_closing_all_descriptors(self):
        run = self.explore("ways_to_end.cpp", "--outcomes", "--", "close_all", code=CLEAN)
        self.assertEqual([o["output"] for o in run.json["outcomes"]], [""])  # there is nothing to write to

    def test_read_of_an_empty_pipe(self):
        run = self.explore("ways_to_end.cpp", "--", "read_pipe", code=BUG)
        self.assertEqual(run.json["findings"][0]["kind"], "deadlock")


if __name__ == "__main__":
    csim_run.main()
