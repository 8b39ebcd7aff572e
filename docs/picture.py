#!/usr/bin/env python3
"""Draws docs/tree.svg from a run of the example: `python3 docs/picture.py`."""

import html
import os
import pathlib
import re
import subprocess
import tempfile

root = pathlib.Path(__file__).resolve().parent.parent
INK = {"branch": "#6e7681", "name": "#e6edf3", "time": "#39c5cf", "tokens": "#bc8cff", "error": "#ff7b72", "notice": "#d29922"}
PARTS = [
    ("error", r"ERROR .*"),
    ("notice", r"(?:deny|ask): .*|\b(?:cancelled|panicked|abandoned)\b"),
    ("tokens", r"\d+/\d+ tokens"),
    ("time", r"\b\d+(?:\.\d+)?(?:ns|µs|ms|s)\b"),
    ("branch", r"\ballow$"),
]
WIDTH, LEFT, LINE, SIZE, MOST = 118, 18, 19, 13, 34


def run() -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {"GENAI_TRACE_FILE": f"{folder}/traces.jsonl"}
        command = ["cargo", "run", "--quiet", "--example", "coding_agent"]
        out = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=True).stdout
    tree = out.split("== Trace ==\n")[1].split("\n\n")[0].splitlines()
    # Many equal gates say no more than one.
    shown = []
    for line in tree:
        bare = re.sub(r" [\d.]+(?:ns|µs|ms|s)\b", "", line)
        if not (shown and bare.endswith("allow") and re.sub(r" [\d.]+(?:ns|µs|ms|s)\b", "", shown[-1]) == bare):
            shown.append(line)
    return shown[:MOST]


def spans(line: str) -> str:
    if len(line) > WIDTH:
        line = line[: WIDTH - 1] + "…"
    branch = re.match(r"[│├└─ ]*", line).group()
    pieces, rest = [("branch", branch)], line[len(branch):]
    pattern = "|".join(f"(?P<{ink}>{expression})" for ink, expression in PARTS)
    place = 0
    for match in re.finditer(pattern, rest):
        pieces += [("name", rest[place : match.start()]), (match.lastgroup, match.group())]
        place = match.end()
    pieces.append(("name", rest[place:]))
    return "".join(f'<tspan fill="{INK[ink]}">{html.escape(text)}</tspan>' for ink, text in pieces if text)


def main() -> None:
    lines = run()
    height = LINE * len(lines) + 2 * LEFT
    width = int(WIDTH * SIZE * 0.602) + 2 * LEFT
    rows = "\n".join(
        f'<text x="{LEFT}" y="{LEFT + LINE * (index + 1) - 5}" xml:space="preserve">{spans(line)}</text>' for index, line in enumerate(lines)
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,\'DejaVu Sans Mono\',monospace" font-size="{SIZE}">\n'
        f'<rect width="100%" height="100%" rx="8" fill="#0d1117"/>\n{rows}\n</svg>\n'
    )
    (root / "docs/tree.svg").write_text(svg)


main()
