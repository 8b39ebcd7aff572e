// The panel of one span: what it was, said and did, down to its line in the file.

import * as api from "./api.js";
import { copyButton, fill, h, icon, iconButton } from "./dom.js";
import { Exact, stringify } from "./exact.js";
import { bytes, duration, exactly, money, whole } from "./format.js";
import { KINDS, outcomeWord, severity } from "./kinds.js";
import { value } from "./json.js";
import { evaluations, Marks } from "./marks.js";
import { messages } from "./message.js";
import { comments, scoreChip } from "./scores.js";
import { longText } from "./text.js";

/** Attributes that stand in parts of their own. */
const SAID = ["gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions", "gen_ai.tool.definitions"];
/** Behind the name of an attribute that is a reference to what is stored. */
const REFERENCE = "_ref";
const ARGUMENTS = "gen_ai.tool.call.arguments";
const RESULT = "gen_ai.tool.call.result";

export class Detail {
  constructor({ trace, open, close, marked }) {
    this.traceId = trace;
    this.id = null;
    this.span = null;
    this.marks = null;
    this.open = open;
    this.marked = marked;
    this.isOpen = false;
    this.body = h("div", { class: "detail-body", tabindex: "0", role: "group", "aria-label": "Span" });
    this.head = h("header", { class: "detail-head" });
    this.closeButton = iconButton("close", "Close (esc)", close);
    this.element = h("aside", { class: "detail", "aria-label": "Span", hidden: true }, this.head, this.body);
  }

  close() {
    this.isOpen = false;
    this.element.hidden = true;
  }

  async show(trace, id) {
    this.isOpen = true;
    this.element.hidden = false;
    this.trace = trace;
    if (this.id !== id) this.body.scrollTop = 0;
    this.id = id;
    this.span = trace.span(id);
    if (!this.span) {
      this.missing();
      return;
    }
    this.drawHead();
    let answer;
    try {
      answer = await api.span(this.traceId, id);
    } catch (failure) {
      if (this.id === id) fill(this.body, h("p", { class: "faint", text: failure.message }));
      return;
    }
    // Another span was chosen meanwhile, or this one has gone.
    if (this.id !== id || !trace.span(id)) return;
    this.said = JSON.stringify(answer);
    this.draw(answer);
  }

  /** The run has changed: what was not looked at stays as it is. */
  async renew(trace) {
    const { id } = this;
    if (!this.span || !trace.span(id)) {
      await this.show(trace, id);
      return;
    }
    this.trace = trace;
    this.span = trace.span(id);
    this.drawHead();
    let answer;
    try {
      answer = await api.span(this.traceId, id);
    } catch {
      return;
    }
    const said = JSON.stringify(answer);
    if (this.id !== id || !trace.span(id) || said === this.said) return;
    this.said = said;
    const { scrollTop } = this.body;
    const focused = this.marks?.focused();
    this.draw(answer);
    this.marks.focus(focused);
    this.body.scrollTop = scrollTop;
  }

  /** The span that an address names, or that was there a moment ago, is not there. */
  missing() {
    this.span = null;
    this.said = null;
    this.marks = null;
    const several = this.trace.begin(this.id);
    if (several.length > 1) {
      fill(this.head, h("h2", { text: `${several.length} spans begin with ${this.id}` }), this.closeButton);
      fill(this.body, h("ul", { class: "events" }, several.slice(0, 50).map((span) => h("li", {}, this.link(span.id), " ", h("code", { class: "faint", text: span.id })))));
      return;
    }
    fill(this.head, h("h2", { text: "There is no such span" }), this.closeButton);
    fill(this.body, h("p", { class: "faint", role: "status" }, "No span of this run has the id ", h("code", { text: this.id }), ". It may still be under way, and is shown here once it is written; or its file has been cut or rotated away."));
  }

  drawHead() {
    const { span } = this;
    fill(
      this.head,
      h("i", { class: "swatch", "data-kind": span.kind }),
      h("h2", { text: span.name, title: span.name }),
      h("span", { class: "badge", "data-grade": severity(span.outcome), text: outcomeWord(span.outcome) }),
      this.closeButton,
    );
  }

  draw(answer) {
    const { span, trace } = this;
    const { record } = answer;
    // What is stored stands under its name, as if it stood in the record.
    const attributes = { ...record.attributes, ...answer.stored };
    const events = [...(record.events ?? []), ...(answer.events ?? [])];
    const marks = new Marks({ trace: this.traceId, span: span.id, name: span.name, marked: () => this.marked() });
    marks.show(answer.scores);
    this.marks = marks;
    const cut = answer.cut ?? [];
    const fetched = (of, key) => api.whole(this.traceId, span.id, of, key);
    const canFetch = (of, key) => !api.isReport && cut.some((one) => one.of === of && one.key === key);
    /** What a value is shown with, by where it stands and its name. */
    const more = (of) => (key) => {
      const size = cut.find((one) => one.of === of && one.key === key)?.bytes ?? null;
      return { cut: size, more: canFetch(of, key) ? () => fetched(of, key) : null };
    };
    const own = more("attributes");
    /** A value as it is copied: the whole of it, as far as somebody has it. */
    const whole = async (key) => (canFetch("attributes", key) ? fetched("attributes", key) : asText(attributes[key]));
    const wholeOf = (record) => (api.isReport ? record : uncut(record, cut, fetched));
    const has = (key) => attributes[key] !== undefined;
    fill(
      this.body,
      h("div", { class: "detail-marks" }, marks.element, evaluations(answer.scores, span.id).map(scoreChip)),
      comments(answer.scores, span.id),
      this.facts(trace, record),
      span.decision && h("p", { class: "said-message", text: span.decision }),
      record.status_message && h("div", { class: `said-message ${severity(span.outcome)}` }, icon("error", 14), longText(record.status_message, more("record")("status_message"))),
      events.map((event, place) => isException(event) && exception(event, more(`events.${place}`))),
      has(ARGUMENTS) && section("Arguments", value(attributes[ARGUMENTS], own(ARGUMENTS)), () => whole(ARGUMENTS)),
      has(RESULT) && section("Result", value(attributes[RESULT], own(RESULT)), () => whole(RESULT)),
      answer.conversation && !has(ARGUMENTS) && !has(RESULT) && section("Conversation", h("div", { class: "messages" }, messages(answer.conversation, { link: (id) => this.link(id) }))),
      this.attributes(attributes, own, answer.conversation !== null, answer.stored ?? {}, async () => stringify((await wholeOf({ attributes })).attributes, 2)),
      this.events(events, more),
      this.links(record.links ?? [], more),
      record.resource && Object.keys(record.resource).length > 0 && folded("Resource", table(Object.entries(record.resource), more("resource")), async () => stringify((await wholeOf({ resource: record.resource })).resource, 2)),
      folded("Raw", h("div", {}, cutHere(cut), value(record)), async () => stringify(await wholeOf(record), 2)),
    );
  }

  facts(trace, record) {
    const { span } = this;
    const fact = (label, content) => h("div", { class: "fact" }, h("dt", { text: label }), h("dd", {}, content));
    const number = (text, title = null) => h("b", { class: "number", text, title });
    const above = trace.spans[trace.above(trace.places.get(span.id))];
    return h(
      "dl",
      { class: "facts small" },
      fact("Duration", number(duration(trace.lasts(span)))),
      fact("Began", number(`+${duration(span.start - trace.start)}`, exactly(span.start))),
      span.tokens && fact("Tokens in / out", number(`${whole(span.tokens.input)} / ${whole(span.tokens.output)}`)),
      span.cost !== null && fact("Cost", number(money(span.cost))),
      fact("Kind", h("span", {}, KINDS[span.kind], record.kind ? h("span", { class: "faint", text: ` ${record.kind}` }) : null)),
      above && fact("Inside", this.link(above.id)),
      fact("Span id", h("span", { class: "id" }, h("code", { text: span.id }), copyButton(() => span.id, "Copy the span id"))),
    );
  }

  link(id) {
    const span = this.trace.span(id);
    return span ? h("button", { class: "span-link", type: "button", "data-kind": span.kind, on: { click: () => this.open(id) } }, span.name) : h("code", { text: id });
  }

  attributes(attributes, more, hasConversation, stored, copied) {
    const shown = [ARGUMENTS, RESULT, ...(hasConversation ? SAID : [])];
    // A reference says nothing to whoever sees what it refers to.
    const own = [...shown, ...Object.keys(stored).map((key) => key + REFERENCE)];
    const entries = Object.entries(attributes).filter(([key]) => !own.includes(key));
    if (entries.length === 0) return null;
    return section("Attributes", table(entries, more), copied);
  }

  events(all, more) {
    const events = all.map((event, place) => ({ ...event, place })).filter((event) => !isException(event));
    if (events.length === 0) return null;
    const began = this.span.start;
    const one = (event) => h("li", {}, h("header", {}, h("b", { text: event.name }), h("span", { class: "faint number", text: `+${duration(event.time_unix_nano / 1e6 - began)}` })), Object.keys(event.attributes ?? {}).length > 0 && table(Object.entries(event.attributes), more(`events.${event.place}`)));
    return section("Events", h("ul", { class: "events" }, events.map(one)));
  }

  links(links, more) {
    if (links.length === 0) return null;
    const one = (link, place) => h("li", {}, link.trace_id === this.traceId ? this.link(link.span_id) : h("a", { href: `#/run/${encodeURIComponent(link.trace_id)}?span=${encodeURIComponent(link.span_id)}` }, h("code", { text: `${link.trace_id.slice(0, 8)} / ${link.span_id}` })), Object.keys(link.attributes ?? {}).length > 0 && table(Object.entries(link.attributes), more(`links.${place}`)));
    return section("Links", h("ul", { class: "events" }, links.map(one)));
  }
}

function asText(data) {
  return typeof data === "string" ? data : stringify(data);
}

/** The record with the whole of its values that were cut, `fetched(of, key)` each. */
async function uncut(record, cut, fetched) {
  const inside = (all) => (all ?? []).map((one) => ({ ...one, attributes: { ...one.attributes } }));
  const whole = { ...record, attributes: { ...record.attributes }, events: inside(record.events), links: inside(record.links), resource: { ...record.resource } };
  if (record.scope) whole.scope = { ...record.scope };
  for (const { of, key } of cut) {
    const [list, place] = of.split(".");
    const home = of === "record" ? whole : place === undefined ? whole[of] : whole[list][place]?.attributes;
    // What lies beside the spans is no part of the record.
    if (home && Object.hasOwn(home, key)) own(home, key, await fetched(of, key));
  }
  return whole;
}

/** Whatever the key is called. */
function own(object, key, value) {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Which values below are only the beginning of what was recorded. */
function cutHere(cut) {
  if (cut.length === 0) return null;
  const said = cut.map(({ of, key, bytes: size }) => `${["attributes", "record"].includes(of) ? "" : `${of}.`}${key} (of ${bytes(size)})`).join(", ");
  return h("p", { class: "faint cut", text: `Only the beginning is shown of ${said}. ${api.isReport ? "A report keeps no more." : "Copying brings the whole."}` });
}

function isException(event) {
  return event.name === "exception";
}

function exception(event, more) {
  const said = event.attributes ?? {};
  const stack = said["exception.stacktrace"];
  return h("section", { class: "exception", "aria-label": "Exception" }, h("h3", { text: said["exception.type"] ?? "exception" }), h("div", {}, longText(String(said["exception.message"] ?? ""), more("exception.message"))), stack && h("details", {}, h("summary", {}, "Stack"), longText(String(stack), { mono: true, ...more("exception.stacktrace") })));
}

function section(title, content, copied = null) {
  return h("section", { class: "detail-section" }, h("header", {}, h("h3", { text: title }), copied !== null && copyButton(copied, `Copy ${title.toLowerCase()}`)), content);
}

function folded(title, content, copied = null) {
  return h("details", { class: "detail-section" }, h("summary", {}, h("h3", { text: title })), copied !== null && h("div", { class: "fold-tools" }, copyButton(copied, `Copy ${title.toLowerCase()}`)), content);
}

function table(entries, more) {
  const row = ([key, data]) => h("tr", {}, h("th", { scope: "row", text: key }), h("td", {}, plain(key, data) ?? value(data, more(key))));
  return h("table", { class: "attributes" }, h("tbody", {}, entries.map(row)));
}

/** A size as a person reads it, and short values as they are. */
function plain(key, data) {
  if (data instanceof Exact) return h("span", { class: "number", text: data.source });
  if (typeof data === "number") return h("span", { class: "number", text: key.endsWith(".bytes") ? `${data} (${bytes(data)})` : String(data) });
  if (typeof data === "boolean") return h("span", { class: "boolean", text: String(data) });
  if (typeof data === "string" && data.length < 120 && !/^\s*[[{]/.test(data)) return h("span", { class: "plain", text: data });
  return null;
}
