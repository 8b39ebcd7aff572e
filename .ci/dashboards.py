"""Reads Grafana's dashboards by the types that Grafana publishes of them, and says what of a file is not in those:
`dashboards.py FILE..`, by a Python that has grafana-foundation-sdk."""

import json
import pathlib
import sys

from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard


def lost(ours, theirs, place):
    """Where what was read differs from what is written."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key, value in ours.items():
            if key in theirs:
                yield from lost(value, theirs[key], f"{place}.{key}")
            else:
                yield f"{place}.{key}: unknown to Grafana"
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, (one, other) in enumerate(zip(ours, theirs)):
            yield from lost(one, other, f"{place}[{number}]")
    elif ours != theirs:
        yield f"{place}: {ours!r} is read as {theirs!r}"


plugins.register_default_plugins()
faults = []
for path in map(pathlib.Path, sys.argv[1:]):
    ours = json.loads(path.read_text())
    theirs = json.loads(JSONEncoder().encode(Dashboard.from_json(ours)))
    faults += lost(ours, theirs, path.name)
print("\n".join(faults))
sys.exit(1 if faults else 0)
