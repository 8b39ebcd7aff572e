// The spans of a run as rows: beside a time axis (the timeline), or beside figures (the tree).

import { h, icon, iconButton, setText, setVars } from "./dom.js";
import { counted, duration } from "./format.js";
import { Axis } from "./axis.js";
import { Overview } from "./overview.js";
import { drawSpan, HEADS, makeSpan } from "./span_row.js";
import { isFault } from "./trace.js";
import { Rows } from "./virtual.js";

export const ROW = 28;

export class SpansView {
  constructor(trace, mode, { select, open }) {
    this.trace = trace;
    this.mode = mode;
    this.select = select;
    this.open = open;
    this.at = null;
    this.hits = null;
    this.isTimeline = mode === "timeline";
    this.axis = this.isTimeline ? new Axis(trace, () => this.zoomed()) : null;
    this.overview = this.isTimeline ? new Overview(trace, this.axis) : null;
    this.grid = h(
      "div",
      { class: `span-grid ${mode}`, role: "treegrid", tabindex: "0", "aria-label": this.isTimeline ? "Spans in time" : "Spans as a tree" },
      h("div", { class: "span-head", role: "row" }, HEADS[mode].map(([name, text]) => h("span", { class: `cell ${name}`, role: "columnheader" }, name === "time" ? this.axis.head : text, name === "name" && this.grip()))),
    );
    this.element = h("div", { class: "spans" }, this.tools(), this.overview?.element, this.grid);
    this.rows = new Rows({ scroller: this.grid, height: ROW, make: () => makeSpan(mode, this), draw: (row, index) => drawSpan(row, this.at_(index), this) });
    if (this.axis) {
      this.rows.body.append(this.axis.lines);
      this.axis.listen(this.grid);
    }
    this.theme = () => this.overview?.draw();
    document.addEventListener("theme", this.theme);
    this.renewed();
  }

  tools() {
    this.found = h("span", { class: "found", role: "status" });
    this.field = h("input", { type: "search", placeholder: "Find in spans …", "aria-label": "Find in spans", autocomplete: "off", spellcheck: "false", on: { input: () => this.find(), keydown: (event) => event.key === "Enter" && this.toHit(event.shiftKey ? -1 : 1) } });
    this.path = h("input", { type: "checkbox", on: { change: () => this.element.classList.toggle("only-critical", this.path.checked) } });
    const faults = this.trace.spans.filter(isFault).length;
    return h(
      "div",
      { class: "span-tools" },
      h("label", { class: "search" }, icon("search"), this.field),
      this.found,
      h("span", { class: "grow" }),
      faults > 0 && h("button", { class: "button fault", type: "button", title: "The next error (e)", on: { click: () => this.toFault(1) } }, icon("error"), counted(faults, "error")),
      h("label", { class: "button toggle", title: "What the run waited for (x)" }, this.path, h("span", { text: "Critical path" })),
      h("button", { class: "button", type: "button", title: "Fold or unfold all", on: { click: () => this.foldAll(this.trace.folded.size === 0) } }, "Fold"),
      this.axis && iconButton("fit", "The whole time (0)", () => this.axis.all()),
    );
  }

  at_(index) {
    return this.places[index];
  }

  /** The trace has changed, or what is folded. */
  renewed() {
    // A file may be cut or replaced: what was chosen need not be there any more.
    if (!this.trace.span(this.at)) this.at = null;
    this.places = this.trace.visible();
    this.grid.setAttribute("aria-rowcount", this.places.length + 1);
    if (this.hits) this.look();
    this.axis?.draw();
    this.overview?.draw();
    this.rows.set(this.places.length);
  }

  ticked() {
    this.axis?.draw();
    // The picture of all spans need not be as quick as the bars.
    if (performance.now() - (this.painted ?? 0) > 1000) {
      this.painted = performance.now();
      this.overview?.draw();
    }
    this.rows.redraw();
  }

  zoomed() {
    this.overview.drawWindow();
    this.rows.redraw();
  }

  entered() {
    this.renewed();
    this.focus();
  }

  focus() {
    this.grid.focus({ preventScroll: true });
  }

  end() {
    this.rows.end();
    this.overview?.end();
    document.removeEventListener("theme", this.theme);
  }

  current() {
    return this.at ?? this.trace.spans[this.places[0]]?.id;
  }

  /** A span was selected, here or elsewhere. */
  selected(id) {
    if (this.trace.span(id)) {
      this.at = id;
      this.trace.unfoldTo(id);
      this.places = this.trace.visible();
      this.rows.set(this.places.length);
      this.rows.reveal(this.index());
    }
    this.rows.redraw();
  }

  index() {
    return this.at === null ? -1 : this.places.indexOf(this.trace.places.get(this.at));
  }

  move(step) {
    const from = this.at === null ? -1 : this.index();
    this.to(this.places[Math.max(0, Math.min(this.places.length - 1, from + step))]);
  }

  to(place) {
    const span = this.trace.spans[place];
    if (span) this.select(span.id);
  }

  fold(id, isFolded) {
    this.trace.fold(id, isFolded);
    this.renewed();
  }

  foldAll(isFolded) {
    this.trace.foldAll(isFolded ? 1 : Infinity);
    if (this.at && this.index() < 0) this.at = null;
    this.renewed();
  }

  /** Left: fold, or to what is above. Right: unfold, or to what is below. */
  turn(step) {
    const span = this.trace.span(this.current());
    if (!span) return;
    const place = this.trace.places.get(span.id);
    const isFolded = this.trace.folded.has(span.id);
    if (step < 0) {
      if (span.children > 0 && !isFolded) this.fold(span.id, true);
      else this.to(this.trace.above(place));
    } else if (isFolded) this.fold(span.id, false);
    else if (span.children > 0) this.to(place + 1);
  }

  /** The next span, in this direction, that `isIt`; after the last comes the first. */
  next(step, isIt) {
    const { spans } = this.trace;
    const from = this.at === null ? (step > 0 ? -1 : spans.length) : this.trace.places.get(this.at);
    for (let ahead = 1; ahead <= spans.length; ahead += 1) {
      const place = (((from + ahead * step) % spans.length) + spans.length) % spans.length;
      if (isIt(spans[place])) return place;
    }
    return -1;
  }

  toFault(step) {
    const place = this.next(step, isFault);
    if (place >= 0) this.to(place);
  }

  find() {
    this.look();
    if (this.hits?.size > 0) this.toHit(1, true);
    this.rows.redraw();
  }

  look() {
    const wanted = this.field.value.trim().toLowerCase();
    const said = (span) => `${span.name}\n${span.subject ?? ""}\n${span.message}\n${span.outcome}`.toLowerCase();
    this.hits = wanted ? new Set(this.trace.spans.filter((span) => said(span).includes(wanted) || span.id.startsWith(wanted)).map((span) => span.id)) : null;
    setText(this.found, this.hits ? (this.hits.size > 0 ? counted(this.hits.size, "match", "matches") : "no match") : "");
    this.element.classList.toggle("finding", this.hits !== null);
  }

  toHit(step, orHere = false) {
    if (!this.hits?.size || (orHere && this.hits.has(this.at))) return;
    this.to(this.next(step, (span) => this.hits.has(span.id)));
  }

  /** How long it took, as the row says it. */
  lasting(span) {
    return duration(this.trace.lasts(span));
  }

  /** What the column of names is made wider or narrower by. */
  grip() {
    const move = (event) => this.resize(event.clientX - this.grid.getBoundingClientRect().left);
    const hold = (event) => {
      event.target.setPointerCapture(event.pointerId);
      event.target.addEventListener("pointermove", move);
      event.target.addEventListener("pointerup", () => event.target.removeEventListener("pointermove", move), { once: true });
    };
    return h("span", { class: "grip", "aria-hidden": "true", on: { pointerdown: hold } });
  }

  resize(names) {
    setVars(this.element, { names: `${Math.round(Math.max(120, Math.min(names, this.element.clientWidth - 160)))}px` });
    this.axis?.draw();
    this.rows.redraw();
  }

  /** The keys of whatever view of spans `view()` is; in other views they do nothing. */
  static keys(view) {
    const does = (act) => (event) => {
      const spans = view();
      if (spans instanceof SpansView) act(spans, event);
      else spans?.scroll?.(event.key);
    };
    const zoom = (act) => does((spans) => spans.axis && act(spans.axis, spans));
    return [
      { keys: ["j", "ArrowDown"], label: "the next span", does: does((spans) => spans.move(1)) },
      { keys: ["k", "ArrowUp"], label: "the span before", does: does((spans) => spans.move(-1)) },
      { keys: ["ArrowRight"], label: "unfold, or into it", does: does((spans) => spans.turn(1)) },
      { keys: ["ArrowLeft"], label: "fold, or to what is above", does: does((spans) => spans.turn(-1)) },
      { keys: ["PageDown"], label: "a page down", does: does((spans) => spans.move(20)) },
      { keys: ["PageUp"], label: "a page up", does: does((spans) => spans.move(-20)) },
      { keys: ["Home"], label: "the first", does: does((spans) => spans.move(-spans.places.length)) },
      { keys: ["End"], label: "the last", does: does((spans) => spans.move(spans.places.length)) },
      { keys: ["e"], label: "the next error", does: does((spans) => spans.toFault(1)) },
      { keys: ["E"], label: "the error before", does: does((spans) => spans.toFault(-1)) },
      { keys: ["/"], label: "find in spans; enter goes to the next", does: does((spans) => spans.field.focus()) },
      { keys: ["x"], label: "only the critical path in colour", does: does((spans) => spans.path.click()) },
      { keys: ["["], label: "fold all", does: does((spans) => spans.foldAll(true)) },
      { keys: ["]"], label: "unfold all", does: does((spans) => spans.foldAll(false)) },
      { keys: ["+", "="], label: "look closer", does: zoom((axis) => axis.zoom(0.6)) },
      { keys: ["-"], label: "look from farther away", does: zoom((axis) => axis.zoom(1 / 0.6)) },
      { keys: ["z"], label: "the time of the selected span", does: zoom((axis, spans) => axis.toSpan(spans.trace.span(spans.current()))) },
      { keys: ["0"], label: "the whole time", does: zoom((axis) => axis.all()) },
    ];
  }
}
