// Traces files for the tests, made of the example's run.

import { readFileSync, writeFileSync } from "node:fs";

const RUN = readFileSync(new URL("../fixtures/run.jsonl", import.meta.url), "utf8").trim().split("\n").map((line) => JSON.parse(line));
const MS = 1_000_000n;

/** Nanoseconds are integers beyond what a number holds; they are put into the line as text. */
const NANOS = /"(start_unix_nano|end_unix_nano|time_unix_nano)":"(\d+)"/g;

export function line(span) {
  return `${JSON.stringify(span).replace(NANOS, '"$1":$2')}\n`;
}

export function write(file, spans, more = "") {
  writeFileSync(file, spans.map(line).join("") + more);
}

export function id(number, digits = 32) {
  return number.toString(16).padStart(digits, "0");
}

export function nanos(ms) {
  return String(BigInt(Math.round(ms * 1000)) * 1000n);
}

/** The example's run as another one: `change(span, place)` may make it differ. */
export function run({ trace, start = Date.now() - 60_000, stretch = 100, change = () => {} }) {
  const began = Math.min(...RUN.map((span) => span.start_unix_nano));
  return RUN.map((one, place) => {
    const span = structuredClone(one);
    span.trace_id = trace;
    const at = (time) => nanos(start + ((time - began) / Number(MS)) * stretch);
    span.start_unix_nano = at(one.start_unix_nano);
    span.end_unix_nano = at(one.end_unix_nano);
    for (const event of span.events) event.time_unix_nano = at(one.events[0].time_unix_nano);
    change(span, place);
    return span;
  });
}

/** Puts another model into a run. */
export function withModel(name) {
  return (span) => {
    const said = span.attributes;
    if (said["gen_ai.request.model"]) said["gen_ai.request.model"] = name;
    if (said["gen_ai.response.model"]) said["gen_ai.response.model"] = name;
    span.name = span.name.replace("gpt-4o-mini", name);
  };
}

/** A span of one's own. */
export function span({ trace, number, parent = null, name, start, ms, attributes = {}, ...more }) {
  return {
    trace_id: trace,
    span_id: id(number, 16),
    parent_span_id: parent === null ? null : id(parent, 16),
    name,
    kind: "INTERNAL",
    start_unix_nano: nanos(start),
    end_unix_nano: nanos(start + ms),
    status: "UNSET",
    status_message: "",
    attributes,
    events: [],
    links: [],
    resource: { "service.name": "test" },
    ...more,
  };
}

/** A run of `turns` turns with nine tools each. */
export function large(trace, turns = 1000) {
  const start = Date.now() - 600_000;
  const all = [span({ trace, number: 1, name: "invoke_agent worker", start, ms: turns * 100, attributes: { "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "worker" } })];
  for (let turn = 0; turn < turns; turn += 1) {
    const number = 2 + turn * 10;
    all.push(span({ trace, number, parent: 1, name: `turn ${turn}`, start: start + turn * 100, ms: 98 }));
    for (let tool = 1; tool < 10; tool += 1) {
      const fails = tool === 5 && turn % 100 === 50;
      all.push(
        span({
          trace,
          number: number + tool,
          parent: number,
          name: `execute_tool tool_${tool}`,
          start: start + turn * 100 + tool * 10,
          ms: 2 + ((turn * 7 + tool) % 9),
          attributes: { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": `tool_${tool}` },
          status: fails ? "ERROR" : "UNSET",
          status_message: fails ? "out of luck" : "",
        }),
      );
    }
  }
  return all;
}

/** What somebody, or an evaluation, has written to a run or a span: a line beside the traces. */
export function comment(trace, span, name, text, label = null) {
  const attributes = { "gen_ai.evaluation.name": name, "gen_ai.evaluation.explanation": text };
  if (label !== null) attributes["gen_ai.evaluation.score.label"] = label;
  return { event_name: "gen_ai.evaluation.result", time_unix_nano: nanos(Date.now()), trace_id: trace, span_id: span, resource: {}, attributes };
}
