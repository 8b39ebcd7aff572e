// The answers that a report carries in itself, and the filters of the run list over them.

import { parse } from "./exact.js";

/** The answers of this page's data, or null where the page comes from a server. */
export function reportAnswers() {
  const element = document.getElementById("data");
  if (!element) return null;
  const data = JSON.parse(element.textContent);
  // What files say is read with its numbers as they stand there, once somebody asks for it.
  let read = null;
  const said = () => (read ??= parse(element.textContent));
  const of = (answers, key) => (answers && Object.hasOwn(answers, key) ? answers[key] : undefined);
  return {
    runs: (params) => filtered(data.runs, params),
    run: (trace) => of(data.traces, trace),
    span: (trace, span) => of(of(said().spans, trace), span),
    conversation: (trace) => of(said().conversations, trace),
  };
}

function filtered(answer, params) {
  const runs = answer.runs.filter((run) => matches(run, params));
  const offset = Number(params.get("offset") ?? 0);
  return { ...answer, matches: runs.length, runs: runs.slice(offset, offset + Number(params.get("limit") ?? 100)) };
}

/** What the server looks for as well, as far as a run's line tells. */
function matches(run, params) {
  const has = (list, key) => !params.get(key) || list.some((value) => contains(value, params.get(key)));
  const within = (value, least, most) =>
    (!params.get(least) || (value ?? 0) >= Number(params.get(least))) && (!params.get(most) || (value ?? 0) <= Number(params.get(most)));
  const said = [run.name, run.trace_id, run.task, run.service, ...run.agents, ...run.models, ...run.tools.map((tool) => tool.name)];
  return (
    has(said.filter(Boolean), "text") &&
    has(run.tools.map((tool) => tool.name), "tool") &&
    has(run.models, "model") &&
    has(run.agents, "agent") &&
    (!params.get("errors") || run.errors > 0) &&
    (!params.get("live") || run.open > 0) &&
    within(run.cost, "min_cost", "max_cost") &&
    within(run.duration, "min_ms", "max_ms")
  );
}

function contains(text, part) {
  return String(text).toLowerCase().includes(part.toLowerCase());
}
