"""Executions per second of a program of two processes, beside what fork, exit and wait of an equally large process allow."""
import time

from measure import Figure, execute, program, say, table, title

WORDS = ["--strategy", "random", "--switch", "user", "--restart", "in-place", "--time-limit", "60"]


def seconds(bench, count):
    return bench.csim([program("two_processes.c"), *WORDS, "--executions", str(count)]).wall


def run(bench):
    title("Processes: executions per second by the clock")
    base = bench.build("clang-19", ["-O2", program("fork_exit_wait.c")], "fork_exit_wait")
    ours, theirs, ratios = [], [], []
    small, big = 500, 4500
    for repetition in range(bench.repeat):
        say(f"processes {repetition + 1}")
        before = time.monotonic()
        execute([base, str(big)])
        forks = big / (time.monotonic() - before)
        rate = (big - small) / (seconds(bench, big) - seconds(bench, small))
        ours.append(rate)
        theirs.append(forks)
        ratios.append(rate / forks)
    table(["two processes under csim", "fork, exit, wait", "ratio"],
          [[Figure(ours).text("{:,.0f}"), Figure(theirs).text("{:,.0f}"), Figure(ratios).text("{:.2f}")]])
    return {"executions": Figure(ours).data(), "forks": Figure(theirs).data(), "ratio": Figure(ratios).data()}
