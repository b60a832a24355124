"""From a file to the running program: how long each phase takes."""
import os
import re
import shutil
import time

from measure import Figure, execute, program, say, table, title

PHASES = ["pch", "parse", "rewrite", "code", "link"]
FILES = {"headers.cpp": "7 headers of the C++ library", "counter.c": "C, <pthread.h>"}
RUN = ["--strategy", "round-robin", "--executions", "1", "-v"]


def times(err):
    """The phases that csim explore -v names, in seconds."""
    line = next(l for l in err.splitlines() if re.search(r"\(\d+\.\d+ s", l))
    found = {"build": float(re.search(r"\((\d+\.\d+) s", line).group(1))}
    for phase in PHASES:
        match = re.search(rf"{phase} (\d+\.\d+) s", line)
        found[phase] = float(match.group(1)) if match else 0.0
    return found


def once(bench, source, cache):
    run = bench.csim([source, *RUN], cache)
    taken = times(run.err)
    taken["total"] = run.wall
    taken["start"] = execute([bench.csim_path, "--help"]).wall
    taken["run"] = run.wall - taken["build"]
    return taken


def wait_for_header(cache):
    """The precompiled header is made in the background; its maker holds a lock until it is done."""
    folder = os.path.join(cache, "pch")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        names = os.listdir(folder)
        if any(name.endswith(".lock") for name in names) and not any(".tmp-" in name for name in names):
            time.sleep(0.5)  # the record follows the header
            if not any(".tmp-" in name for name in os.listdir(folder)):
                return
        time.sleep(0.05)


def measure(bench, name):
    """What each of the situations takes, in the order in which a user meets them."""
    taken = {"first": [], "changed": [], "unchanged": [], "clang": []}
    for repetition in range(bench.repeat):
        say(f"phases: {name} {repetition + 1}")
        cache = bench.path(f"cache-{name}-{repetition}")
        source = bench.path(name)
        with open(program(name), encoding="utf-8") as file:
            text = file.read()

        def write(number):
            with open(source, "w", encoding="utf-8") as file:
                file.write(f"{text}\n// changed {number}\n")

        write(0)
        taken["first"].append(once(bench, source, cache))
        if name.endswith("pp"):
            wait_for_header(cache)
        write(1)
        taken["changed"].append(once(bench, source, cache))
        taken["unchanged"].append(once(bench, source, cache))
        taken["clang"].append(compile_plain(bench, source))
        shutil.rmtree(cache, ignore_errors=True)
    return taken


# The compiler without csim, and the program as it is.
def compile_plain(bench, source):
    compiler = "clang++-19" if source.endswith("pp") else "clang-19"
    output = bench.path("plain")
    before = time.perf_counter()
    run = execute([compiler, "-O1", "-pthread", "-fuse-ld=lld-19", source, "-o", output])
    if run.code != 0:
        raise RuntimeError(run.err)
    built = time.perf_counter() - before
    execute([output])
    total = time.perf_counter() - before
    return {"build": built, "run": total - built, "total": total}


def run(bench):
    data = {}
    names = {"first": "first time", "changed": "changed", "unchanged": "unchanged", "clang": "clang-19 -O1 alone"}
    columns = ["parse", "rewrite", "code", "link", "build", "run", "start", "total"]
    for name, meaning in FILES.items():
        taken = measure(bench, name)
        plain = Figure([t["total"] for t in taken["clang"]]).median
        title(f"milliseconds from {name} ({meaning}) to the end of one execution")
        rows = []
        for situation, label in names.items():
            figures = {c: Figure([t[c] * 1000 for t in taken[situation]])
                       for c in columns if c in taken[situation][0]}
            if situation == "changed" and name.endswith("pp"):
                label += ", with precompiled header"
            elif situation == "first" and name.endswith("pp"):
                label += ", without it"
            rows.append([label]
                        + [f"{figures[c].median:.0f}" if c in figures else "" for c in columns[:-1]]
                        + [figures["total"].text("{:.0f}"), f"{figures['total'].median / plain / 1000:.2f}"])
            data.setdefault(name, {})[situation] = {c: f.data() for c, f in figures.items()}
        table(["situation", *columns, "/ clang"], rows)
    print("\n  build: all phases and the search in the cache. run: the start of csim, the program, one execution, the end;\n"
          "  start: of it, what csim needs to be there (csim --help, measured by itself).\n"
          "  The precompiled header of the standard headers is made in the background during the first time.")
    return data
