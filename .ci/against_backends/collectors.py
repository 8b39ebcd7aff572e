"""Whatever passes spans on or takes them as they are: nothing may be lost, change or come twice."""

from .faults import expect
from .programs import run_example
from .received import Received, compare_spans, counted
from .servers import Started, eventually, get, is_there


def example_over(where, receiver, http_port, grpc_port, without_metrics=()):
    """The example's run over each protocol, with its metrics and events, to a collector before the strict receiver."""
    for protocol, port in [("http/protobuf", http_port), ("http/json", http_port), ("grpc", grpc_port)]:
        has_metrics = protocol not in without_metrics
        variables = {
            "OTEL_TRACES_EXPORTER": "otlp,jsonl",
            "OTEL_METRICS_EXPORTER": "otlp" if has_metrics else "none",
            "OTEL_LOGS_EXPORTER": "otlp,jsonl",
            "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
            "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "SPAN_AND_EVENT",
        }
        _, written, events = run_example(variables)
        spans, logs, metrics = receiver.taken(where, len(written))
        compare_spans(f"{where} {protocol}", spans, written)
        expect(f"{where} {protocol}", "events", len(logs), len(events))
        tools = sum(line["name"].startswith("execute_tool ") for line in written)
        if has_metrics:
            expect(f"{where} {protocol}", "tools counted", counted(metrics, "tools_called_total"), tools)
        print(f"  {where}, {protocol}: {len(spans)} spans, {len(logs)} events, {len(metrics)} metrics")


def collector():
    if not is_there("otelcol/otelcol-debian", "venv-tools"):
        return
    with Started("recv"), Started("otelcol"):
        example_over("collector", Received(), 44318, 44317)


def rotel():
    if not is_there("venv-tools/lib/python3.11/site-packages/rotel"):
        return
    with Started("recv"), Started("rotel"):
        # Its JSON has no histograms: it takes no count that is a string, as OTLP has it.
        example_over("rotel", Received(), 24318, 24317, without_metrics=["http/json"])


def datadog():
    """The test agent: every span, over each protocol."""
    if not is_there("venv-ddapm"):
        return
    for protocol, port in [("http/protobuf", 54318), ("http/json", 54318), ("grpc", 54317)]:
        with Started("ddapm"):
            variables = {
                "OTEL_TRACES_EXPORTER": "otlp,jsonl",
                "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
                "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
                "GENAI_TRACE_PROFILE": "otlp=datadog",
                "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "SPAN_ONLY",
            }
            _, written, _ = run_example(variables)
            taken = eventually(lambda: get(54318, "/test/session/traces"))
            names = [
                span["name"]
                for request in taken
                for resource in request.get("resource_spans", request.get("resourceSpans", []))
                for scope in resource.get("scope_spans", resource.get("scopeSpans", []))
                for span in scope["spans"]
            ]
            where = f"datadog {protocol}"
            expect(where, "spans", sorted(names), sorted(line["name"] for line in written))
            print(f"  {where}: {len(names)} spans")
