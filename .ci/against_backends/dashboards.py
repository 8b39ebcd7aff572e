"""The dashboards and rules of deploy/, asked of a real Prometheus that scrapes agents at work."""

import json
import math
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from .faults import expect, fault
from .programs import ROOT, built
from .prometheus import ask, value
from .servers import Started, eventually

# More than a quarter of a minute, which is how often what was spent is added up.
RUNS, ROUNDS, QUARTER = 60, 16, 16
CONFIG = """
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [%s]
scrape_configs:
  - job_name: agent
    static_configs: [{targets: ["127.0.0.1:9464"]}]
"""


def dashboards():
    """Every query of every dashboard gives data, and tokens and cost are those of `genai-trace stats`."""
    if not shutil.which("prometheus"):
        print("  skipped: no prometheus")
        return
    program = built("genai-trace-tests", "bin", "busy_agents", "genai-trace/serve,genai-trace/prices")
    command = built("genai-trace-cli", "bin", "genai-trace", "genai-trace/gzip")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="genai-trace-dashboards-"))
    config = folder / "prometheus.yml"
    config.write_text(CONFIG % (ROOT / "deploy/prometheus/rules.yml"))
    environment = {
        "PATH": os.environ["PATH"], "OTEL_SERVICE_NAME": "coder", "OTEL_METRICS_EXPORTER": "prometheus",
        "GENAI_TRACE_VIEWS": "default,agent,chat", "GENAI_TRACE_PRICES": "builtin",
    }
    try:
        with Started("prom", str(config)):
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
            with subprocess.Popen([program, str(RUNS)], cwd=folder, env=environment, text=True, **pipes) as running:
                if not eventually(lambda: value("up") == 1):
                    fault("dashboards", "Prometheus does not scrape the program")
                # What is there then and was not before is new.
                time.sleep(QUARTER)
                for _ in range(ROUNDS):
                    running.stdin.write("\n")
                    running.stdin.flush()
                    time.sleep(1)
                eventually(lambda: value("sum(agent_requests_total)") == RUNS * ROUNDS)
                asked = sum(ask_all(file) for file in sorted((ROOT / "deploy/grafana/dashboards").glob("*.json")))
                recorded = ask_rules()
                spent, hour = "sum(genai_trace_cost_usd_total)", cost_of_an_hour()
                if not eventually(lambda: math.isclose(value(hour) or 0, value(spent) or math.nan, rel_tol=1e-9)):
                    fault("dashboards", f"the cost of an hour is {value(hour)}, spent were {value(spent)}")
                sums = [value(query) for query in [
                    "sum(gen_ai_client_inference_usage_input_tokens_total) + sum(gen_ai_client_embeddings_operation_input_tokens_sum)",
                    "sum(gen_ai_client_inference_usage_output_tokens_total)",
                    spent,
                ]]
                _, said = running.communicate()
            expect("dashboards", "exit status", (running.returncode, said), (0, ""))
        compare(command, folder, sums)
        print(f"  dashboards: {asked} queries and {recorded} recorded rules give data")
    finally:
        shutil.rmtree(folder)


def cost_of_an_hour():
    """What the panel asks that shows it."""
    panels = json.loads((ROOT / "deploy/grafana/dashboards/genai-trace.json").read_text())["panels"]
    [panel] = [panel for panel in panels if panel["title"] == "Cost of an hour"]
    return panel["targets"][0]["expr"].replace("$job", ".+")


def ask_all(file):
    """Asks what the panels of a dashboard ask; how many queries there were."""
    asked = 0
    for panel in json.loads(file.read_text())["panels"]:
        for target in panel["targets"]:
            query = target["expr"].replace("$__rate_interval", "10s").replace("$job", ".+")
            result = ask("query", query=query).get("result", [])
            values = [float(sample["value"][1]) for sample in result]
            where = f"{file.name}: {panel['title']}"
            if not values:
                fault(where, f"no data: {query}")
            if not any(math.isfinite(value) for value in values):
                fault(where, f"no number: {query}: {values}")
            names = set(target["legendFormat"].split("{{")[1:])
            for label in [name.split("}}")[0] for name in names]:
                if any(label not in sample["metric"] for sample in result):
                    fault(where, f"the legend names {label}, which a series lacks: {query}")
            asked += 1
    return asked


def ask_rules():
    """The rules are well, and what they record is there."""
    groups = ask("rules")["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    for rule in rules:
        expect("rules.yml", rule["name"], rule["health"], "ok")
    recorded = [rule for rule in rules if rule["type"] == "recording"]
    for rule in recorded:
        if not ask("query", query=rule["name"]).get("result"):
            fault("rules.yml", f"{rule['name']} gives no data")
    return len(recorded)


def compare(command, folder, sums):
    """What Prometheus has counted, and what `genai-trace stats` reads."""
    done = subprocess.run([command, "stats", "--by", "model", "--json"], cwd=folder, capture_output=True, text=True, check=True)
    models = json.loads(done.stdout)["models"].values()
    read = [sum(model[key] for model in models) for key in ["input_tokens", "output_tokens", "cost_usd"]]
    for name, counted, said in zip(["input tokens", "output tokens", "dollars"], sums, read):
        if counted is None or not math.isclose(counted, said, rel_tol=1e-9):
            fault("dashboards", f"{name}: counted {counted}, stats says {said}")
        print(f"  dashboards: {name}: {counted}, as stats says")
