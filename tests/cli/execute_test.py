#!/usr/bin/env python3
"""Programs that execute others: csim c++ builds them, reports know which program a place is in, and what csim did not
build is named."""
import os
import shutil
import subprocess

import csim_run
from csim_run import BUG, CLEAN, UNCONTROLLED, USAGE, program


class Executes(csim_run.Case):
    def build(self, name, *flags):
        run = self.csim("cc", "-o", self.path(name), program("is_executed.c"), *flags)
        self.assertEqual(run.code, 0, run)
        return self.path(name)

    def test_another_program_is_part_of_the_execution(self):
        other = self.build("other")
        run = self.explore("executes_other.cpp", "--strategy", "dpor", "--outcomes", "--", other, code=CLEAN)
        self.assertEqual([o["output"] for o in run.json["outcomes"]], ["4 counted, exit codes 6, global 42\n"])
        self.assertGreater(run.json["executions"]["total"], 1)

    def test_it_may_execute_itself_and_the_first_one(self):
        other = self.build("other")
        run = self.explore("executes_other.cpp", "--strategy", "dpor", "--outcomes", "--", other, "back", code=CLEAN)
        self.assertEqual([o["output"] for o in run.json["outcomes"]], ["2 counted, exit codes 3, global 42\n"])

    def test_a_race_in_it_is_told_with_its_own_places(self):
        other = self.build("other", "-DRACE")
        for jobs in "1", "2":
            run = self.explore("executes_other.cpp", "--jobs", jobs, "--", other, code=BUG)
            race = run.json["findings"][0]
            self.assertEqual((race["kind"], race["variable"]), ("data-race", "own_counter"))
            line = csim_run.line_of(program("is_executed.c"), "++own_counter")
            for site in race["sites"]:
                self.assertEqual((os.path.basename(site["file"]), site["line"]), ("is_executed.c", line))
                self.assertIn("CountInOther", site["function"])
            replay = self.csim("replay", "--repeat", "20", race["trace"])
            self.assertEqual(replay.code, BUG, replay)
            self.assertIn("the same finding", replay.out)

    def test_a_crash_in_it(self):
        run = self.explore("executes_other.cpp", "--", self.build("other", "-DCRASH"), code=BUG)
        crash = run.json["findings"][0]
        self.assertEqual(crash["kind"], "crash")
        self.assertIn("is_executed.c", crash["message"])

    def test_two_programs_of_the_same_name(self):
        """Their numbers come from their names."""
        self.build("other")
        os.mkdir(self.path("elsewhere"))
        shutil.copy(self.path("other"), self.path("elsewhere/other"))
        text = """
            #include <unistd.h>
            #include <sys/wait.h>
            int main(int argc, char** argv) {
              for (int i = 1; i < 3; ++i) if (fork() == 0) return execl(argv[i], argv[i], "x", NULL);
              return wait(NULL), wait(NULL), 0;
            }"""
        run = self.csim("explore", self.write("both.c", text), "--", self.path("other"), self.path("elsewhere/other"))
        self.assertEqual(run.code, UNCONTROLLED, run)
        self.assertIn("which csim takes for another one", run.out)
        self.assertRegex(run.out, r"csim: error: csim cannot control execve of .*, called by P\d\.main at .*both\.c:5; "
                                  r"give one of the two programs another file name")

    def test_what_csim_did_not_build_is_named(self):
        run = self.csim("explore", program("executes_other.cpp"), "--", "/bin/true")
        self.assertEqual(run.code, UNCONTROLLED, run)
        self.assertRegex(run.out, r"execve of /bin/true, which csim did not build, called by P1\.main at ")


class Compiles(csim_run.Case):
    def test_objects_then_a_program(self):
        self.write("a.cpp", "int two();\nint main() { return two() - 2; }\n")
        self.write("b.cpp", '#include "two.h"\nint two() { return TWO; }\n')
        self.write("two.h", "#define TWO 2\n")
        for name in "a", "b":
            run = self.csim("c++", "-c", f"{name}.cpp", "-MD", "-MF", f"{name}.d", "-o", f"{name}.o")
            self.assertEqual(run.code, 0, run)
        self.assertIn("two.h", self.read("b.d"))
        self.assertTrue(self.read("b.d").startswith("b.o:"))
        run = self.csim("c++", "a.o", "b.o", "-o", "program")
        self.assertEqual(run.code, 0, run)
        self.assertEqual(subprocess.run([self.path("program")]).returncode, 0)  # without csim too
        run = self.csim("explore", "program")
        self.assertEqual(run.code, CLEAN, run)

    def test_what_does_not_compile(self):
        run = self.csim("c++", "-c", self.write("wrong.cpp", "int main() { return none; }\n"))
        self.assertEqual(run.code, USAGE, run)
        self.assertIn("wrong.cpp:1:", run.err)
        self.assertFalse(os.path.exists(self.path("wrong.o")))

    def test_what_is_for_clang_alone(self):
        self.assertIn("clang", self.csim("c++", "--version").out)
        run = self.csim("cc", "-E", self.write("x.c", "#define X 7\nX\n"))
        self.assertTrue(run.out.endswith("7\n"), run)


if __name__ == "__main__":
    csim_run.main()
