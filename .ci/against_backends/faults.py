"""What was found wrong."""

import sys

FAULTS = []


def fault(where, what):
    FAULTS.append(f"{where}: {what}")
    print(f"  fault: {where}: {what}", file=sys.stderr)


def expect(where, what, found, expected):
    if found != expected:
        fault(where, f"{what}: found {found!r}, expected {expected!r}")
