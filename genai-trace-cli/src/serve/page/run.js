// One run: its totals, what stands out, and its views with the panel of a span beside them.

import * as api from "./api.js";
import { copyButton, fill, h, icon, setText, setTitle } from "./dom.js";
import { costOf, count, counted, duration, exactly, some, when, whole } from "./format.js";
import { BreakdownView } from "./breakdown.js";
import { ConversationView } from "./conversation.js";
import { Detail } from "./detail.js";
import { findings } from "./findings.js";
import { Gone, reading } from "./gone.js";
import { outcomeWord, severity } from "./kinds.js";
import { paced } from "./live.js";
import { evaluations, Marks, marksBySpan } from "./marks.js";
import { meant } from "./meant.js";
import { backAddress, go, goInstead, isShort, listAddress, replace, runAddress } from "./router.js";
import { comments, scoreChip } from "./scores.js";
import { SpansView } from "./spans.js";
import { Trace } from "./trace.js";

const TABS = { timeline: "Timeline", tree: "Tree", conversation: "Conversation", breakdown: "Breakdown" };

export class RunView {
  constructor(route, { title }) {
    this.id = route.trace;
    this.tellTitle = title;
    this.trace = null;
    this.tab = Object.hasOwn(TABS, route.params.get("view")) ? route.params.get("view") : "timeline";
    this.selected = route.params.get("span");
    this.params = route.params;
    this.views = new Map();
    this.gone = new Gone("This run is");
    this.head = h("header", { class: "run-head" });
    this.findings = h("div", {});
    this.marks = new Marks({ trace: this.id, span: null, marked: () => this.refresh() });
    this.tabs = h("div", { class: "tabs", role: "tablist", "aria-label": "Views of the run" });
    this.panel = h("div", { class: "tab-panel", role: "tabpanel", id: "tab-panel" });
    this.detail = new Detail({ trace: this.id, open: (id) => this.select(id, true), close: () => this.select(null), marked: () => this.refresh() });
    this.state = h("div", { class: "state", role: "status" }, h("p", { text: "Loading …" }));
    this.element = h("section", { class: "run", "aria-label": "Run" }, this.state);
    this.drawTabs();
    this.refresh = paced(() => this.load());
    this.keys = this.ownKeys();
    this.refresh();
  }

  ownKeys() {
    const names = Object.keys(TABS);
    const marking = [
      { keys: ["g"], label: "mark good: the span that is chosen, or the run where none is", does: () => this.marking()?.toggle("good") },
      { keys: ["b"], label: "mark bad: the same", does: () => this.marking()?.toggle("bad") },
      { keys: ["n"], label: "a note: the same", does: () => this.marking()?.note() },
    ];
    return [
      ...SpansView.keys(() => this.views.get(this.tab)),
      { keys: ["Enter"], label: "show or close the span's panel", does: () => this.toggleDetail() },
      { keys: ["Escape"], label: "close the panel; then back to the runs", does: () => (this.detail.isOpen ? this.select(null) : go(backAddress())) },
      { keys: names.map((_, index) => String(index + 1)), label: Object.values(TABS).join(", ").toLowerCase(), does: (event) => this.show(names[Number(event.key) - 1]) },
      ...(api.isReport ? [] : marking),
      ...(api.isReport ? [] : [{ keys: ["c"], label: "compare with another run", does: () => go(listAddress(new URLSearchParams({ with: this.id }))) }]),
    ];
  }

  /** What the keys mark: the span of the panel, else that of the chosen row, else the run. */
  marking() {
    if (this.detail.isOpen) return this.detail.marks;
    const span = this.trace?.span(this.views.get(this.tab)?.at);
    if (!span) return this.marks;
    const marks = new Marks({ trace: this.id, span: span.id, name: span.name, marked: () => this.refresh() });
    marks.show(this.trace.answer.scores);
    return marks;
  }

  later() {
    clearTimeout(this.again);
    if (!this.isLeft) this.again = setTimeout(() => this.refresh(), 400);
  }

  leave() {
    this.isLeft = true;
    clearTimeout(this.again);
    clearInterval(this.clock);
    for (const view of this.views.values()) view.end?.();
  }

  /** The same run with another view or span: nothing is built anew. */
  takes(route) {
    if (route.page !== "run" || route.trace !== this.id) return false;
    const tab = route.params.get("view") ?? "timeline";
    if (tab !== this.tab && Object.hasOwn(TABS, tab)) this.show(tab);
    if (this.trace && this.trace.whole(route.params.get("span")) !== this.selected) this.select(route.params.get("span"), true);
    return true;
  }

  changed(runs) {
    // A beginning of an id may be that of any span that has come.
    const mayBeMeant = !this.trace && isShort(this.id);
    if (runs === null || runs.has(this.id) || mayBeMeant) this.refresh();
  }

  async load() {
    if (isShort(this.id) && (await this.lookUp())) return;
    let answer;
    try {
      answer = await api.run(this.id);
    } catch (failure) {
      // What is shown already stays: the head of the page says that the server is gone.
      if (!this.trace) await this.fail(failure);
      else if (failure.status === 404) await this.lose();
      return;
    }
    clearTimeout(this.again);
    this.gone.hide();
    const isFirst = !this.trace;
    if (isFirst) this.trace = new Trace(answer);
    else this.trace.take(answer);
    this.trace.marks = marksBySpan(answer.scores);
    if (isFirst) fill(this.element, this.gone.element, this.head, this.findings, this.tabs, h("div", { class: "run-body" }, this.panel, this.detail.element));
    this.draw();
    this.marks.show(answer.scores);
    if (isFirst) {
      this.show(this.tab);
      if (this.selected) this.select(this.selected, true);
    } else {
      for (const view of this.views.values()) view.renewed?.();
      if (this.trace.whole(this.selected) !== this.selected) this.select(this.selected, this.detail.isOpen);
      else if (this.selected && this.detail.isOpen) this.detail.renew(this.trace);
      else if (!this.trace.span(this.selected)) this.selected = null;
    }
    this.tick();
  }

  /** The page shows eight digits of an id: whatever has such a beginning is meant. Says whether something has. */
  async lookUp() {
    let found;
    try {
      found = await meant(this.id);
    } catch {
      return false;
    }
    if (this.isLeft || found === null) return found !== null;
    if (found.several) fill(this.element, found.several);
    else goInstead(runAddress(found.trace, { ...Object.fromEntries(this.params), ...(found.span && { span: found.span }) }));
    return true;
  }

  /** While it runs, its time goes on. */
  tick() {
    clearInterval(this.clock);
    if (!this.trace.isOpen) return;
    const pause = matchMedia("(prefers-reduced-motion: reduce)").matches ? 1000 : 100;
    this.clock = setInterval(() => {
      if (document.hidden) return;
      this.trace.at(Date.now());
      setText(this.clockText, duration(this.trace.length));
      this.views.get(this.tab)?.ticked?.();
    }, pause);
  }

  /** What is shown is in no file any more; a server that has begun anew may not have read it yet. */
  async lose() {
    if ((await reading()) !== null) {
      this.later();
      return;
    }
    this.gone.show();
    clearInterval(this.clock);
    this.outcome.dataset.grade = "odd";
    setText(this.outcome, "gone");
  }

  /** Nothing of the run is known: nowhere, or not yet. */
  async fail(failure) {
    // What is no id at all, or only the beginning of one, is nowhere either.
    const isGone = failure.status === 404 || (failure.status === 400 && isShort(this.id));
    const read = isGone ? await reading() : null;
    if (read !== null) {
      fill(this.element, this.state);
      fill(this.state, h("p", { text: `Reading the files: ${Math.floor(read * 100)} %; the run is not among what has been read.` }));
      this.later();
      return;
    }
    fill(
      this.element,
      h(
        "div",
        { class: "state" },
        h("h1", { text: isGone ? "There is no such run" : "The run cannot be read" }),
        h("p", { text: isGone ? `No file that is served has ${isShort(this.id) ? "a run or a span whose id begins with" : "a span of"} ${this.id}. It may have been rotated away, or stand in a file that was not named.` : failure.message }),
        h("a", { class: "button", href: "#/" }, "All runs"),
      ),
    );
  }

  draw() {
    const { run } = this.trace;
    const grade = run.open > 0 ? "running" : severity(run.outcome);
    const name = run.task || run.name;
    this.tellTitle(name);
    this.clockText = h("b", { class: "number", text: duration(run.duration ?? this.trace.length) });
    const fact = (label, value, under) => h("div", { class: "fact" }, h("dt", { text: label }), h("dd", {}, value, under && h("span", { class: "under", text: under })));
    const number = (text) => h("b", { class: "number", text });
    const { tokens } = this.trace.answer;
    const cached = tokens.cache_read > 0 ? `${count(tokens.cache_read)} cached` : null;
    const calls = this.trace.spans.reduce((sum, span) => ({ ...sum, [span.kind]: (sum[span.kind] ?? 0) + 1 }), {});
    if (!this.heading) this.buildHead();
    setText(this.heading, name);
    setTitle(this.heading, name);
    this.outcome.dataset.grade = grade;
    setText(this.outcome, run.open > 0 ? "live" : outcomeWord(run.outcome));
    fill(this.where, this.places(run));
    this.drawComments();
    fill(
      this.facts,
      fact("Duration", this.clockText),
      fact("Cost", number(costOf(run)), run.unpriced > 0 ? `${counted(run.unpriced, "call")} without a price` : null),
      fact("Tokens in", number(whole(run.input_tokens)), cached),
      fact("Tokens out", number(whole(run.output_tokens)), tokens.reasoning > 0 ? `${count(tokens.reasoning)} reasoning` : null),
      fact("Model calls", number(whole(calls.model ?? 0)), some(run.models)),
      fact("Tool calls", number(whole(calls.tool ?? 0)), run.tools.length > 0 ? counted(run.tools.length, "tool") : null),
      fact("Errors", h("b", { class: `number${run.errors > 0 ? " bad" : ""}`, text: whole(run.errors) })),
      fact("Spans", number(whole(run.spans)), run.open > 0 ? `${run.open} open` : null),
    );
    fill(this.findings, findings(this.trace, (id) => this.select(id, true)));
  }

  /** What has buttons is built once: a change elsewhere takes the focus from none of them. */
  buildHead() {
    this.heading = h("h1", {});
    this.outcome = h("span", { class: "badge" });
    this.where = h("p", { class: "run-where" });
    this.comments = h("div", { class: "run-comments" });
    this.facts = h("dl", { class: "facts" });
    const id = h("span", { class: "id" }, h("code", { text: this.id }), copyButton(() => this.id, "Copy the trace id"));
    fill(
      this.head,
      h(
        "div",
        { class: "run-title" },
        h("a", { class: "icon-button", href: backAddress(), title: "Back to the runs (esc)", "aria-label": "All runs" }, icon("back")),
        this.heading,
        this.outcome,
        h("span", { class: "grow" }),
        this.marks.element,
        !api.isReport && h("a", { class: "button", href: listAddress(new URLSearchParams({ with: this.id })) }, icon("compare"), "Compare"),
      ),
      h("div", { class: "run-where" }, this.where, id),
      this.comments,
      this.facts,
    );
  }

  /** Only what is new is drawn: somebody may read further down in it. */
  drawComments() {
    const { scores } = this.trace.answer;
    const written = JSON.stringify(scores.filter((score) => score.span_id === null));
    if (this.written === written) return;
    this.written = written;
    fill(this.comments, comments(scores, null));
  }

  places(run) {
    return [
      [run.task && run.name, run.service, run.session && `session ${run.session}`].filter(Boolean).map((text) => h("span", { text })),
      h("time", { datetime: exactly(run.start), title: exactly(run.start), text: when(run.start) }),
      evaluations(this.trace.answer.scores, null).map(scoreChip),
    ];
  }

  drawTabs() {
    const names = Object.keys(TABS);
    const tab = (name) => h("button", { class: "tab", type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "tab-panel", "aria-selected": String(name === this.tab), tabindex: name === this.tab ? "0" : "-1", on: { click: () => this.show(name) } }, TABS[name]);
    fill(this.tabs, names.map(tab));
    this.tabs.onkeydown = (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      this.show(names.at((names.indexOf(this.tab) + step) % names.length));
      this.tabs.querySelector("[aria-selected=true]").focus();
    };
  }

  show(tab) {
    this.tab = tab;
    this.drawTabs();
    if (!this.trace) return;
    this.panel.setAttribute("aria-labelledby", `tab-${tab}`);
    if (!this.views.has(tab)) this.views.set(tab, this.make(tab));
    const view = this.views.get(tab);
    fill(this.panel, view.element);
    view.entered?.();
    if (this.selected) view.selected?.(this.selected);
    this.keepAddress();
  }

  make(tab) {
    const open = (id) => this.select(id, true);
    if (tab === "conversation") return new ConversationView(this.trace, open);
    if (tab === "breakdown") return new BreakdownView(this.trace, open);
    return new SpansView(this.trace, tab, { select: (id, isOpened) => this.select(id, isOpened), open });
  }

  /** Another span is looked at; `isOpened` shows its panel, which otherwise only follows where it is open. */
  select(said, isOpened = false) {
    const id = this.trace.whole(said);
    this.selected = id;
    if (!id) this.closeDetail();
    else if (isOpened || this.detail.isOpen) this.detail.show(this.trace, id);
    this.views.get(this.tab)?.selected?.(id);
    this.keepAddress();
  }

  /** Whoever was in the panel is back at the row that it was of. */
  closeDetail() {
    const { activeElement } = document;
    const hadFocus = activeElement === document.body || this.detail.element.contains(activeElement);
    this.detail.close();
    if (hadFocus) this.views.get(this.tab)?.focus();
  }

  toggleDetail() {
    const at = this.views.get(this.tab)?.current?.();
    if (this.detail.isOpen) this.select(null);
    else if (at) this.select(at, true);
  }

  keepAddress() {
    replace(runAddress(this.id, { view: this.tab === "timeline" ? null : this.tab, span: this.detail.isOpen ? this.selected : null }));
  }
}
