// The runs, newest first: searched, filtered, and asked for page by page as one scrolls.

import * as api from "./api.js";
import { fill, h, icon, setText } from "./dom.js";
import { counted, whole } from "./format.js";
import { Filters, filtersOf } from "./filters.js";
import { paced } from "./live.js";
import { compareAddress, go, listAddress, listLeft, replace, runAddress } from "./router.js";
import { drawRun, HEAD, makeRun } from "./list_row.js";
import { Rows } from "./virtual.js";

const PAGE = 100;
/** How often it is asked for what is seen while one scrolls, in milliseconds, and for how many pages at once. */
const REST = 60;
const MOST_UNDER_WAY = 2;

/** The list as it was left, which going back shows again. */
let left = null;
const NARROW = matchMedia("(max-width: 760px)");

export class ListView {
  constructor(route, { files, title }) {
    this.tellFiles = files;
    title(null);
    this.params = filtersOf(route.params);
    this.pinned = route.params.get("with");
    this.pages = new Map();
    this.asked = new Set();
    this.underWay = 0;
    this.matches = 0;
    this.selected = 0;
    this.longest = 0;
    this.filters = new Filters(this.params, (params) => this.filter(params));
    this.summary = h("p", { class: "summary", role: "status" });
    this.banner = h("div", { class: "banner", hidden: true });
    this.state = h("div", { class: "state", hidden: true });
    this.grid = h(
      "div",
      { class: "list-grid", role: "grid", tabindex: "0", "aria-label": "Runs, newest first", "aria-colcount": HEAD.length },
      h("div", { class: "list-head", role: "row" }, HEAD.map(([name, text]) => h("span", { class: `cell ${name}`, role: "columnheader", text }))),
    );
    this.element = h("section", { class: "list", "aria-label": "Runs" }, h("h1", { class: "unseen", text: "Runs" }), this.filters.element, this.banner, this.summary, this.state, this.grid);
    this.rows = new Rows({ scroller: this.grid, height: NARROW.matches ? 88 : 52, make: () => makeRun((index, event) => this.clicked(index, event)), draw: (row, index) => this.draw(row, index) });
    this.refresh = paced(() => this.renew());
    this.clock = setInterval(() => this.rows.redraw(), 1000);
    this.width = () => {
      this.rows.height = NARROW.matches ? 88 : 52;
      this.rows.set(this.matches);
      this.rows.shown.forEach((row, index) => row.style.setProperty("transform", `translateY(${index * this.rows.height}px)`));
    };
    NARROW.addEventListener("change", this.width);
    this.keys = [
      { keys: ["j", "ArrowDown"], label: "the next run", does: () => this.select(this.selected + 1) },
      { keys: ["k", "ArrowUp"], label: "the run before", does: () => this.select(this.selected - 1) },
      { keys: ["PageDown"], label: "a page down", does: () => this.select(this.selected + 12) },
      { keys: ["PageUp"], label: "a page up", does: () => this.select(this.selected - 12) },
      { keys: ["Home"], label: "the newest", does: () => this.select(0) },
      { keys: ["End"], label: "the oldest", does: () => this.select(this.matches - 1) },
      { keys: ["Enter", "ArrowRight"], label: "open", does: () => this.open(this.selected) },
      { keys: ["c"], label: "compare with another run", does: () => this.pin(this.at(this.selected)) },
      { keys: ["/"], label: "search", does: () => this.filters.search.focus() },
      { keys: ["e"], label: "only runs with errors, or all", does: () => this.filters.fields.errors.click() },
      { keys: ["Escape"], label: "stop comparing, or clear the filters", does: () => (this.pinned ? this.pin(null) : this.filters.reset()) },
    ];
    this.drawBanner();
    if (left?.params === String(this.params)) this.restore(left);
    else this.load(0);
  }

  /** What the list showed, until what has changed since comes. */
  restore({ pages, answer, selected, longest }) {
    this.longest = longest;
    for (const [page, runs] of pages) this.pages.set(page, runs);
    this.asked = new Set(this.pages.keys());
    this.selected = selected;
    this.answer = answer;
    this.matches = answer.matches;
    this.filters.offer([...pages.values()].flat());
    this.drawSummary();
    this.drawState();
  }

  entered() {
    this.grid.focus({ preventScroll: true });
    if (!this.answer) return;
    this.rows.set(this.matches);
    this.grid.scrollTop = left.top;
    this.rows.redraw();
    this.refresh();
  }

  leave() {
    const { pages, answer, selected, longest } = this;
    left = answer ? { params: String(this.params), pages, answer, selected, longest, top: this.grid.scrollTop } : null;
    listLeft(this.params);
    clearInterval(this.clock);
    clearTimeout(this.resting);
    NARROW.removeEventListener("change", this.width);
    this.rows.end();
  }

  /** The address changed, to another filter perhaps: by the browser's back, or a link. */
  takes(route) {
    if (route.page !== "list") return false;
    this.pinned = route.params.get("with");
    this.drawBanner();
    const params = filtersOf(route.params);
    if (String(params) !== String(this.params)) {
      this.filters.read(params);
      this.ask(params);
    }
    return true;
  }

  filter(params) {
    if (String(params) === String(this.params)) return;
    this.ask(params);
    this.keepAddress();
  }

  keepAddress() {
    const params = new URLSearchParams(this.params);
    if (this.pinned) params.set("with", this.pinned);
    replace(listAddress(params));
  }

  ask(params) {
    this.params = params;
    this.pages.clear();
    this.asked.clear();
    this.answer = null;
    this.selected = 0;
    this.grid.scrollTop = 0;
    this.load(0);
  }

  /** Pages that are seen and not there yet, a few at a time: what only rushes by is not asked for. */
  loadSoon() {
    this.resting ||= setTimeout(() => {
      this.resting = 0;
      if (this.underWay >= MOST_UNDER_WAY) {
        this.loadSoon();
        return;
      }
      const seen = new Set([...this.rows.shown.keys()].map((index) => Math.floor(index / PAGE)));
      for (const page of seen) this.load(page);
    }, REST);
  }

  /** A page of runs, unless it was asked for already. */
  async load(page) {
    if (this.asked.has(page)) return;
    this.asked.add(page);
    const params = this.params;
    this.underWay += 1;
    try {
      const answer = await this.fetch(page);
      if (params !== this.params) return;
      this.take(page, answer);
    } catch (failure) {
      if (params !== this.params) return;
      this.asked.delete(page);
      this.fail(failure);
    } finally {
      this.underWay -= 1;
    }
  }

  fetch(page) {
    const params = new URLSearchParams(this.params);
    params.set("limit", PAGE);
    params.set("offset", page * PAGE);
    return api.runs(params);
  }

  take(page, answer) {
    const anchor = this.at(this.selected)?.trace_id;
    const more = this.answer ? answer.matches - this.matches : 0;
    // Other pages have moved by what is new at the top.
    if (more !== 0) {
      this.pages.clear();
      this.asked = new Set([page]);
    }
    this.pages.set(page, answer.runs);
    for (const run of answer.runs) this.longest = Math.max(this.longest, run.duration ?? 0);
    this.filters.offer(answer.runs);
    this.matches = answer.matches;
    this.answer = answer;
    this.tellFiles(answer.files.join(", "));
    this.rows.set(answer.matches);
    if (more > 0) this.keepPlace(more, anchor);
    this.grid.setAttribute("aria-rowcount", answer.matches + 1);
    this.drawSummary();
    this.drawState();
    if (answer.loading < 1) setTimeout(() => this.refresh(), 400);
  }

  /** What is seen, and what is selected, stay where they are when so many runs come above them. */
  keepPlace(more, anchor) {
    if (this.grid.scrollTop > 0) this.grid.scrollTop += more * this.rows.height;
    this.selected = Math.min(this.selected + more, this.matches - 1);
    for (const [page, runs] of this.pages) {
      const index = runs.findIndex((run) => run.trace_id === anchor);
      if (index >= 0) this.selected = page * PAGE + index;
    }
    this.rows.redraw();
  }

  /** Runs have changed: what is seen is asked for anew, and stays where it is. */
  changed() {
    this.refresh();
  }

  async renew() {
    const params = this.params;
    const [first, last] = this.rows.range();
    const wanted = new Set([Math.floor(first / PAGE), Math.floor(Math.max(first, last - 1) / PAGE)]);
    try {
      const answers = await Promise.all([...wanted].map(async (page) => [page, await this.fetch(page)]));
      if (params !== this.params) return;
      for (const [page, answer] of answers) this.take(page, answer);
      for (const page of this.pages.keys()) if (!wanted.has(page)) this.pages.delete(page);
      this.asked = new Set(this.pages.keys());
    } catch (failure) {
      this.fail(failure);
    }
  }

  at(index) {
    return this.pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  draw(row, index) {
    const run = this.at(index);
    if (!run) this.loadSoon();
    drawRun(row, run, { index, isSelected: index === this.selected, longest: this.longest, pinned: this.pinned });
    if (index === this.selected) this.grid.setAttribute("aria-activedescendant", row.id);
  }

  select(index) {
    if (this.matches === 0) return;
    this.selected = Math.max(0, Math.min(this.matches - 1, index));
    this.rows.reveal(this.selected);
    this.rows.redraw();
  }

  clicked(index, event) {
    const run = this.at(index);
    if (!run) return;
    this.selected = index;
    if (event.target.closest("button")) {
      this.pin(run);
      return;
    }
    if (event.target.closest("a") && !this.pinned) return;
    event.preventDefault();
    this.open(index);
  }

  open(index) {
    const run = this.at(index);
    if (!run) return;
    if (this.pinned && this.pinned !== run.trace_id) go(compareAddress(this.pinned, run.trace_id));
    else go(runAddress(run.trace_id, { span: run.span }));
  }

  /** The run that the next one is compared with. */
  pin(run) {
    if (api.isReport) return;
    if (this.pinned && run && this.pinned !== run.trace_id) {
      go(compareAddress(this.pinned, run.trace_id));
      return;
    }
    this.pinned = this.pinned || !run ? null : run.trace_id;
    this.keepAddress();
    this.drawBanner();
    this.rows.redraw();
  }

  drawBanner() {
    this.banner.hidden = !this.pinned;
    if (!this.pinned) return;
    fill(this.banner, icon("compare"), h("span", {}, "Choose the run to compare with ", h("code", { text: this.pinned.slice(0, 8) })), h("button", { class: "button", type: "button", on: { click: () => this.pin(null) } }, "Cancel"));
  }

  drawSummary() {
    const { matches, total, bad_lines, bad_spans, duplicate_spans, loading } = this.answer;
    const isFiltered = String(this.params) !== "";
    const said = [isFiltered ? `${whole(matches)} of ${counted(total, "run")}` : counted(total, "run")];
    if (loading < 1) said.push(`reading the files: ${Math.floor(loading * 100)} %`);
    if (bad_lines > 0) said.push(`${counted(bad_lines, "line")} could not be read and ${bad_lines === 1 ? "was" : "were"} passed over`);
    if (bad_spans > 0) said.push(`${counted(bad_spans, "span")} in lines of OTLP could not be read and ${bad_spans === 1 ? "was" : "were"} passed over`);
    if (duplicate_spans > 0) said.push(`${counted(duplicate_spans, "span")} ${duplicate_spans === 1 ? "stands there again and counts" : "stand there again and count"} once`);
    setText(this.summary, said.join(" · "));
    this.summary.classList.toggle("has-faults", bad_lines + bad_spans > 0);
  }

  /** What to do where there is nothing to show. */
  drawState() {
    const { matches, total, loading, files } = this.answer;
    this.state.hidden = matches > 0 || loading < 1;
    this.grid.hidden = !this.state.hidden;
    if (this.state.hidden) return;
    if (total > 0) {
      fill(this.state, h("h2", { text: "No run matches" }), h("p", { text: "Less may find more: take a filter away." }), h("button", { class: "button", type: "button", on: { click: () => this.filters.reset() } }, "Clear the filters"));
      return;
    }
    fill(
      this.state,
      h("h2", { text: "No runs yet" }),
      h("p", {}, "As soon as a program writes spans to ", h("code", { text: files.join(", ") || "traces.jsonl" }), " they appear here. In a Rust program:"),
      h("pre", { text: '#[genai_trace::genai_agent("coder")]\nfn run(task: &str) -> String { … }\n\nfn main() {\n    let _telemetry = genai_trace::init();\n    run("why does the build fail?");\n}' }),
      h("p", {}, "Other files: ", h("code", { text: "genai-trace serve 'logs/*.jsonl'" })),
    );
  }

  fail(failure) {
    this.state.hidden = false;
    this.grid.hidden = this.matches === 0;
    fill(
      this.state,
      h("h2", { text: failure.status === 400 ? "That cannot be looked for" : "The runs cannot be read" }),
      h("p", { text: failure.message }),
      failure.status === 400
        ? h("button", { class: "button", type: "button", on: { click: () => this.filters.reset() } }, "Clear the filters")
        : h("button", { class: "button", type: "button", on: { click: () => this.ask(this.params) } }, "Try again"),
    );
  }
}
