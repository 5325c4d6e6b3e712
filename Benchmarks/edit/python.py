"""New text of a ten-line function to callable, in one CPython process. Prints one JSON line.

usage: python3 python.py [EDITS]
"""

import json
import math
import sys
from time import perf_counter_ns

TEXT = """\
def steer(x, y, speed, limit):
    dx = 320.0 - x
    dy = 240.0 - y
    distance = dx * dx + dy * dy
    d2 = distance + %d.5
    pull = speed / d2
    if pull > limit:
        pull = limit
    moved = x + dx * pull
    return moved + y + dy * pull
"""

warmup, edits = 500, int(sys.argv[1]) if len(sys.argv) > 1 else 5000
scope = {}
times = []
for i in range(1, warmup + edits + 1):
    source = TEXT % i
    start = perf_counter_ns()
    exec(compile(source, "<edit>", "exec"), scope)
    time = perf_counter_ns() - start
    assert scope["steer"](320, 240, i + 0.5, 2) == 560
    if i > warmup:
        times.append(time / 1e3)
times.sort()
percentile = lambda p: round(times[math.ceil(edits * p) - 1], 2)
print(json.dumps({"name": "cpython compile+exec", "edits": edits, "p50": percentile(0.50),
                  "p99": percentile(0.99), "note": "untyped, bytecode"}))
