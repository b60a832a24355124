"""Running programs and what is made of the times: medians with their spread, rates, tables."""
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PROGRAMS = os.path.join(HERE, "programs")


class Figure:
    """Several measurements of one quantity."""

    def __init__(self, values):
        self.values = sorted(values)
        self.median = statistics.median(self.values)

    def spread(self):
        """Half the distance between the extremes, as a share of the median."""
        if self.median == 0:
            return 0.0
        return (self.values[-1] - self.values[0]) / 2 / abs(self.median)

    def text(self, form="{:.1f}"):
        return f"{form.format(self.median)} ±{self.spread() * 100:.0f}%"

    def data(self):
        return {"median": self.median, "low": self.values[0], "high": self.values[-1],
                "repetitions": len(self.values)}


class Run:
    """One finished process: its time by the clock, and processor time with all its children."""

    def __init__(self, wall, cpu, code, out, err):
        self.wall, self.cpu, self.code, self.out, self.err = wall, cpu, code, out, err


def children_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def execute(command, env=None):
    before_cpu, before = children_seconds(), time.perf_counter()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=env,
                          check=False)
    wall = time.perf_counter() - before
    return Run(wall, children_seconds() - before_cpu, done.returncode, done.stdout, done.stderr)


class Bench:
    """The options, csim, and a folder for what the measurements leave behind."""

    def __init__(self, options):
        self.repeat, self.seconds, self.limit = options.repeat, options.seconds, options.limit
        self.csim_path = os.path.join(ROOT, "build", "release", "csim")

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="csim-bench-", ignore_cleanup_errors=True)
        self.cache = os.path.join(self.folder.name, "cache")
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def machine(self):
        model = platform.machine()
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    model = line.split(":", 1)[1].strip()
                    break
        load = os.getloadavg()[0]
        return (f"{os.cpu_count()} x {model}, load {load:.1f} at the start; "
                f"each figure is the median of {self.repeat}, ± half the range")

    def csim(self, words, cache=None):
        """csim explore with these words; its result as a Run with the member `result`."""
        command = [self.csim_path, "explore", "--trace-dir", self.path("traces"), "--json", "-"] + words
        run = execute(command, dict(os.environ, CSIM_CACHE=cache or self.cache))
        if run.code not in (0, 1, 3):
            raise RuntimeError(f"{' '.join(command)} ended with {run.code}: {(run.err or run.out).strip()}")
        run.result = json.loads(run.out)
        return run

    def build(self, compiler, words, output):
        """A program of another compiler; its path."""
        output = self.path(output)
        run = execute([compiler, *words, "-o", output])
        if run.code != 0:
            raise RuntimeError(f"{compiler} {' '.join(words)}: {run.err.strip()}")
        return output


def program(name):
    return os.path.join(PROGRAMS, name)


def grow(take, seconds, start, limit):
    """The first size, growing from `start`, for which take(size) seconds are enough."""
    size = start
    while True:
        used = take(size)
        if used >= seconds or size >= limit:
            return size
        size = min(limit, int(size * max(2.0, min(20.0, 1.3 * seconds / max(used, 1e-3)))))


def say(text):
    """What is being measured, while it is, for people only."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def title(text):
    say("")
    print(f"\n{text}")


def table(head, rows):
    """Left column as text, the others to the right."""
    say("")
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [head] + rows) for i in range(len(head))]
    for number, row in enumerate([head] + rows):
        cells = [cell.ljust(width) if i == 0 else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        print("  " + "  ".join(cells).rstrip())
        if number == 0:
            print("  " + "  ".join("-" * width for width in widths))
    sys.stdout.flush()
