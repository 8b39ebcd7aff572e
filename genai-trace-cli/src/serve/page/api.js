// What the server is asked. A report asks nobody: its answers lie in the page (report.js).

import { parse } from "./exact.js";
import { reportAnswers } from "./report.js";

const report = reportAnswers();

/** Whether this page is a file written by `genai-trace report`: nothing changes, and nothing can be marked. */
export const isReport = report !== null;

/** The one run of a report that has no other: it is shown at once. */
export function onlyRun() {
  const runs = report?.runs(new URLSearchParams()).runs;
  return runs?.length === 1 ? runs[0].trace_id : null;
}

/** What the server had against a question, or why it could not be asked. */
export class Failure extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Failure("the server does not answer; is genai-trace serve still running?", 0);
  }
  if (response.ok) return response;
  throw new Failure(await reason(response), response.status);
}

async function reason(response) {
  const text = await response.text();
  try {
    return JSON.parse(text).error ?? text;
  } catch {
    return text || `the server answered ${response.status}`;
  }
}

const json = async (path, options) => (await ask(path, options)).json();
/** An answer that shows what a file says: numbers are as they stand there. */
const said = async (path) => parse(await (await ask(path)).text());
const id = encodeURIComponent;

export async function runs(params, signal) {
  return report ? report.runs(params) : json(`/api/runs?${params}`, { signal });
}

export async function run(trace) {
  return report ? found(report.run(trace)) : json(`/api/runs/${id(trace)}`);
}

/** What an id may mean of which only the beginning is said. */
export async function ids(beginning) {
  return report ? report.ids(beginning) : json(`/api/ids/${id(beginning)}`);
}

export async function span(trace, spanId) {
  return report ? found(report.span(trace, spanId)) : said(`/api/runs/${id(trace)}/spans/${id(spanId)}`);
}

/** The whole of a value that was cut: `of` says where in the span it stands, as the server called it. */
export async function whole(trace, spanId, of, key) {
  if (report) throw new Failure("a report keeps only the beginning of long values", 404);
  return (await ask(`/api/runs/${id(trace)}/spans/${id(spanId)}/value?${new URLSearchParams({ of, key })}`)).text();
}

export async function conversation(trace) {
  return report ? found(report.conversation(trace)) : said(`/api/runs/${id(trace)}/conversation`);
}

export async function compare(a, b) {
  if (report) throw new Failure("a report does not compare runs; genai-trace serve does", 404);
  return json(`/api/compare?a=${id(a)}&b=${id(b)}`);
}

export async function score(body) {
  return json("/api/scores", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

function found(answer) {
  if (answer === undefined) throw new Failure("it is not part of this report", 404);
  return answer;
}
