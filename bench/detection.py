"""What detection costs: operations under csim and under ThreadSanitizer, against native code."""
import os

from measure import Figure, execute, grow, program, say, table, title

COMPILER = "clang++-19"
LEVELS = ["-O1", "-O2"]
PROGRAMS = {
    "write_sequential": "int a[i] += 1, private, in order",
    "write_long": "long a[i] += 1, private, in order",
    "write_random": "int a[i] += 1, private, at random",
    "write_new_epoch": "int a[i] += 1, first time since a lock",
    "read_shared": "sum += a[i], shared, read-only",
    "call": "call of a function that does *x += 1",
    "mutex_own": "std::mutex lock + unlock, own",
    "mutex_shared": "std::mutex lock, ++n, unlock, shared",
    "fetch_add": "fetch_add, shared",
}
TOOLS = ["native", "tsan", "csim"]
MOST = 1 << 40
# One execution, however long it takes; nothing but its own end may stop it.
ONE_EXECUTION = ["--strategy", "random", "--executions", "1", "--max-steps", str(MOST),
                 "--loop-limit", "1h", "--time-limit", "0"]


class Runner:
    """One program as built for one tool."""

    def __init__(self, bench, tool, name, level):
        self.bench, self.tool = bench, tool
        source = program(name + ".cpp")
        if tool == "csim":
            self.words = [source, level, *ONE_EXECUTION]
        else:
            flags = ["-fsanitize=thread", "-g"] if tool == "tsan" else []
            words = [source, "-std=gnu++20", level, "-pthread", *flags]
            self.binary = bench.build(COMPILER, words, f"{name}{level}.{tool}")
        self.take(1)  # builds it
        self.small = 1000
        self.big = grow(lambda size: self.take(size)[0], bench.seconds, 10 * self.small, MOST)

    def take(self, size):
        """Seconds by the clock and of processor for `size` operations in each of two threads."""
        if self.tool == "csim":
            run = self.bench.csim(self.words + ["--", str(size)])
            if run.result["findings"] or run.result["limits"]:
                raise RuntimeError(f"csim reports something: {run.out}")
        else:
            run = execute([self.binary, str(size)], dict(os.environ, TSAN_OPTIONS="report_bugs=1"))
            if run.code != 0:
                raise RuntimeError(f"{self.binary} ended with {run.code}: {run.err.strip()[:500]}")
        return run.wall, run.cpu

    def quotient(self):
        """Nanoseconds per operation, by the clock and of processor."""
        small, big = self.take(self.small), self.take(self.big)
        operations = 2 * (self.big - self.small)
        return tuple(max(0.0, b - s) * 1e9 / operations for s, b in zip(small, big))


def measure(bench, name, level):
    """Tool by tool within each repetition, so that a busy machine is busy for all of them."""
    runners = {tool: Runner(bench, tool, name, level) for tool in TOOLS}
    taken = {tool: [] for tool in TOOLS}
    for _ in range(bench.repeat):
        for tool, runner in runners.items():
            taken[tool].append(runner.quotient())
    wall = {tool: Figure([w for w, _ in values]) for tool, values in taken.items()}
    cpu = {tool: Figure([c for _, c in values]) for tool, values in taken.items()}
    return wall, cpu


def ratio(over, under):
    return over.median / under.median if under.median > 0 else float("inf")


def run(bench):
    data = {}
    for level in LEVELS:
        rows = []
        for name, meaning in PROGRAMS.items():
            say(f"detection: {level} {name}")
            wall, cpu = measure(bench, name, level)
            rows.append([meaning] + [cpu[tool].text() for tool in TOOLS]
                        + [f"{ratio(cpu['csim'], cpu['native']):.1f}",
                           f"{ratio(cpu['tsan'], cpu['native']):.1f}",
                           f"{ratio(cpu['csim'], cpu['tsan']):.2f}",
                           f"{ratio(wall['csim'], wall['tsan']):.2f}"])
            data.setdefault(level, {})[name] = {
                tool: {"cpu_ns": cpu[tool].data(), "wall_ns": wall[tool].data()} for tool in TOOLS}
        title(f"cost of one operation, nanoseconds of processor time, two threads, {COMPILER} {level} for all three")
        table(["operation", "native", "TSan", "csim", "csim/native", "TSan/native", "csim/TSan",
               "csim/TSan by the clock"], rows)
    print("\n  TSan runs the two threads on two cores, csim one at a time: by the clock TSan can be up to twice as fast.")
    return data
