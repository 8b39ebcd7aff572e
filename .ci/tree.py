#!/usr/bin/env python3
"""The tree of a run that the example prints, its gates of one kind once, in colours for terminal.py: `tree.py < PRINTED`."""

import re
import sys

INK = {"branch": "2", "time": "36", "tokens": "35", "error": "31", "notice": "33"}
TIME = r" [\d.]+(?:ns|µs|ms|s)\b"
PARTS = [
    ("error", r"ERROR .*"),
    ("notice", r"(?:deny|ask): .*|\b(?:cancelled|panicked|abandoned)\b"),
    ("tokens", r"\d+/\d+ tokens"),
    ("time", r"\b\d+(?:\.\d+)?(?:ns|µs|ms|s)\b"),
    ("branch", r"\ballow$"),
]
MOST = 34


def gates_once(tree):
    """Many equal gates say no more than one."""
    last = None
    for line in tree:
        bare = re.sub(TIME, "", line)
        if not (bare.endswith("allow") and bare == last):
            yield line
        last = bare


def inked(line):
    branch = re.match(r"[│├└─ ]*", line).group()
    pattern = "|".join(f"(?P<{ink}>{expression})" for ink, expression in PARTS)
    paint = lambda found: f"\x1b[{INK[found.lastgroup]}m{found.group()}\x1b[0m"
    return f"\x1b[2m{branch}\x1b[0m{re.sub(pattern, paint, line[len(branch):])}"


tree = sys.stdin.read().split("== Trace ==\n")[1].split("\n\n")[0].splitlines()
print("\n".join(inked(line) for line in list(gates_once(tree))[:MOST]))
