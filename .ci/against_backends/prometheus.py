"""A real Prometheus that scrapes a program: what it counted, and the spans that stand for its buckets."""

import math
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import urllib.parse

from .faults import expect, fault
from .programs import built, lines
from .servers import Started, eventually, get

PORT, SPANS, ROUNDS = 19090, 500, 6
# A family of ours, and one of the conventions.
FAMILIES = ["tool_latency_ms", "gen_ai_execute_tool_duration_seconds"]


def ask(path, **parameters):
    answer = get(PORT, f"/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
    if answer["status"] != "success":
        fault("prometheus", f"{path}: {parameters}: {answer}")
    return answer.get("data", {})


def value(query):
    """The one number that a query gives; none where it gives none."""
    result = ask("query", query=query).get("result", [])
    return float(result[0]["value"][1]) if len(result) == 1 else None


def prometheus():
    """Random spans in rounds, scraped every second; what the file has is what Prometheus has counted."""
    if not shutil.which("prometheus"):
        print("  skipped: no prometheus")
        return
    program = built("genai-trace-tests", "bin", "random_spans", "genai-trace/serve")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="genai-trace-prometheus-"))
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
    environment = {"PATH": os.environ["PATH"], "OTEL_SERVICE_NAME": "coder"}
    command = [program, str(SPANS), str(seed), "serve"]
    began = time.time()
    try:
        with Started("prom"):
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
            with subprocess.Popen(command, cwd=folder, env=environment, text=True, **pipes) as running:
                # Spans stand for buckets once somebody has asked for them.
                if not eventually(lambda: value("up") == 1):
                    fault("prometheus", "it does not scrape the program")
                for _ in range(ROUNDS):
                    running.stdin.write("\n")
                    running.stdin.flush()
                    time.sleep(1.5)
                look_at(folder / "traces.jsonl", f"prometheus (SEED={seed})", began)
                _, said = running.communicate()
            expect("prometheus", "exit status", (running.returncode, said), (0, ""))
    finally:
        shutil.rmtree(folder)


def look_at(file, where, began):
    expected = SPANS * ROUNDS
    ended = "sum(genai_trace_spans_total)"
    eventually(lambda: value(ended) == expected)
    expect(where, "spans counted", value(ended), expected)
    written = lines(file)
    expect(where, "spans in the file", len(written), expected)
    tools = [line for line in written if line["attributes"].get("gen_ai.operation.name") == "execute_tool"]
    expect(where, "tools counted", value("sum(tools_called_total)"), len(tools))
    spans = {(line["trace_id"], line["span_id"]) for line in tools}
    for family in FAMILIES:
        series = ask("query_exemplars", query=f"{family}_bucket", start=began, end=time.time() + 1)
        exemplars = [exemplar for of_one in series for exemplar in of_one["exemplars"]]
        if not exemplars:
            fault(where, f"{family}: no span stands for a bucket")
        for exemplar in exemplars:
            labels = exemplar["labels"]
            if (labels["trace_id"], labels["span_id"]) not in spans:
                fault(where, f"{family}: {labels} is no tool in the file")
        quantile = value(f"histogram_quantile(0.95, sum by (le) (rate({family}_bucket[1m])))")
        if quantile is None or not math.isfinite(quantile) or quantile <= 0:
            fault(where, f"{family}: 95 % of the tools took at most {quantile}")
        print(f"  {where}: {family}: {len(exemplars)} spans stand for buckets, 95 % took at most {quantile:.6g}")
