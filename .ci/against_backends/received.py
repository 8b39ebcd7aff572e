"""What a receiver of OTLP has, as the file says it."""

import json
import math
import time

from .faults import fault
from .servers import INSTALLED, eventually

KINDS = {1: "INTERNAL", 2: "SERVER", 3: "CLIENT", 4: "PRODUCER", 5: "CONSUMER"}
STATUSES = {0: "UNSET", 1: "OK", 2: "ERROR"}


def typed(value):
    """A value beside its type, from OTLP's JSON."""
    ((kind, said),) = value.items() if value else [("none", None)]
    match kind:
        case "intValue":
            return ("int", int(said))
        case "doubleValue":
            return ("float", float(said))
        case "arrayValue":
            return ("array", [typed(element) for element in said.get("values", [])])
        case _:
            return (kind.removesuffix("Value").replace("string", "text"), said)


def typed_of_line(value):
    """The same of a value in a line of the file."""
    match value:
        case bool():
            return ("bool", value)
        case int():
            return ("int", value)
        case float():
            return ("float", value)
        case str():
            return ("text", value)
        case list():
            return ("array", [typed_of_line(element) for element in value])
    raise TypeError(value)


def attributes_of(message):
    return {pair["key"]: typed(pair.get("value", {})) for pair in message.get("attributes", [])}


def attributes_of_line(record):
    return {key: typed_of_line(value) for key, value in record["attributes"].items()}


def span_of(message, resource):
    status = message.get("status", {})
    return {
        "trace_id": message["traceId"],
        "span_id": message["spanId"],
        "parent_span_id": message.get("parentSpanId"),
        "name": message["name"],
        "kind": KINDS[message["kind"]],
        "start": int(message["startTimeUnixNano"]),
        "end": int(message["endTimeUnixNano"]),
        "status": STATUSES[status.get("code", 0)],
        "status_message": status.get("message", ""),
        "attributes": attributes_of(message),
        "events": [(it["name"], int(it["timeUnixNano"]), attributes_of(it)) for it in message.get("events", [])],
        "links": [(it["traceId"], it["spanId"], attributes_of(it)) for it in message.get("links", [])],
        "trace_state": message.get("traceState"),
        "service": attributes_of(resource).get("service.name"),
    }


def span_of_line(line):
    return {
        "trace_id": line["trace_id"],
        "span_id": line["span_id"],
        "parent_span_id": line["parent_span_id"],
        "name": line["name"],
        "kind": line["kind"],
        "start": line["start_unix_nano"],
        "end": line["end_unix_nano"],
        "status": line["status"],
        "status_message": line["status_message"],
        "attributes": attributes_of_line(line),
        "events": [(it["name"], it["time_unix_nano"], attributes_of_line(it)) for it in line["events"]],
        "links": [(it["trace_id"], it["span_id"], attributes_of_line(it)) for it in line["links"]],
        "trace_state": line.get("trace_state"),
        "service": ("text", line["resource"]["service.name"]),
    }


class Received:
    """What the strict receiver took since it was asked last."""

    def __init__(self):
        self.file = INSTALLED / "data/recv.jsonl"
        self.offset = 0
        self.spans, self.logs, self.metrics = [], [], []
        # The last request of each signal, whose answer nobody may have heard.
        self.last, self.unanswered, self.repeated = {}, {}, 0

    def requests(self):
        """How many requests there were."""
        return self.file.read_bytes().count(b"\n") if self.file.exists() else 0

    def lost_answers(self):
        """The receiver is gone, and begins a new file: what it has written last may come again, as nobody can tell
        whether it was answered."""
        self.offset = 0
        self.unanswered, self.last = self.last, {}

    def is_again(self, request):
        """Whether a request is the one that had no answer, as it was."""
        if self.unanswered.get(request["signal"]) != request["body"]:
            return False
        del self.unanswered[request["signal"]]
        self.repeated += 1
        return True

    def read(self, where):
        with self.file.open() as file:
            file.seek(self.offset)
            text = file.read()
        whole = text[: text.rfind("\n") + 1]
        self.offset += len(whole.encode())
        for line in whole.split("\n")[:-1]:
            request = json.loads(line)
            if request["body"] is None or self.is_again(request):  # It was told to fail.
                continue
            self.last[request["signal"]] = request["body"]
            for error in request["errors"]:
                fault(where, f"the receiver found {error}")
            for of_resource in request["body"].get("resourceSpans", []):
                for scope in of_resource["scopeSpans"]:
                    self.spans += [span_of(span, of_resource["resource"]) for span in scope["spans"]]
            for of_resource in request["body"].get("resourceLogs", []):
                for scope in of_resource["scopeLogs"]:
                    self.logs += scope["logRecords"]
            for of_resource in request["body"].get("resourceMetrics", []):
                for scope in of_resource["scopeMetrics"]:
                    self.metrics += scope["metrics"]
        return self

    def taken(self, where, spans):
        """All that came of a run, once its spans are there, or time is up."""
        eventually(lambda: len(self.read(where).spans) >= spans)
        # Whatever comes twice comes late.
        time.sleep(1)
        self.read(where)
        taken = self.spans, self.logs, self.metrics
        self.spans, self.logs, self.metrics = [], [], []
        return taken


def compare_spans(where, received, written):
    """Every span of the file is there once, as the file has it, and nothing else is."""
    if not written:
        fault(where, "the file has no spans")
    by_id = {}
    for span in received:
        if span["span_id"] in by_id:
            fault(where, f"twice: {span['name']} {span['span_id']}")
        by_id[span["span_id"]] = span
    for line in written:
        expected = span_of_line(line)
        found = by_id.pop(expected["span_id"], None)
        if found is None:
            fault(where, f"lost: {expected['name']} {expected['span_id']}")
            continue
        for key, value in expected.items():
            if not same(found[key], value):
                fault(where, f"{expected['name']}: {key}: found {found[key]!r}, expected {value!r}")
    for span in by_id.values():
        fault(where, f"not in the file: {span['name']} {span['span_id']}")


def same(found, expected):
    """Whether two values are the same, a number that is none included."""
    if isinstance(found, float) and isinstance(expected, float):
        return found == expected or math.isnan(found) and math.isnan(expected)
    if isinstance(found, (list, tuple)) and isinstance(expected, (list, tuple)):
        return len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(same(found[key], expected[key]) for key in expected)
    return found == expected


def counted(metrics, name):
    """The sum of the data points of a counter."""
    points = [point for metric in metrics if metric["name"] == name for point in metric["sum"]["dataPoints"]]
    return sum(float(point.get("asDouble", point.get("asInt", 0))) for point in points)
