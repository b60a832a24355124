"""Executions per second of processor time, under each way to switch and to restart."""
from measure import Figure, program, say, table, title

ENGINES = {
    "user, in place": ["--switch", "user", "--restart", "in-place"],
    "kernel, in place": ["--switch", "kernel", "--restart", "in-place"],
    "user, forked": ["--switch", "user", "--restart", "fork"],
}
# What the throw-away prototype reached with brute force, replay included, on another machine of the kind.
PROTOTYPE = {
    "counter 3": {"user, in place": 393_000, "kernel, in place": 33_000, "user, forked": 4_600},
    "counter 5": {"user, in place": 352_000, "kernel, in place": 25_000, "user, forked": 2_500},
}
# name: file, flags. The larger sizes are there for the default strategy, which is soon done with the small.
WORKLOADS = {
    "counter 3": ("counter.c", ["-DN=3"]),
    "counter 5": ("counter.c", ["-DN=5"]),
    "counter 8": ("counter.c", ["-DN=8"]),
    "fibonacci 5": ("fibonacci.c", ["-DN=5"]),
    "readers 16": ("readers.c", ["-DN=16"]),
    "philosophers 5": ("philosophers.c", ["-DN=5"]),
    "philosophers 8": ("philosophers.c", ["-DN=8"]),
}
STRATEGIES = {"random": ["--strategy", "random"], "dfs": ["--strategy", "dfs"], "default": []}
MOST = 1_000_000
SHORTEST = 0.01  # seconds; less cannot be told from noise


def explore(bench, words, count):
    """(executions, events, processor seconds) of one exploration of at most so many executions."""
    run = bench.csim(words + ["--executions", str(count), "--time-limit", "60"])
    return run.result["executions"]["total"], run.result["events"], run.cpu


def enough(bench, words):
    """How many executions make a run that is long enough, or all if there are fewer."""
    count = 200
    while True:
        done, _, seconds = explore(bench, words, count)
        if done < count or count >= MOST or seconds >= bench.seconds:
            return min(done, count)
        count = min(MOST, int(count * max(2.0, min(20.0, 1.3 * bench.seconds / seconds))))


def one(bench, words):
    """Rate and events, from the difference of two sizes, so that the start does not count."""
    count = enough(bench, words)
    rates, events = [], 0
    for _ in range(bench.repeat):
        small, big = explore(bench, words, max(1, count // 10)), explore(bench, words, count)
        done, seconds = big[0] - small[0], big[2] - small[2]
        if done < 100 or seconds < SHORTEST:
            return None, count
        rates.append(done / seconds)
        events = (big[1] - small[1]) / done
    return {"rate": Figure(rates), "events": events,
            "ns_per_event": Figure([1e9 / rate / events for rate in rates])}, count


def cell(figure, total):
    if figure is None:
        return f"all {total} done"
    return figure["rate"].text("{:,.0f}")


def per_event(figure):
    if figure is None:
        return ["", ""]
    return [f"{figure['events']:.1f}", figure["ns_per_event"].text("{:,.0f}")]


def run(bench):
    data = {}
    for strategy, flags in STRATEGIES.items():
        title(f"executions per second of processor time, strategy {strategy}")
        rows = []
        for name, (file, macros) in WORKLOADS.items():
            entry, row, last = {}, [name], []
            for engine, words in ENGINES.items():
                say(f"executions: {strategy}, {name}, {engine}")
                figure, total = one(bench, [program(file), *macros, *flags, *words])
                row.append(cell(figure, total))
                if strategy == "dfs" and name in PROTOTYPE:
                    row[-1] += f" (prototype {PROTOTYPE[name][engine]:,})"
                last = last or per_event(figure)
                if figure:
                    entry[engine] = {"rate": figure["rate"].data(), "events": figure["events"],
                                     "ns_per_event": figure["ns_per_event"].data()}
            rows.append(row + last)
            data.setdefault(strategy, {})[name] = entry
        table(["program", *ENGINES, "events each", "ns per event"], rows)
    print("\n  An execution that is ended early because it would repeat another counts too. The last two columns are\n"
          "  those of user switching in place. \"all N done\": explored completely before it could be timed.")
    return data
