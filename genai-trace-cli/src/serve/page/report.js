// The answers that a report carries in itself.

import { parse } from "./exact.js";
import { Sieve } from "./sieve.js";

/** The answers of this page's data, or null where the page comes from a server. */
export function reportAnswers() {
  const element = document.getElementById("data");
  if (!element) return null;
  const data = JSON.parse(element.textContent);
  const sieve = new Sieve(data);
  // What files say is read with its numbers as they stand there, once somebody asks for it.
  let read = null;
  const said = () => (read ??= parse(element.textContent));
  const of = (answers, key) => (answers && Object.hasOwn(answers, key) ? answers[key] : undefined);
  return {
    runs: (params) => page(data.runs, sieve.runs(params), params),
    run: (trace) => of(data.traces, trace),
    ids: (beginning) => sieve.ids(beginning),
    span: (trace, span) => of(of(said().spans, trace), span),
    conversation: (trace) => of(said().conversations, trace),
  };
}

function page(answer, runs, params) {
  const offset = Number(params.get("offset") ?? 0);
  return { ...answer, matches: runs.length, runs: runs.slice(offset, offset + Number(params.get("limit") ?? 100)) };
}
