// Two runs side by side: what differs in all, and call by call.

import * as api from "./api.js";
import { fill, h, icon, setText } from "./dom.js";
import { count, counted, duration, money, some, when, whole } from "./format.js";
import { Changes } from "./changes.js";
import { Gone, reading } from "./gone.js";
import { kindOf, outcomeWord, severity } from "./kinds.js";
import { paced } from "./live.js";
import { meant } from "./meant.js";
import { backAddress, compareAddress, go, goInstead, isShort, runAddress } from "./router.js";
import { Rows } from "./virtual.js";

const ROW = 32;

export class CompareView {
  constructor(route, { title }) {
    this.a = route.a;
    this.b = route.b;
    title("Compare");
    this.at = 0;
    this.onlyChanged = false;
    this.gone = new Gone("One of these runs is");
    this.head = h("header", { class: "compare-head" });
    this.grid = h("div", { class: "compare-grid", role: "grid", tabindex: "0", "aria-label": "Calls of both runs" }, h("div", { class: "compare-row head", role: "row" }, ["First run", "Second run", "What differs"].map((text) => h("span", { class: "cell", role: "columnheader", text }))));
    this.changes = new Changes(this.a, this.b, () => this.choose(null));
    this.state = h("div", { class: "state", role: "status" }, h("p", { text: "Loading …" }));
    this.element = h("section", { class: "compare", "aria-label": "Two runs" }, this.state);
    this.rows = new Rows({ scroller: this.grid, height: ROW, make: () => this.make(), draw: (row, index) => this.draw(row, index) });
    this.filter = h("input", { type: "checkbox", on: { change: () => this.take(this.answer) } });
    this.refresh = paced(() => this.load());
    this.keys = [
      { keys: ["j", "ArrowDown"], label: "the next call", does: () => this.move(1) },
      { keys: ["k", "ArrowUp"], label: "the call before", does: () => this.move(-1) },
      { keys: ["Enter"], label: "what differs in it", does: () => this.choose(this.shown[this.at]) },
      { keys: ["d"], label: "only what differs, or all", does: () => this.filter.click() },
      { keys: ["s"], label: "swap the two", does: () => go(compareAddress(this.b, this.a)) },
      { keys: ["Escape"], label: "close what is open; then back to the runs", does: () => (this.changes.isOpen ? this.choose(null) : go(backAddress())) },
    ];
    this.refresh();
  }

  leave() {
    this.isLeft = true;
    clearTimeout(this.again);
    this.rows.end();
  }

  changed(runs) {
    const mayBeMeant = !this.answer && (isShort(this.a) || isShort(this.b));
    if (runs === null || runs.has(this.a) || runs.has(this.b) || mayBeMeant) this.refresh();
  }

  /** Whole ids for those of which the address has only the first digits; false where one means no run, or several. */
  async lookUp() {
    if (!isShort(this.a) && !isShort(this.b)) return true;
    const whole = [];
    for (const said of [this.a, this.b]) {
      const found = isShort(said) ? await meant(said) : { trace: said };
      if (this.isLeft) return false;
      if (!found) {
        await this.fail(`No file that is served has a run whose id begins with ${said}.`);
        return false;
      }
      if (found.several) {
        fill(this.element, found.several);
        return false;
      }
      whole.push(found.trace);
    }
    goInstead(compareAddress(...whole));
    return false;
  }

  /** The two are not there; a server that has begun anew may not have read them yet. */
  async fail(words) {
    const read = await reading();
    if (this.isLeft) return;
    if (read !== null) {
      if (!this.answer) fill(this.element, this.state);
      setText(this.state.firstChild, `Reading the files: ${Math.floor(read * 100)} %`);
      this.again = setTimeout(() => this.refresh(), 400);
      return;
    }
    if (this.answer) this.gone.show();
    else fill(this.element, h("div", { class: "state" }, h("h1", { text: "The two cannot be compared" }), h("p", { text: words }), h("a", { class: "button", href: "#/" }, "All runs")));
  }

  async load() {
    clearTimeout(this.again);
    try {
      if (!(await this.lookUp())) return;
      const answer = await api.compare(this.a, this.b);
      this.gone.hide();
      const isFirst = !this.answer;
      this.answer = answer;
      if (isFirst) {
        fill(this.element, this.gone.element, this.head, this.tools(), h("div", { class: "run-body" }, this.grid, this.changes.element));
        this.grid.focus({ preventScroll: true });
      }
      this.drawHead(answer);
      this.take(answer);
    } catch (failure) {
      // What is shown already stays while the server is gone.
      if (!this.answer || failure.status === 404) await this.fail(failure.message);
    }
  }

  tools() {
    this.summary = h("span", { class: "found", role: "status" });
    return h("div", { class: "span-tools" }, this.summary, h("span", { class: "grow" }), h("label", { class: "button toggle" }, this.filter, h("span", { text: "Only what differs" })), h("button", { class: "button", type: "button", on: { click: () => go(compareAddress(this.b, this.a)) } }, "Swap"));
  }

  take(answer) {
    this.shown = answer.rows.filter((row) => !this.filter.checked || differs(row));
    const only = (side) => answer.rows.filter((row) => row[side === "a" ? "b" : "a"] === null).length;
    setText(this.summary, `${counted(answer.rows.filter(differs).length, "row differs", "rows differ")} of ${whole(answer.rows.length)} · only in the first: ${only("a")} · only in the second: ${only("b")}`);
    this.at = Math.max(0, Math.min(this.at, this.shown.length - 1));
    this.rows.set(this.shown.length);
  }

  drawHead({ a, b }) {
    const side = (run, word) =>
      h(
        "section",
        { class: "compare-side", "aria-label": word },
        h("h2", {}, h("a", { href: runAddress(run.trace_id), text: run.task || run.name })),
        h("p", { class: "run-where" }, h("span", { class: "badge", "data-grade": severity(run.outcome), text: outcomeWord(run.outcome) }), h("span", { text: when(run.start) }), h("span", { text: some(run.models, ", ", 3) }), h("code", { text: run.trace_id.slice(0, 8) })),
      );
    const calls = (run) => run.tools.reduce((sum, tool) => sum + tool.calls, 0);
    const figures = [
      ["Duration", a.duration, b.duration, duration],
      ["Cost", a.cost, b.cost, money],
      ["Tokens in", a.input_tokens, b.input_tokens, count],
      ["Tokens out", a.output_tokens, b.output_tokens, count],
      ["Tool calls", calls(a), calls(b), whole],
      ["Errors", a.errors, b.errors, whole],
      ["Spans", a.spans, b.spans, whole],
    ];
    const figure = ([label, before, after, say]) => h("div", { class: "fact" }, h("dt", { text: label }), h("dd", {}, h("span", { class: "number", text: `${say(before)} → ${say(after)}` }), change(before, after)));
    fill(this.head, h("h1", { class: "unseen", text: "Two runs side by side" }), h("div", { class: "compare-sides" }, side(a, "First run"), icon("right"), side(b, "Second run")), h("dl", { class: "facts" }, figures.map(figure)));
  }

  make() {
    const sides = { a: half(), b: half() };
    const changes = h("span", { class: "changes" });
    const row = h("div", { class: "compare-row", role: "row" }, [sides.a.cell, sides.b.cell, h("span", { class: "cell", role: "gridcell" }, changes)]);
    row.parts = { ...sides, changes };
    row.addEventListener("click", () => {
      this.at = row.index;
      this.choose(this.shown[row.index]);
    });
    return row;
  }

  draw(row, index) {
    const pair = this.shown[index];
    row.index = index;
    row.id = `pair-${index}`;
    row.setAttribute("aria-rowindex", index + 2);
    row.setAttribute("aria-selected", String(index === this.at));
    if (index === this.at) this.grid.setAttribute("aria-activedescendant", row.id);
    row.classList.toggle("same", !differs(pair));
    for (const side of ["a", "b"]) drawHalf(row.parts[side], pair[side]);
    const words = pair.a === null ? ["only in the second"] : pair.b === null ? ["only in the first"] : pair.changes;
    fill(row.parts.changes, words.map((word) => h("span", { class: "chip change", "data-change": word.startsWith("only") ? "only" : word, text: word })));
  }

  move(step) {
    this.at = Math.max(0, Math.min(this.shown.length - 1, this.at + step));
    this.rows.reveal(this.at);
    this.rows.redraw();
    if (this.changes.isOpen) this.choose(this.shown[this.at]);
  }

  choose(pair) {
    if (pair) this.changes.show(pair);
    else this.changes.close();
    this.rows.redraw();
  }
}

/** A time or a number of tokens is never the same twice; it alone makes no difference worth a look. */
function differs(pair) {
  return pair.a === null || pair.b === null || pair.changes.some((word) => word !== "duration");
}

function half() {
  const parts = { indent: h("span", { class: "indent" }), swatch: h("i", { class: "swatch" }), name: h("span", { class: "span-name" }), fault: h("span", { class: "fault-sign" }), lasts: h("span", { class: "number faint" }) };
  return { ...parts, cell: h("span", { class: "cell half", role: "gridcell" }, parts.indent, parts.swatch, parts.name, parts.fault, h("span", { class: "grow" }), parts.lasts) };
}

function drawHalf(parts, span) {
  parts.cell.classList.toggle("absent", span === null);
  parts.swatch.hidden = span === null;
  if (span) parts.swatch.dataset.kind = kindOf(span);
  parts.indent.style.setProperty("width", `${Math.min(span?.depth ?? 0, 12) * 14}px`);
  setText(parts.name, span?.name ?? "");
  setText(parts.fault, span && severity(span.outcome) === "bad" ? outcomeWord(span.outcome) : "");
  setText(parts.lasts, span ? duration(span.duration) : "");
}

function change(before, after) {
  if (before === null || after === null || before === after) return null;
  if (before === 0) return h("span", { class: "under", text: "from none" });
  const share = Math.round((100 * (after - before)) / before);
  return h("span", { class: `under delta ${after > before ? "more" : "less"}`, text: share === 0 ? "about the same" : `${share > 0 ? "+" : ""}${share} %` });
}
