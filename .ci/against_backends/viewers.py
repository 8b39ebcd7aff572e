"""Phoenix and MLflow: what they make of a run, beside what its file and its metrics say."""

import json
import math
import subprocess

from .faults import expect, fault
from .model import ANSWER, ASKED_MODEL, QUESTION
from .programs import cost_of, run_example
from .servers import INSTALLED, Started, eventually, is_there, post


def content_run(protocol, port, profile, variables):
    given = {
        "OTEL_TRACES_EXPORTER": "otlp,jsonl",
        "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
        "GENAI_TRACE_PROFILE": f"otlp={profile}",
        "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "SPAN_ONLY",
    }
    # A backend may take longer for an answer than the example waits at its end, and have the spans all the same.
    printed, written, _ = run_example(given | variables, may_wait=True)
    return cost_of(printed), written


def tokens(written, kind):
    return sum(line["attributes"].get(f"gen_ai.usage.{kind}_tokens", 0) for line in written)


# What the spans of the example are, by how their names begin, as the two backends call them.
ROLES = {
    "invoke_agent": ("agent", "AGENT"),
    "chat": ("llm", "CHAT_MODEL"),
    "execute_tool": ("tool", "TOOL"),
    "gate": ("guardrail", "GUARDRAIL"),
    "agent.turn": ("chain", "CHAIN"),
}


def role(name):
    return ROLES[name.split(" ")[0]]


def check_sums(where, written, cost, found_tokens, found_cost):
    expect(where, "tokens", found_tokens, (tokens(written, "input"), tokens(written, "output")))
    if not cost > 0 or not math.isclose(found_cost or 0, cost, rel_tol=1e-6):
        fault(where, f"cost: found {found_cost}, the metrics say {cost}")


PHOENIX_QUERY = """query($project: String!, $trace: ID!) { getProjectByName(name: $project) { trace(traceId: $trace) {
  costSummary { total { cost tokens } }
  spans(first: 100) { edges { node {
    name spanKind statusCode statusMessage spanId parentId tokenCountPrompt tokenCountCompletion
    tokenPromptDetails { cacheRead }
    input { value mimeType } output { value mimeType } attributes events { name } } } } } } }"""


def phoenix():
    if not is_there("venv-phoenix"):
        return
    with Started("phoenix", "fresh"):
        for protocol, port in [("http/protobuf", 16006), ("grpc", 14317)]:
            where = f"phoenix {protocol}"
            project = {"OTEL_RESOURCE_ATTRIBUTES": "openinference.project.name=coders"}
            cost, written = content_run(protocol, port, "openinference", project)
            asked = {"project": "coders", "trace": written[0]["trace_id"]}

            def look():
                answer = json.loads(post(16006, "/graphql", {"query": PHOENIX_QUERY, "variables": asked}))
                trace = ((answer.get("data") or {}).get("getProjectByName") or {}).get("trace")
                edges = trace["spans"]["edges"] if trace else []
                # Costs are computed a moment later.
                is_whole = len(edges) >= len(written) and trace["costSummary"]["total"]["cost"]
                return trace if is_whole else None

            trace = eventually(look)
            if trace is None:
                fault(where, "the trace does not arrive, or has no cost")
                continue
            spans = {edge["node"]["spanId"]: edge["node"] for edge in trace["spans"]["edges"]}
            expect(where, "spans", sorted(spans), sorted(line["span_id"] for line in written))
            for line in written:
                span = spans.get(line["span_id"], {})
                name = line["name"]
                expect(where, f"name of {name}", span.get("name"), name)
                expect(where, f"kind of {name}", span.get("spanKind"), role(name)[0])
                expect(where, f"parent of {name}", span.get("parentId"), line["parent_span_id"])
                expect(where, f"status of {name}", span.get("statusCode"), line["status"])
                expect(where, f"status message of {name}", span.get("statusMessage"), line["status_message"])
                events = [event["name"] for event in span.get("events", [])]
                expect(where, f"events of {name}", events, [event["name"] for event in line["events"]])
                check_content(where, line, shown(span.get("input")), shown(span.get("output")))
                if role(name)[0] == "llm":
                    check_phoenix_call(where, line, json.loads(span["attributes"]))
            prompt = sum(span["tokenCountPrompt"] or 0 for span in spans.values() if span["spanKind"] == "llm")
            output = sum(span["tokenCountCompletion"] or 0 for span in spans.values() if span["spanKind"] == "llm")
            check_sums(where, written, cost, (prompt, output), trace["costSummary"]["total"]["cost"])
            print(f"  {where}: {len(spans)} spans, {prompt} and {output} tokens, ${trace['costSummary']['total']['cost']:.6f}")


def shown(value):
    return (value or {}).get("value") or ""


def check_phoenix_call(where, line, attributes):
    """A call of a model has its messages one by one, which is how they are drawn, and what it used."""
    llm = attributes.get("llm", {})
    messages = [it["message"] for it in llm.get("input_messages", [])]
    expect(where, "roles", [it["role"] for it in messages[:2]], ["system", "user"])
    expect(where, "question", messages[1].get("content") if len(messages) > 1 else None, QUESTION)
    outputs = [it["message"] for it in llm.get("output_messages", [])]
    expect(where, "answers", len(outputs), 1)
    has_calls = "tool_calls" in line["attributes"]["gen_ai.response.finish_reasons"]
    said = [outputs[0].get("content"), len(outputs[0].get("tool_calls", []))] if outputs else None
    expect(where, "answer", said, [None, 2] if has_calls else [ANSWER, 0])
    expect(where, "model", llm.get("model_name"), ASKED_MODEL)
    cached = llm.get("token_count", {}).get("prompt_details", {}).get("cache_read")
    expect(where, "cached tokens", cached, line["attributes"].get("gen_ai.usage.cache_read.input_tokens"))


def check_content(where, line, inputs, outputs):
    """What was said is shown where it was captured."""
    name = line["name"]
    if name.startswith("chat"):
        if QUESTION not in inputs:
            fault(where, f"{name}: no question in {inputs[:200]!r}")
        reasons = line["attributes"].get("gen_ai.response.finish_reasons")
        said = "call_" if "tool_calls" in reasons else ANSWER
        if said not in outputs:
            fault(where, f"{name}: no {said!r} in {outputs[:200]!r}")
    elif name.startswith("invoke_agent"):
        if QUESTION not in inputs or ANSWER not in outputs:
            fault(where, f"{name}: {inputs[:200]!r} and {outputs[:200]!r}")
    elif name == "execute_tool search":
        if "TODO" not in inputs or "src/lib.rs" not in outputs:
            fault(where, f"{name}: {inputs[:200]!r} and {outputs[:200]!r}")


MLFLOW_QUERY = """
import json, sys, mlflow
mlflow.set_tracking_uri("http://127.0.0.1:15000")
trace = mlflow.get_trace(sys.argv[1])
spans = [{
    "name": span.name, "span_id": span.span_id, "parent_id": span.parent_id, "type": span.span_type,
    "status": span.status.status_code.name, "description": span.status.description,
    "inputs": span.inputs if isinstance(span.inputs, str) else json.dumps(span.inputs),
    "outputs": span.outputs if isinstance(span.outputs, str) else json.dumps(span.outputs),
    "usage": span.get_attribute("mlflow.chat.tokenUsage"),
    "events": [event.name for event in span.events],
} for span in trace.data.spans] if trace else []
info = {"usage": trace.info.token_usage, "cost": getattr(trace.info, "cost", None)} if trace else {}
print(json.dumps({"spans": spans, **info}))
"""


# One span, to have a backend get ready: the first model call, which it prices, takes MLflow longer than the example
# waits at its end.
ANY_SPAN = {
    "traceId": "1" * 32,
    "spanId": "1" * 16,
    "name": "chat first",
    "kind": 1,
    "attributes": [
        {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
        {"key": "gen_ai.provider.name", "value": {"stringValue": "openai"}},
        {"key": "gen_ai.request.model", "value": {"stringValue": ASKED_MODEL}},
        {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "1"}},
        {"key": "gen_ai.usage.output_tokens", "value": {"intValue": "1"}},
    ],
}
ANY_REQUEST = {
    "resourceSpans": [
        {
            "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "first"}}]},
            "scopeSpans": [{"spans": [ANY_SPAN | {"startTimeUnixNano": "1", "endTimeUnixNano": "2"}]}],
        }
    ]
}


def mlflow():
    if not is_there("venv-mlflow"):
        return
    python = INSTALLED / "venv-mlflow/bin/python"
    with Started("mlflow", "fresh"):
        post(15000, "/v1/traces", ANY_REQUEST, {"x-mlflow-experiment-id": "0"})
        for protocol in ["http/protobuf", "http/json"]:
            where = f"mlflow {protocol}"
            headers = {"OTEL_EXPORTER_OTLP_HEADERS": "x-mlflow-experiment-id=0"}
            cost, written = content_run(protocol, 15000, "mlflow", headers)
            query = [python, "-c", MLFLOW_QUERY, f"tr-{written[0]['trace_id']}"]
            found = json.loads(subprocess.run(query, check=True, capture_output=True, text=True).stdout)
            spans = {span["span_id"]: span for span in found["spans"]}
            expect(where, "spans", sorted(spans), sorted(line["span_id"] for line in written))
            for line in written if spans else []:
                span = spans.get(line["span_id"], {})
                name = line["name"]
                expect(where, f"name of {name}", span.get("name"), name)
                expect(where, f"type of {name}", span.get("type"), role(name)[1])
                expect(where, f"parent of {name}", span.get("parent_id"), line["parent_span_id"])
                expect(where, f"status of {name}", span.get("status"), line["status"])
                expect(where, f"status message of {name}", span.get("description"), line["status_message"])
                expect(where, f"events of {name}", span.get("events"), [event["name"] for event in line["events"]])
                check_content(where, line, span.get("inputs") or "", span.get("outputs") or "")
            usage = found["usage"] or {}
            sums = (usage.get("input_tokens"), usage.get("output_tokens"))
            total = (found["cost"] or {}).get("total_cost")
            check_sums(where, written, cost, sums, total)
            print(f"  {where}: {len(spans)} spans, {sums[0]} and {sums[1]} tokens, ${total or 0:.6f}")
