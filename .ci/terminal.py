"""A picture of what a command prints on a terminal: `terminal.py COMMAND_LINE < TEXT > SVG`, where the text has the
escape sequences of its colours."""

import html
import re
import sys

COLUMN, LINE, MARGIN, BAR = 8.4, 19, 18, 34
COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff", "36": "#76e3ea"}
LONGEST = 118


def runs(line):
    """Texts of a line with their classes."""
    codes = set()
    for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
        found = re.fullmatch(r"\x1b\[([0-9;]*)m", piece)
        if found:
            said = found.group(1).split(";")
            codes = set() if said in (["0"], [""]) else codes | set(said)
        elif piece:
            yield piece, codes


def span(text, codes):
    style = "".join(f' fill="{COLOURS[code]}"' for code in codes if code in COLOURS)
    style += ' font-weight="600"' if "1" in codes else ""
    style += ' opacity=".62"' if "2" in codes else ""
    # Spaces that follow one another would be one.
    return f"<tspan{style}>{html.escape(text).replace(' ', chr(0xA0))}</tspan>"


def shortened(line):
    """The line without what would lie outside the picture."""
    room, kept = LONGEST, []
    for text, codes in runs(line):
        if len(text) > room:
            kept.append((text[: room - 1] + "…", codes))
            break
        kept.append((text, codes))
        room -= len(text)
    return kept


command = sys.argv[1]
lines = [[("$ ", {"2"}), (command, {"1"})]] + [shortened(line) for line in sys.stdin.read().rstrip("\n").split("\n")]
width = round(max(sum(len(text) for text, _ in line) for line in lines) * COLUMN + 2 * MARGIN)
height = BAR + LINE * len(lines) + MARGIN
print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">')
print(f"<title>{html.escape(command)}</title>")
print(f'<rect width="{width}" height="{height}" rx="10" fill="#0d1117"/>')
for number, colour in enumerate(["#ff5f57", "#febc2e", "#28c840"]):
    print(f'<circle cx="{MARGIN + 4 + 20 * number}" cy="18" r="6" fill="{colour}"/>')
fonts = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
print(f'<g font-family="{fonts}" font-size="14" fill="#e6edf3">')
for number, line in enumerate(lines):
    y = BAR + LINE * (number + 1) - 5
    length = sum(len(text) for text, _ in line) * COLUMN
    text = "".join(span(text, codes) for text, codes in line)
    # Whatever the font, columns stay where they are.
    fit = f' textLength="{length:.1f}" lengthAdjust="spacingAndGlyphs"' if length else ""
    print(f'<text x="{MARGIN}" y="{y}"{fit}>{text}</text>')
print("</g>\n</svg>")
