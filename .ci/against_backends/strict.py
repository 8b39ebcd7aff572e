"""Random spans, with metrics and events, to the strict receiver, whatever it goes through."""

import contextlib
import os
import signal
import threading
import time

from .faults import expect, fault
from .fronts import GrpcLimit, Hole, Limit
from .programs import built, run
from .received import Received, compare_spans, counted
from .servers import INSTALLED, Started, eventually, is_there, script

HTTP_PORT, GRPC_PORT = 34318, 34317
# More than any one span has, and less than most requests.
MOST_BYTES = 96 * 1024
# How long nobody answers. What is sent then waits for as long as a request may take: 10 s, which no other one needs.
HOLE_SECONDS = 5


@contextlib.contextmanager
def calm(_where, _receiver, port, _protocol):
    yield port


@contextlib.contextmanager
def hangs(where, _receiver, port, _protocol):
    """It takes connections and answers nothing, until another one takes its place."""
    hole = Hole(port, HOLE_SECONDS)
    with hole as port:
        yield port
    if not hole.swallowed:
        fault(where, "nothing came while the backend hung")


@contextlib.contextmanager
def is_killed(where, receiver, port, _protocol):
    """It is killed while it takes requests, and is started again after a while."""
    faults = []

    def kill_and_start():
        if not eventually(lambda: receiver.requests() >= 10, 60):
            return faults.append("the receiver had nothing to be killed in the middle of")
        os.kill(int((INSTALLED / "run/recv.pid").read_text()), signal.SIGKILL)
        # The start removes the file of what was taken.
        receiver.read(where).lost_answers()
        time.sleep(1)
        script("receiver_start.sh")

    thread = threading.Thread(target=kill_and_start)
    thread.start()
    yield port
    thread.join()
    for what in faults:
        fault(where, what)


@contextlib.contextmanager
def limits(where, _receiver, port, protocol):
    """It takes no request of more than so many bytes."""
    limit = (GrpcLimit if protocol == "grpc" else Limit)(port, MOST_BYTES)
    with limit as port:
        yield port
    if not limit.refused:
        fault(where, "no request was too large")


def strict():
    """What waits on disk at the end of a process the next one sends."""
    if not is_there("venv-tools"):
        return
    program = built("genai-trace-tests", "bin", "random_spans", "genai-trace/otlp-grpc")
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
    # Only HTTP can be told to fail.
    failing = ["--fail-first", "5", "503"]
    for trouble, arguments, protocols in [
        (calm, [], ["http/protobuf", "http/json", "grpc"]),
        (calm, failing, ["http/protobuf", "http/json"]),
        (hangs, [], ["http/protobuf", "http/json", "grpc"]),
        (is_killed, [], ["http/protobuf", "http/json", "grpc"]),
        (limits, [], ["http/protobuf", "http/json", "grpc"]),
    ]:
        for protocol in protocols:
            words = ["strict", protocol, trouble.__name__.replace("_", " "), *arguments, f"(SEED={seed})"]
            once(program, seed, " ".join(words), trouble, arguments, protocol)
            seed += 1


def once(program, seed, where, trouble, arguments, protocol):
    count = os.environ.get("RANDOM_SPANS", "10000")
    with Started("recv", *arguments):
        receiver = Received()
        port = GRPC_PORT if protocol == "grpc" else HTTP_PORT
        with trouble(where, receiver, port, protocol) as port:
            variables = {
                "OTEL_TRACES_EXPORTER": "otlp,jsonl",
                "OTEL_METRICS_EXPORTER": "otlp",
                "OTEL_METRIC_EXPORT_INTERVAL": "200",
                "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "delta",
                "OTEL_LOGS_EXPORTER": "otlp,jsonl",
                "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
                "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
                "OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT": "true",
            }
            complains = bool(arguments) or trouble in (hangs, is_killed)
            _, written, events = run(program, [count, str(seed)], variables, complains, resume=["0", "0"])
        expect(where, "spans in the file", len(written), int(count))
        spans, logs, metrics = receiver.taken(where, len(written))
    compare_spans(where, spans, written)
    expect(where, "events", len(logs), len(events))
    # What has come since the last time, each time, adds up to all only where nothing is lost or twice.
    expect(where, "spans counted", counted(metrics, "genai_trace_spans_total"), int(count))
    again = f", {receiver.repeated} requests again whose answer was never given" if receiver.repeated else ""
    print(f"  {where}: {len(spans)} spans, {len(logs)} events, {len(metrics)} metrics{again}")
