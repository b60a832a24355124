"""The searches of other tools beside ours: how many executions, and how many a second."""
import json
import os

from measure import HERE, Figure, program, say, table, title


def explore(bench, words):
    return bench.csim(words + ["--keep-going", "--time-limit", str(bench.limit)]).result


def measure(bench, words):
    """One exploration; more, for the rate, if it is complete."""
    result = explore(bench, words)
    rates = [result["executions_per_second"]]
    if result["complete"]:
        rates += [explore(bench, words)["executions_per_second"] for _ in range(min(2, bench.repeat - 1))]
    return result, Figure(rates)


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


def row_of(entry, size, published, result, rate, rates):
    counts = result["executions"]
    name = entry["program"]
    complete = "" if result["complete"] else "more than "
    flags = entry.get("flags", []) if not entry.get("by") or True else []
    peers = [rate_text(rates, tool, name, size) if not flags else "" for tool in TOOLS]
    return [" ".join([name, size, *flags]).strip(), f"{published:,}", f"{complete}{counts['complete']:,}",
            f"{counts['redundant']:,}", f"{result['seconds']:.2f}", rate.text("{:,.0f}"),
            f"{rate.median * counts['complete'] / max(1, counts['total']):,.0f}", *peers, verdict(result)]


TOOLS = ["GenMC", "Nidhugg", "McSimGrid"]


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
            result, rate = measure(bench, [program(f"peers/{entry['program']}.c"), *flags])
            stuck = not result["complete"]  # a larger size would take the whole time again
            rows.append(row_of(entry, size, published, result, rate, known["rates"]))
            data.append({"program": entry["program"], "flags": flags, "published": published,
                         "executions": result["executions"], "complete": result["complete"],
                         "seconds": result["seconds"], "rate": rate.data(), "verdict": verdict(result)})
    title(f"explorations with the default strategy, at most {bench.limit:g} s each, beside other tools' counts and rates")
    versions = [f"{t} {known['versions'].get(t, '')}".strip() + "/s" for t in TOOLS]
    table(["program", "published", "complete", "redundant", "seconds", "per second", "complete/s", *versions, "verdict"],
          rows)
    print("\n  published: traces by other tools. complete: our executions that ran to their end; redundant: those ended\n"
          "  early because they would have repeated another. per second counts both and includes the start.\n"
          "  Random testers, on programs of their own:")
    for other in known["random"]:
        low, high = f"{other['low']:,}", f"{other['high']:,}"
        print(f"    {other['tool']}, {other['what']}: {low if low == high else low + ' to ' + high} per second")
    return data
