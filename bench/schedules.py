"""How many schedules until the first bug, per strategy, beside published figures."""
import json
import os
import statistics

from measure import HERE, program, say, table, title

STRATEGIES = ["random", "pct", "pos", "surw", "reads-from", "preemption-bounded", "auto"]
SEEDED = {"random", "pct", "pos", "surw", "reads-from", "auto"}  # the others do the same for every seed
SEEDS = 20


def first_bug(bench, words, strategy, seed, cap):
    """The number of the first execution with a bug; None if there is none among the first `cap`."""
    run = bench.csim(words + ["--strategy", strategy, "--seed", str(seed), "--executions", str(cap),
                              "--time-limit", str(bench.limit)])
    found = run.result["findings"]
    kinds = sorted({finding["kind"] for finding in found})
    if kinds not in ([], ["assertion"]):
        raise RuntimeError(f"{' '.join(words)}: {', '.join(kinds)}, where an assertion was to be found")
    return min((finding["execution"] for finding in found), default=None)


def median(counts):
    """None if more than half of the runs found nothing."""
    high = max((count for count in counts if count is not None), default=0) + 1
    value = statistics.median(high if count is None else count for count in counts)
    return None if value >= high else value


def text(value):
    return "none" if value is None else f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def run(bench):
    with open(os.path.join(HERE, "schedules.json"), encoding="utf-8") as file:
        known = json.load(file)
    rows, data = [], []
    for entry in known["programs"]:
        words = [program(f"sct/{entry['file']}"), *entry.get("flags", [])]
        bench.csim(words + ["--executions", "1"])  # builds it
        counts = {}
        for strategy in STRATEGIES:
            seeds = range(1, SEEDS + 1) if strategy in SEEDED else [1]
            runs = []
            for seed in seeds:
                say(f"schedules: {entry['name']}, {strategy}, seed {seed}")
                runs.append(first_bug(bench, words, strategy, seed, entry.get("cap", known["cap"])))
            counts[strategy] = runs
        published = ", ".join(f"{tool} {text(count)}" for tool, count in entry["published"].items())
        rows.append([entry["name"], *(text(median(counts[s])) for s in STRATEGIES), published])
        data.append({"program": entry["name"], "runs": counts, "published": entry["published"]})
    title(f"schedules to the first bug: median of {SEEDS} seeds, at most {known['cap']:,} each")
    table(["program", *STRATEGIES, "published"], rows)
    print("\n  Executions that were ended early as repetitions count too. none: more than half of the runs found nothing\n"
          f"  within the cap ({bench.limit:g} s at most). published: {known['source']}; its programs are not ours,\n"
          "  which were written after their descriptions.")
    return data
