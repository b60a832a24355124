#!/usr/bin/env python3
"""Traces: they replay in both switch modes, and what is no sound trace of the program is refused."""
import glob
import json
import os
import shutil
import time

import csim_run
from csim_run import BUG, CASES, UNCONTROLLED, program

REPEATS = 20

FOUND = [
    (program("counter.cpp"),),
    (program("counter.cpp"), "-DN=1000"),
    (program("abba.cpp"),),
    (CASES + "/locks/dining_philosophers.cpp", "-DN=4"),
    (CASES + "/threads/crash.cpp", "--keep-going"),
    (program("ways_to_end.cpp"), "--", "throw"),
    (program("ways_to_end.cpp"), "--", "use_after_free"),
    (program("ways_to_end.cpp"), "--", "joinable"),
    (program("ways_to_end.cpp"), "--", "recurse"),
]


def with_checksum(body):
    """The trace file of a body: what somebody would write who knows how."""
    value = 0xcbf29ce484222325
    for byte in body.encode():
        value = (value ^ byte) * 0x100000001b3 & 0xffffffffffffffff
    return f'{body[:-1]},"checksum":"{value:016x}"}}\n'


def edited(text, **changes):
    trace = json.loads(text)
    del trace["checksum"]
    for key, value in changes.items():
        if value is None:
            del trace[key]
        else:
            trace[key] = value
    return with_checksum(json.dumps(trace, separators=(",", ":"), ensure_ascii=False))


class Replays(csim_run.Case):
    def test_each_finding_replays_in_both_modes_whichever_recorded_it(self):
        for words in FOUND:
            for recorded in "user", "kernel":
                run = self.explore(*words[:1], "--switch", recorded, *words[1:], code=BUG)
                for finding in run.json["findings"]:
                    for replayed in "user", "kernel":
                        with self.subTest(words, recorded=recorded, replayed=replayed):
                            self.replay(finding, replayed)

    def replay(self, finding, mode):
        run = self.csim("replay", "--switch", mode, "--repeat", REPEATS, finding["trace"])
        self.assertEqual(run.code, BUG, run)
        self.assertIn(f"BUG: csim: {finding['message']}", run.out)
        self.assertIn(f"replayed {REPEATS} times: the same finding ({finding['kind']}), step by step", run.out)

    def test_both_modes_write_the_same_trace(self):
        for words in FOUND:
            with self.subTest(words):
                traces = []
                for mode in "user", "kernel":
                    run = self.explore(*words[:1], "--switch", mode, *words[1:], code=BUG)
                    traces.append([self.read(f["trace"]) for f in run.json["findings"]])
                self.assertEqual(traces[0], traces[1])

    def test_each_outcome_replays_with_its_output(self):
        run = self.explore("counter.cpp", "--outcomes", code=BUG)
        for outcome in run.json["outcomes"]:
            replay = self.csim("replay", outcome["trace"])
            self.assertEqual(replay.code, BUG, replay)  # the race is in every execution
            self.assertEqual(json.loads(self.read(outcome["trace"]))["output"], outcome["output"])
            self.assertIn(outcome["output"], replay.out)

    def test_another_build_of_the_same_program_replays(self):
        """The first build of all has no precompiled header yet; with it, the program is laid out differently."""
        cache = {**os.environ, "CSIM_CACHE": self.path("cache")}
        self.csim("explore", program("abba.cpp"), env=cache)
        end = time.monotonic() + csim_run.HANGS
        while not glob.glob(self.path("cache/pch/*.pch")):  # made in the background
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)
        for folder in "objects", "programs":
            shutil.rmtree(self.path("cache/" + folder))
        replay = self.csim("replay", ".csim/abba.1.trace.json", env=cache)
        self.assertEqual(replay.code, BUG, replay)

    def test_steps_are_shown_in_a_column_per_task(self):
        run = self.explore("abba.cpp", code=BUG)
        replay = self.csim("replay", "--step", run.json["findings"][0]["trace"])
        header = next(line for line in replay.out.splitlines() if line.strip().startswith("step"))
        self.assertEqual([cell.strip() for cell in header.split("|")], ["step", "main", "T1", "T2"])
        for step in "lock left", "lock right", "create", "start":
            self.assertIn(step, replay.out)


class BadTraces(csim_run.Case):
    def setUp(self):
        super().setUp()
        shutil.copy(program("counter.cpp"), self.path("counter.cpp"))
        self.trace = self.explore(self.path("counter.cpp"), code=BUG).json["findings"][0]["trace"]
        self.text = self.read(self.trace)

    def assert_refused(self, text, *messages):
        self.write("bad.json", text)
        self.assert_usage_error(self.csim("replay", "bad.json"), "bad.json", *messages)

    def test_the_checksum_can_be_made_again(self):
        self.assertEqual(edited(self.text), self.text)

    def test_truncated(self):
        for length in 1, 20, len(self.text) // 2, len(self.text) - 2, len(self.text) - 1:
            with self.subTest(length):
                self.assert_refused(self.text[:length])
        self.assert_refused(self.text[:-20], "cut off")

    def test_empty(self):
        self.assert_refused("", "no csim trace")

    def test_not_json(self):
        self.assert_refused("hello\n", "no csim trace")
        self.assert_refused(b"\x7fELF\0\0\xff", "no csim trace")
        self.assert_refused("[1, 2]", "no csim trace")
        self.assert_refused(with_checksum('{"csim_trace":1,"program":]}'), "damaged")

    def test_one_changed_byte(self):
        for at in range(20, len(self.text) - 30, len(self.text) // 40):
            with self.subTest(at):
                changed = "x" if self.text[at] != "x" else "y"
                self.assert_refused(self.text[:at] + changed + self.text[at + 1:], "damaged or was edited")

    def test_another_version(self):
        self.assert_refused(self.text.replace('"csim_trace":1', '"csim_trace":99', 1), "version 99")

    def test_missing_parts_and_parts_of_another_kind(self):
        for key in json.loads(self.text):
            if key in ("csim_trace", "checksum"):
                continue
            with self.subTest(key):
                self.assert_refused(edited(self.text, **{key: None}), "damaged")
                other = 1 if type(json.loads(self.text)[key]) is not int else "one"
                self.assert_refused(edited(self.text, **{key: other}), "damaged")

    def test_a_damaged_schedule(self):
        for schedule in "0 x", "-1", "0x", "99999999", "0 1:", "0x99999999999", "0x4000000000":
            with self.subTest(schedule):
                self.assert_refused(edited(self.text, schedule=schedule), "damaged")

    def test_a_directory_and_a_missing_file(self):
        self.assert_usage_error(self.csim("replay", self.directory), "is a directory")
        self.assert_usage_error(self.csim("replay", "none.json"), "none.json", "No such file")

    def test_a_changed_program(self):
        with open(self.path("counter.cpp"), "a") as source:
            source.write("int another = 1;\n")
        self.assert_usage_error(self.csim("replay", self.trace), "counter.cpp", "have changed")

    def test_another_program(self):
        shutil.copy(program("abba.cpp"), self.path("counter.cpp"))
        self.assert_usage_error(self.csim("replay", self.trace), "another program")

    def test_a_program_that_is_gone(self):
        os.unlink(self.path("counter.cpp"))
        self.assert_usage_error(self.csim("replay", self.trace), "no such file", "counter.cpp")


class Divergence(csim_run.Case):
    def assert_diverges(self, trace, *messages):
        run = self.csim("replay", trace)
        self.assertEqual(run.code, UNCONTROLLED, run)
        for message in messages:
            self.assertRegex(run.out + run.err, message, run)

    def test_another_choice_is_told_with_its_step(self):
        run = self.explore("abba.cpp", code=BUG)
        text = self.read(run.json["findings"][0]["trace"])
        schedule = json.loads(text)["schedule"].split()
        swapped = {"1": "2", "2": "1"}
        at = max(i for i, step in enumerate(schedule) if step[0] in swapped)
        schedule[at] = swapped[schedule[at][0]] + schedule[at][1:]
        self.write("edited.json", edited(text, schedule=" ".join(schedule)))
        self.assert_diverges("edited.json", r"diverged at step \d+: recorded .+; now .+")

    def test_a_task_that_does_not_exist(self):
        run = self.explore("counter.cpp", code=BUG)
        text = self.read(run.json["findings"][0]["trace"])
        self.write("edited.json", edited(text, schedule="0 9 " + json.loads(text)["schedule"]))
        self.assert_diverges("edited.json", r"diverged (at|after) step \d+")

    def test_a_schedule_cut_short_or_too_long(self):
        run = self.explore("counter.cpp", code=BUG)
        text = self.read(run.json["findings"][0]["trace"])
        schedule = json.loads(text)["schedule"]
        for changed in "", "0", schedule + " 1 2":
            with self.subTest(changed):
                self.write("edited.json", edited(text, schedule=changed))
                replay = self.csim("replay", "edited.json")
                self.assertIn(replay.code, (BUG, UNCONTROLLED), replay)

    def test_a_program_that_does_not_do_the_same_again(self):
        run = self.explore("reads_file.cpp", code=BUG)
        self.write("told.txt", "")
        self.assert_diverges(run.json["findings"][0]["trace"], r"diverged at step \d+: recorded .+; now .*lock m")


if __name__ == "__main__":
    csim_run.main()
