"""The programs that are run, and what they leave."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from .faults import fault
from .model import ASKED_MODEL, QUESTION, serve_model

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))


def built(package, kind, name, features):
    """Builds a program; where it is."""
    command = ["cargo", "build", "-q", "--locked", "-p", package, f"--{kind}", name, "--features", features]
    subprocess.run(command, cwd=ROOT, check=True)
    folder = TARGET / "debug" / ("examples" if kind == "example" else "")
    return folder / name


def run(program, arguments, variables, may_complain=False, may_wait=False, resume=None):
    """Runs a program in a folder of its own: what it printed, and the spans and events that its files have. What it has
    left on disk is sent by runs with the arguments `resume`; else it may leave nothing, unless `may_wait`."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="genai-trace-backends-"))
    environment = {"PATH": os.environ["PATH"], "OTEL_SERVICE_NAME": "coder", "GENAI_TRACE_FLUSH_TIMEOUT_MS": "60000"}
    environment |= variables
    try:
        for number in range(10):
            command = [program, *(resume if number else arguments)]
            done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
            if done.returncode != 0 or (done.stderr and not may_complain):
                fault(program.name, f"exit status {done.returncode}, {done.stderr.strip()!r}")
            waits = any(folder.glob("*.otlp/*.otlp"))
            if not waits or resume is None:
                break
        if waits and not may_wait:
            fault(program.name, "requests still wait on disk")
        return done.stdout, lines(folder / "traces.jsonl"), lines(folder / "traces.events.jsonl")
    finally:
        shutil.rmtree(folder)


def lines(file):
    # `splitlines` would end lines in the middle of texts.
    return [json.loads(line) for line in file.read_text().split("\n")[:-1]] if file.exists() else []


def run_example(variables, may_wait=False):
    """Has the example answer its question in a small workspace."""
    workspace = pathlib.Path(tempfile.mkdtemp(prefix="genai-trace-workspace-"))
    try:
        (workspace / "src").mkdir()
        (workspace / "src/lib.rs").write_text("// TODO: more\npub fn one() -> u8 { 1 }\n")
        (workspace / "README.md").write_text("# One\n")
        program = built("genai-trace-examples", "example", "coding_agent", "otlp-grpc,prices,profiles,redact")
        arguments = [str(workspace), "--ask", QUESTION, "--model", ASKED_MODEL]
        given = {"OPENAI_BASE_URL": serve_model(), "OPENAI_API_KEY": "none", "GENAI_TRACE_PRICES": "builtin"}
        return run(program, arguments, given | variables, may_wait=may_wait)
    finally:
        shutil.rmtree(workspace)


def cost_of(printed):
    """What the calls cost, as the metrics that the example prints say it."""
    families = re.findall(r"^genai_trace_cost_usd_total(?:\{.*\})? (\S+)$", printed, re.M)
    return sum(map(float, families))
