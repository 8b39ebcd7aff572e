// Which runs of a report are asked for: what the server does for a page that has one, over the answers in the page.

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
/** A shorter text is looked for only in names: it is in nearly all that is said. */
const SHORTEST_TEXT = 3;

/** Members of a record that say something: ids and times do not. */
const SAID = ["name", "status_message", "attributes", "resource", "scope"];
/** As many digits as mean a trace, and as many as are shown of an id, which mean a span as well. */
const BEGINS_A_TRACE = /^[0-9a-f]{4,32}$/;
const READS_LIKE_AN_ID = /^[0-9a-f]{8,32}$/;

/** What reads like an id is said where it begins; its digits in the middle of another id are no mention of it. */
function beginsIn(text) {
  const begin = new RegExp(`(?:^|[^0-9a-z])${text}`);
  return (said) => begin.test(said);
}

/** The runs of a report's `data` that `params` ask for. */
export class Sieve {
  constructor(data) {
    this.data = data;
    // What is looked for in the spans of a run, made when it is first asked for.
    this.texts = new Map();
  }

  runs(params) {
    const wanted = this.wanted(params);
    const text = params.get("text")?.toLowerCase() ?? "";
    const found = this.data.runs.runs.filter((run) => wanted.every((holds) => holds(run)));
    return found.map((run) => ({ ...run, span: this.spanOf(run, text) }));
  }

  /** What a run has to be. */
  wanted(params) {
    const all = [];
    const given = (name, make) => params.get(name) && all.push(make(params.get(name)));
    given("text", (text) => this.says(text.toLowerCase()));
    given("tool", (name) => this.named(name, (run) => run.tools.map((tool) => tool.name)));
    given("model", (name) => this.named(name, (run) => run.models));
    given("agent", (name) => this.named(name, (run) => run.agents));
    given("errors", () => (run) => run.errors > 0);
    given("live", () => (run) => run.open > 0);
    given("since", (said) => from(this.moment("since", said)));
    given("until", (said) => before(this.moment("until", said)));
    given("min_ms", (least) => (run) => this.lasts(run) >= Number(least));
    given("max_ms", (most) => (run) => this.lasts(run) <= Number(most));
    // A cost that nobody knows is neither more nor less than another.
    given("min_cost", (least) => (run) => run.cost !== null && run.cost >= Number(least));
    given("max_cost", (most) => (run) => run.cost !== null && run.cost <= Number(most));
    for (const pair of params.getAll("attribute").filter(Boolean)) all.push(this.has(pair));
    return all;
  }

  /** A name that is there is meant alone, and a part of one means all that have it. */
  named(name, names) {
    const isThere = this.data.runs.runs.some((run) => names(run).includes(name));
    const part = name.toLowerCase();
    return (run) => names(run).some((one) => (isThere ? one === name : one.toLowerCase().includes(part)));
  }

  says(text) {
    const isIn = READS_LIKE_AN_ID.test(text) ? beginsIn(text) : (said) => said.includes(text);
    return (run) => {
      if (BEGINS_A_TRACE.test(text) && run.trace_id.startsWith(text)) return true;
      if (this.spanOf(run, text)) return true;
      const names = [run.name, run.task, run.service, run.session, ...run.agents, ...run.models, ...run.tools.map((tool) => tool.name)];
      if (names.some((name) => name && isIn(name.toLowerCase()))) return true;
      return text.length >= SHORTEST_TEXT && isIn(this.textOf(run.trace_id));
    };
  }

  /** The span of a run whose id begins with the text; none where the run's own does. */
  spanOf(run, text) {
    if (!READS_LIKE_AN_ID.test(text) || run.trace_id.startsWith(text)) return undefined;
    return Object.keys(this.spans(run.trace_id)).find((id) => id.startsWith(text));
  }

  /** What may be meant by the beginning of an id. */
  ids(beginning) {
    const { runs } = this.data.runs;
    const traces = runs.filter((run) => run.trace_id.startsWith(beginning));
    const spans = runs.flatMap((run) => Object.keys(this.spans(run.trace_id)).filter((id) => id.startsWith(beginning)).map((span_id) => ({ trace_id: run.trace_id, span_id })));
    return { traces, all_traces: traces.length, spans, all_spans: spans.length };
  }

  textOf(trace) {
    if (!this.texts.has(trace)) {
      const said = [];
      for (const { record, events, stored } of Object.values(this.spans(trace))) {
        const of = (one) => [one.name, one.attributes];
        collect([...SAID.map((key) => record[key]), stored, [...(record.events ?? []), ...(events ?? [])].map(of), (record.links ?? []).map((link) => link.attributes)], said);
      }
      this.texts.set(trace, said.join("\n").toLowerCase());
    }
    return this.texts.get(trace);
  }

  spans(trace) {
    return Object.hasOwn(this.data.spans, trace) ? this.data.spans[trace] : {};
  }

  /** A span of it, or its process, has this attribute with this value. */
  has(pair) {
    const at = pair.indexOf("=");
    if (at < 1) throw new Error(`attribute is ${JSON.stringify(pair)}: expected KEY=VALUE`);
    const [key, value] = [pair.slice(0, at), pair.slice(at + 1)];
    const isIn = (attributes) => attributes && Object.hasOwn(attributes, key) && isWritten(attributes[key], value);
    return (run) => Object.values(this.spans(run.trace_id)).some(({ record }) => isIn(record.attributes) || isIn(record.resource));
  }

  /** A time ago is counted from when the report was written: it shows what was then. */
  moment(name, said) {
    const ago = /^(\d+)([smhdw])$/.exec(said);
    const time = ago ? this.data.written - Number(ago[1]) * UNITS[ago[2]] : Date.parse(/[zZ]$|[+-]\d\d:?\d\d$/.test(said) ? said : `${said}${said.includes("T") ? "Z" : ""}`);
    if (Number.isNaN(time)) throw new Error(`${name} is ${JSON.stringify(said)}: expected a time ago like 15m, 1h or 2d, or a time like 2026-11-22T10:00 (UTC)`);
    return time;
  }

  lasts(run) {
    return run.duration ?? Math.max(0, this.data.written - run.start);
  }
}

const from = (time) => (run) => run.start >= time;
const before = (time) => (run) => run.start < time;

/** Whether a value is written so; of a list one element. */
function isWritten(said, value) {
  if (Array.isArray(said)) return said.some((one) => isWritten(one, value));
  if (typeof said === "number") return value.trim() !== "" && Number(value) === said;
  return String(said) === value;
}

/** Every text of a value, without the names of its members. */
function collect(value, into) {
  if (typeof value === "string") into.push(value);
  else if (value !== null && typeof value === "object") for (const inner of Object.values(value)) collect(inner, into);
}
