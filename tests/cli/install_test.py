"""An installed csim works without the folder it was built in, under any prefix."""

import os
import subprocess

import csim_run


class Installed(csim_run.Case):
    def test_explores_from_another_prefix(self):
        build = os.path.dirname(csim_run.CSIM)
        prefix = os.path.join(self.directory, "a prefix")
        subprocess.run(["cmake", "--install", build, "--prefix", prefix], check=True,
                       stdout=subprocess.DEVNULL)
        self.write("noted.cpp", "#include <csim/csim.h>\n#include <semaphore>\n"
                                "std::counting_semaphore<1> s(1);\n"
                                "int main() { s.acquire(); csim::note(\"here\"); s.release(); }\n")
        run = subprocess.run([os.path.join(prefix, "bin", "csim"), "explore", "-v", "noted.cpp"],
                             cwd=self.directory, capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)


if __name__ == "__main__":
    csim_run.main()
