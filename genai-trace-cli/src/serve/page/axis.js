// The time axis: which part of the run's time is seen, and where in it a moment stands.

import { fill, h } from "./dom.js";
import { moment } from "./format.js";

/** A tick for about so many pixels. */
const EVERY = 96;

export class Axis {
  constructor(trace, changed) {
    this.trace = trace;
    this.changed = changed;
    /** Milliseconds from the run's start, or null for all of it. */
    this.window = null;
    this.head = h("span", { class: "ticks" });
    this.lines = h("div", { class: "lines", "aria-hidden": "true" }, h("span", { class: "ticks" }));
  }

  get from() {
    return this.window?.[0] ?? 0;
  }

  get to() {
    return this.window?.[1] ?? this.trace.length;
  }

  /** Where a moment stands: 0 at the left edge, 1 at the right one. */
  place(ms) {
    return (ms - this.trace.start - this.from) / (this.to - this.from);
  }

  draw() {
    const width = this.head.clientWidth || 600;
    const length = this.to - this.from;
    const step = round(length * Math.min(EVERY / width, 0.3));
    const ticks = [];
    for (let at = Math.ceil(this.from / step) * step; at <= this.to; at += step) ticks.push(at);
    const mark = (text) => (at) => h("span", { class: "tick", vars: { at: (at - this.from) / length } }, text ? h("span", { text: moment(at, step) }) : null);
    // The last words would stand beyond the edge.
    fill(this.head, ticks.filter((at) => (at - this.from) / length < 1 - 50 / width).map(mark(true)));
    fill(this.lines.firstChild, ticks.map(mark(false)));
  }

  set(from, to) {
    const all = this.trace.length;
    const length = Math.min(all, Math.max(to - from, all / 20_000, 0.002));
    const start = Math.max(0, Math.min(from, all - length));
    this.window = length >= all * 0.9999 ? null : [start, start + length];
    this.draw();
    this.changed();
  }

  all() {
    this.set(0, this.trace.length);
  }

  /** Makes what is seen so many times as long, around a place of it. */
  zoom(factor, around = 0.5) {
    const length = this.to - this.from;
    const at = this.from + length * around;
    this.set(at - length * factor * around, at + length * factor * (1 - around));
  }

  pan(share) {
    if (!this.window) return;
    const by = (this.to - this.from) * share;
    this.set(this.from + by, this.to + by);
  }

  toSpan(span) {
    if (!span) return;
    const length = Math.max(this.trace.lasts(span), this.trace.length / 20_000);
    const from = span.start - this.trace.start;
    this.set(from - length * 0.1, from + length * 1.1);
  }

  /** The wheel with Ctrl (and two fingers that part) zooms; sideways it moves what is seen. */
  listen(element) {
    element.addEventListener(
      "wheel",
      (event) => {
        const box = this.head.getBoundingClientRect();
        if (event.ctrlKey || event.metaKey) {
          event.preventDefault();
          this.zoom(Math.exp(event.deltaY / 300), Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)));
        } else if (this.window && (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))) {
          event.preventDefault();
          this.pan((event.deltaX || event.deltaY) / box.width);
        }
      },
      { passive: false },
    );
  }
}

/** 1, 2 or 5 of a power of ten, at least this. */
function round(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least * 0.999);
}

export function share(part) {
  return `${(part * 100).toFixed(3)}%`;
}

/** Puts a bar where a span stands on the axis; says whether any of it is seen. */
export function putBar(bar, axis, span, lasts) {
  const left = axis.place(span.start);
  const right = axis.place(span.start + lasts);
  const from = Math.max(-0.01, left);
  const to = Math.min(1.01, right);
  // Set directly: a custom property would have the browser look at everything below.
  bar.style.setProperty("left", share(from));
  bar.style.setProperty("width", `max(2px, ${share(Math.max(0, to - from))})`);
  return { isSeen: right >= 0 && left <= 1, right: to };
}
