// What a run took and cost, by class, model and tool.

import { fill, h } from "./dom.js";
import { counted, duration, money, percent, whole } from "./format.js";
import { KINDS } from "./kinds.js";

/** More rows of a table are only counted. */
const ROWS = 200;

/** The classes of tokens, in the order in which they are paid. */
const CLASSES = { input: "Input", cache_read: "Cache read", cache_write: "Cache write", output: "Output", reasoning: "Reasoning" };

export class BreakdownView {
  constructor(trace, open) {
    this.trace = trace;
    this.open = open;
    this.element = h("div", { class: "breakdown", tabindex: "0", role: "region", "aria-label": "Breakdown" }, (this.cards = h("div", { class: "cards" })));
    this.renewed();
  }

  entered() {
    this.focus();
  }

  focus() {
    this.element.focus({ preventScroll: true });
  }

  renewed() {
    const { answer } = this.trace;
    fill(
      this.cards,
      card("Tokens", this.byClass(apart(answer.tokens), whole)),
      card("Cost", this.costs(answer)),
      card("Time on the critical path", this.time()),
      card("Models", models(answer.by_model, this.trace.run.cost)),
      card("Tools", this.tools(answer.by_tool)),
      card("Slowest spans", this.slowest()),
    );
  }

  byClass(figures, say) {
    const parts = Object.entries(CLASSES).map(([name, label]) => [name, label, figures[name] ?? 0]);
    const all = parts.reduce((sum, [, , figure]) => sum + figure, 0);
    if (all === 0) return h("p", { class: "faint", text: "None." });
    return [
      stack(parts.map(([name, label, figure]) => ({ attribute: { "data-class": name }, share: figure / all, said: `${label}: ${say(figure)}` }))),
      table(
        "Classes",
        ["Class", "", "Share"],
        parts.filter(([, , figure]) => figure > 0).map(([name, label, figure]) => [h("span", {}, h("i", { class: "swatch", "data-class": name }), label), say(figure), percent(figure, all)]),
        ["All", say(all), ""],
      ),
    ];
  }

  costs({ cost, tokens }) {
    if (cost.total === null) {
      const any = Object.values(tokens).some((figure) => figure > 0);
      return h("p", { class: "faint", text: any ? "No price is known for the models of this run. With GENAI_TRACE_PRICES=FILE and GENAI_TRACE_COST_ON_SPANS=true a program writes costs by prices of your own; genai-trace cost --prices FILE adds them up later." : "None." });
    }
    const known = Object.keys(CLASSES).reduce((sum, name) => sum + (cost[name] ?? 0), 0);
    return known > 0 ? [this.byClass(cost, money), Math.abs(known - cost.total) > cost.total * 0.001 && h("p", { class: "faint", text: `In all ${money(cost.total)}; of the rest it is not known for which class it was paid.` })] : h("p", {}, h("b", { class: "number", text: money(cost.total) }));
  }

  time() {
    const byName = new Map();
    const own = this.trace.ownTimes();
    const all = own.reduce((sum, { ms }) => sum + ms, 0);
    for (const { span, ms } of own) {
      const row = byName.get(span.name) ?? { span, ms: 0, times: 0 };
      byName.set(span.name, { ...row, ms: row.ms + ms, times: row.times + 1 });
    }
    const rows = [...byName.values()].sort((a, b) => b.ms - a.ms);
    return [
      stack(rows.slice(0, 40).map(({ span, ms }) => ({ attribute: { "data-kind": span.kind }, share: ms / (all || 1), said: `${span.name}: ${duration(ms)}` }))),
      table(
        "Own times",
        ["Own time of", "Times", "", "Share"],
        rows.slice(0, 12).map(({ span, ms, times }) => [named(span), whole(times), duration(ms), percent(ms, all)]),
        rows.length > 12 ? [`and ${counted(rows.length - 12, "other")}`, "", duration(rows.slice(12).reduce((sum, { ms }) => sum + ms, 0)), ""] : null,
      ),
    ];
  }

  tools(rows) {
    if (rows.length === 0) return h("p", { class: "faint", text: "None." });
    const most = rows.reduce((longest, row) => Math.max(longest, row.duration ?? 0), 0);
    const shown = rows.length > ROWS ? rows.toSorted((a, b) => (b.duration ?? 0) - (a.duration ?? 0)).slice(0, ROWS) : rows;
    return table(
      "Tools",
      ["Tool", "Calls", "Errors", "Time", "Each", ""],
      shown.map((row) => [
        h("span", {}, h("i", { class: "swatch", "data-kind": "tool" }), row.tool),
        whole(row.calls),
        row.errors > 0 ? h("b", { class: "bad", text: whole(row.errors) }) : "0",
        duration(row.duration),
        duration(row.duration === null ? null : row.duration / row.calls),
        h("span", { class: "small-bar", "data-kind": "tool", vars: { share: most ? (row.duration ?? 0) / most : 0 } }),
      ]),
      others(rows, 6),
    );
  }

  slowest() {
    const { trace } = this;
    const inner = trace.spans.filter((span) => span.children === 0).sort((a, b) => trace.lasts(b) - trace.lasts(a)).slice(0, 10);
    const row = (span) => [
      h("button", { class: "span-link", type: "button", "data-kind": span.kind, on: { click: () => this.open(span.id) } }, span.name),
      KINDS[span.kind],
      duration(trace.lasts(span)),
      percent(trace.lasts(span), trace.length),
    ];
    return table("Slowest spans", ["Span", "Kind", "Duration", "Of the run"], inner.map(row));
  }
}

/** Each token once: the input that a provider tells has the cached part in it, and the output the reasoning. */
function apart(tokens) {
  return {
    ...tokens,
    input: Math.max(0, tokens.input - tokens.cache_read - tokens.cache_write),
    output: Math.max(0, tokens.output - tokens.reasoning),
  };
}

function models(rows, cost) {
  if (rows.length === 0) return h("p", { class: "faint", text: "None." });
  return table(
    "Models",
    ["Model", "Calls", "Tokens in", "Tokens out", "Cost", "Share"],
    rows.slice(0, ROWS).map((row) => [h("span", {}, h("i", { class: "swatch", "data-kind": "model" }), row.model), whole(row.calls), whole(row.input_tokens), whole(row.output_tokens), money(row.cost), row.cost === null ? "–" : percent(row.cost, cost)]),
    others(rows, 6),
  );
}

function named(span) {
  return h("span", {}, h("i", { class: "swatch", "data-kind": span.kind }), span.name);
}

function card(title, content) {
  return h("section", { class: "card", "aria-label": title }, h("h2", { text: title }), content);
}

function stack(parts) {
  return h("div", { class: "stack", role: "img", "aria-label": parts.map((part) => part.said).join("; ") }, parts.filter((part) => part.share > 0).map((part) => h("span", { ...part.attribute, vars: { share: part.share }, title: part.said })));
}

/** What stands below a table that does not show all rows. */
function others(rows, columns) {
  return rows.length > ROWS ? [`and ${whole(rows.length - ROWS)} more`, ...Array(columns - 1).fill("")] : null;
}

/** The first column is words, the others are figures. A narrow page scrolls it, which takes the focus for the keys. */
function table(name, heads, rows, foot = null) {
  const head = (text) => (text === "" ? h("td", {}) : h("th", { scope: "col", text }));
  const line = (cells, tag) => h("tr", {}, cells.map((cell, index) => h(index === 0 ? tag : "td", index === 0 ? { scope: "row" } : { class: "number" }, cell)));
  return h("div", { class: "table", tabindex: "0", role: "group", "aria-label": name }, h("table", {}, h("thead", {}, h("tr", {}, heads.map(head))), h("tbody", {}, rows.map((row) => line(row, "th"))), foot && h("tfoot", {}, line(foot, "th"))));
}
