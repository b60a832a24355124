"""The searches of other tools beside ours: how many executions, and how many a second."""
import json
import os

from measure import HERE, Figure, program, say, table, title


TOOLS = ["GenMC", "Nidhugg", "McSimGrid"]
SHORTEST = 0.02  # seconds of processor time; less cannot be told from noise


def measure(bench, words):
    """The result of one exploration, and its processor seconds; several times if it is complete."""
    words = words + ["--strategy", "dpor"]
    bench.csim(words + ["--executions", "1"])  # builds it
    start = bench.csim(words + ["--executions", "1"]).cpu
    words = words + ["--keep-going", "--time-limit", str(bench.limit)]
    first = bench.csim(words)
    seconds = [max(0.0, first.cpu - start)]
    if first.result["complete"]:
        seconds += [max(0.0, bench.csim(words).cpu - start) for _ in range(bench.repeat - 1)]
    return first.result, Figure(seconds)


def rate_text(rates, tool, name, size):
    for rate in rates:
        if (rate["tool"], rate["program"], rate["size"]) == (tool, name, size):
            return f"{rate['per_second']:,}"
    return ""


def verdict(result):
    kinds = sorted({finding["kind"] for finding in result["findings"]})
    if kinds:
        return ", ".join(kinds)
    return result["verdict"]


def row_of(entry, size, published, result, seconds, rates):
    counts, flags = result["executions"], entry.get("flags", [])
    rate = traces = ""
    if seconds.median >= SHORTEST:
        rate = f"{counts['total'] / seconds.median:,.0f}"
        traces = f"{counts['complete'] / seconds.median:,.0f}"
    others = ["" if flags else rate_text(rates, tool, entry["program"], size) for tool in TOOLS]
    return [" ".join([entry["program"], size, *flags]).strip(), f"{published:,}",
            ("" if result["complete"] else "more than ") + f"{counts['complete']:,}",
            f"{counts['redundant']:,}", seconds.text("{:.2f}"), rate, traces, *others, verdict(result)]


def run(bench):
    with open(os.path.join(HERE, "peers.json"), encoding="utf-8") as file:
        known = json.load(file)
    rows, data = [], []
    for entry in known["programs"]:
        stuck = False
        for size, published in entry["sizes"].items():
            if stuck:
                continue
            flags = ([f"-DN={size}"] if size else []) + entry.get("flags", [])
            say(f"peers: {entry['program']} {' '.join(flags)}")
            result, seconds = measure(bench, [program(f"peers/{entry['program']}.c"), *flags])
            stuck = not result["complete"]  # a larger size would take the whole time again
            rows.append(row_of(entry, size, published, result, seconds, known["rates"]))
            data.append({"program": entry["program"], "flags": flags, "published": published,
                         "executions": result["executions"], "complete": result["complete"],
                         "cpu_seconds": seconds.data(), "verdict": verdict(result)})
    title(f"explorations with strategy dpor, at most {bench.limit:g} s each, beside other tools' counts and rates")
    versions = [f"{t} {known['versions'].get(t, '')}".strip() + "/s" for t in TOOLS]
    table(["program", "published", "complete", "redundant", "CPU seconds", "per second", "traces/s", *versions, "verdict"],
          rows)
    print("\n  published: traces by other tools. complete: our executions that ran to their end; redundant: those ended\n"
          "  early because they would have repeated another. per second counts both, traces/s only the complete; left\n"
          "  out where there is too little to time. The start of csim is not counted. The other tools' rates are from elsewhere.\n"
          "  Random testers, on programs of their own:")
    for other in known["random"]:
        low, high = f"{other['low']:,}", f"{other['high']:,}"
        print(f"    {other['tool']}, {other['what']}: {low if low == high else low + ' to ' + high} per second")
    return data
