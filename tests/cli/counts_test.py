#!/usr/bin/env python3
"""Strategy dpor on the programs of the literature: as many executions as there are traces, none in vain.

The numbers are those of bench/peers.json, on which two other tools agree; for condition variables, which
they model differently, an enumeration of all orders decides.
"""
import functools
import os

import csim_run
from csim_run import BUG, CLEAN

PEERS = os.path.join(csim_run.ROOT, "bench", "programs", "peers")

TRACES = {
    "counter_mutex": {3: 6, 4: 24, 5: 120, 6: 720, 7: 5040},
    "fib_bench": {4: 19605},
    "indexer": {12: 8, 13: 64, 14: 512},
    "filesystem": {14: 2, 16: 8, 18: 32},
    "readers": {8: 256, 12: 4096},
    "lastzero": {5: 64, 7: 320, 9: 1536},
    "peterson": {3: 46, 10: 284, 30: 2044},
    "dekker": {2: 33, 4: 128, 6: 339},
    "szymanski": {2: 766, 4: 7817},
    "philo": {3: 6, 4: 14, 5: 30, 6: 62},
}

# Loops that retry: executions in which a round was in vain are ended, the whole ones are at most as many
# as those of a tool that runs every round; with them there are at most as many as published.
RETRIES = {"treiber": {2: 40, 3: 25680}, "msqueue": {2: 50, 3: 75714}}


def orders_of_bounded_buffer(n):
    """In how many ways n producers and n consumers can pass a buffer of one place: who gets the mutex
    next, and whom of those who wait a signal wakes."""

    @functools.lru_cache(None)
    def count(tasks, full, waiting):
        ways = 0
        for i, state in enumerate(tasks):
            if state != "ready":
                continue
            side = 0 if i < n else 1
            if full == (side == 0):  # it waits
                after = tasks[:i] + ("waits",) + tasks[i + 1:]
                queues = tuple(q + (i,) if k == side else q for k, q in enumerate(waiting))
                ways += count(after, full, queues)
                continue
            after = tasks[:i] + ("done",) + tasks[i + 1:]
            others = waiting[1 - side]
            for k in range(max(1, len(others))):
                woken = list(after)
                if others:
                    woken[others[k]] = "ready"
                left = others[:k] + others[k + 1:]
                queues = (waiting[0], left) if side == 0 else (left, waiting[1])
                ways += count(tuple(woken), not full, queues)
        return ways if "ready" in tasks else 1

    return count(("ready",) * (2 * n), False, ((), ()))


class Counts(csim_run.Case):
    def executions(self, name, size, *flags, code=CLEAN):
        run = self.explore(os.path.join(PEERS, name + ".c"), f"-DN={size}", *flags, "--strategy", "dpor",
                           "--time-limit", "0", "--keep-going", code=code)
        self.assertTrue(run.json["complete"], (name, size))
        return run.json["executions"]

    def test_every_trace_once(self):
        for name, sizes in TRACES.items():
            for size, traces in sizes.items():
                with self.subTest(name, size=size):
                    self.assertEqual(self.executions(name, size),
                                     {"total": traces, "complete": traces, "redundant": 0, "vain": 0, "cut": 0})

    def test_the_deadlock_is_one_trace_more(self):
        for size, traces in {3: 7, 4: 15, 5: 31}.items():
            with self.subTest(size=size):
                counts = self.executions("philo", size, "-DDEADLOCK", code=BUG)
                self.assertEqual((counts["total"], counts["redundant"]), (traces, 0))

    def test_retry_loops_take_at_most_as_many(self):
        for name, sizes in RETRIES.items():
            for size, traces in sizes.items():
                with self.subTest(name, size=size):
                    counts = self.executions(name, size)
                    self.assertLessEqual(counts["total"], traces)
                    self.assertEqual(counts["redundant"], 0)

    def test_condition_variables_as_enumerated(self):
        self.assertEqual([orders_of_bounded_buffer(n) for n in (1, 2)], [2, 64])
        for size in 1, 2, 3:
            with self.subTest(size=size):
                counts = self.executions("bbuf", size)
                self.assertEqual(counts["total"], orders_of_bounded_buffer(size))
                self.assertEqual(counts["redundant"], 0)

    def test_the_lost_wakeup_is_one_of_three(self):
        self.assertEqual(self.executions("lostwake", 2, code=BUG)["total"], 3)


if __name__ == "__main__":
    csim_run.main()
