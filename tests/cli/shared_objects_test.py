#!/usr/bin/env python3
"""Nothing of the processes of an execution stays behind, whatever they shared: no process, no file, no shared
memory, no System V object."""
import os
import signal
import subprocess
import uuid

import csim_run
from csim_run import BOUNDED, BUG, CLEAN, UNCONTROLLED, program

SYSTEM_V = "/proc/sysvipc/shm", "/proc/sysvipc/sem", "/proc/sysvipc/msg"


def names_in(directory):
    return set(os.listdir(directory)) if os.path.isdir(directory) else set()


def text_of(path):
    with open(path) as file:
        return file.read()


class Left(csim_run.Case):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("tmp"))
        self.token = f"CSIM_TEST_TOKEN={uuid.uuid4()}"
        name, value = self.token.split("=")
        self.environment = {**os.environ, name: value, "TMPDIR": self.path("tmp")}
        self.before = self.state()

    def state(self):
        shared = {name for place in ("/dev/shm", "/dev/mqueue") for name in names_in(place) if "csim_test" in name}
        keys = {line.split()[0] for path in SYSTEM_V for line in text_of(path).splitlines()[1:]}
        return shared, keys & {str(0x51C51)}

    def processes(self):
        return csim_run.processes_with(self.token)

    def assert_nothing_left(self):
        self.eventually(lambda: not self.processes(), lambda: f"processes left: {self.processes()}")
        self.eventually(lambda: not names_in(self.path("tmp")), lambda: f"files left: {names_in(self.path('tmp'))}")
        self.assertEqual(self.state(), self.before)

    def start(self, *words):
        csim = subprocess.Popen([csim_run.CSIM, "explore", "--time-limit", "0", *words], cwd=self.directory,
                                env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)
        self.addCleanup(csim.wait)
        self.addCleanup(csim.kill)
        self.addCleanup(csim.stdout.close)
        self.addCleanup(csim.stderr.close)
        self.eventually(lambda: names_in(self.path("tmp")), lambda: "the program does not run")
        return csim

    def test_after_many_executions(self):
        run = self.csim("explore", "--strategy", "random", "--executions", "2000", "--time-limit", "0",
                        program("shared_objects.c"), env=self.environment)
        self.assertEqual(run.code, BOUNDED, run)
        self.assertIn("2000 executions", run.out)
        self.assert_nothing_left()

    def test_after_an_interruption(self):
        csim = self.start(program("shared_objects.c"), "--", "30")
        csim.send_signal(signal.SIGINT)
        csim.communicate(timeout=20)
        self.assertEqual(csim.returncode, BOUNDED)
        self.assert_nothing_left()

    def test_after_csim_was_killed(self):
        for _ in range(5):
            csim = self.start(program("shared_objects.c"), "--", "30")
            csim.kill()
            csim.wait()
            self.assert_nothing_left()


class Named(csim_run.Case):
    """What csim cannot control is named, with its argument."""

    def uncontrolled(self, call, text):
        source = f"#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>\nint main(void) {{ {call}; return 0; }}\n"
        run = self.csim("explore", self.write("program.c", source))
        self.assertEqual(run.code, UNCONTROLLED, run)
        self.assertIn(text, run.out + run.err)

    def test_a_program_that_csim_did_not_build(self):
        self.uncontrolled('execl("/bin/ls", "ls", NULL)', "execve of /bin/ls, which csim did not build")

    def test_shell_commands(self):
        self.uncontrolled('return system("ls -l")', 'system("ls -l")')
        self.uncontrolled('return popen("ls", "r") == NULL', 'popen("ls")')

    def test_a_file_that_is_written_again_and_again(self):
        source = '#include <stdio.h>\nint main(void) { FILE* f = fopen("kept", "a"); fputs("x", f); return fclose(f); }\n'
        path = self.write("program.c", source)
        run = self.csim("explore", path)
        self.assertEqual(run.code, CLEAN, run)
        self.assertFalse(os.path.exists(self.path("kept")))
        self.write("kept", "")
        run = self.csim("explore", path)
        self.assertEqual(run.code, BOUNDED, run)
        self.assertIn(f"writes to {os.path.realpath(self.path('kept'))}", run.out)


if __name__ == "__main__":
    csim_run.main()
