// One run as the views need it: its spans with their places, what is folded, and what the time went into.

import { kindOf } from "./kinds.js";
import { isShort } from "./router.js";

export class Trace {
  constructor(answer, now = Date.now()) {
    this.folded = new Set();
    this.take(answer, now);
  }

  /** The same run as it stands now; what is folded stays so. */
  take(answer, now = Date.now()) {
    this.answer = answer;
    this.run = answer.run;
    this.spans = answer.spans;
    this.critical = new Set(answer.critical);
    this.places = new Map(this.spans.map((span, place) => [span.id, place]));
    this.start = Infinity;
    let end = -Infinity;
    this.isOpen = false;
    this.kinds = {};
    for (const span of this.spans) {
      span.kind = kindOf(span);
      this.kinds[span.kind] = (this.kinds[span.kind] ?? 0) + 1;
      span.isOpen = span.duration === null;
      this.isOpen ||= span.isOpen;
      this.start = Math.min(this.start, span.start);
      end = Math.max(end, span.start + (span.duration ?? 0));
    }
    if (!Number.isFinite(this.start)) {
      this.start = this.run.start;
      end = this.run.start;
    }
    this.ended = end;
    this.faultsBelow = this.countFaults();
    this.at(now);
  }

  /** The time that it is: open spans last until now. */
  at(now) {
    this.end = this.isOpen ? Math.max(this.ended, now) : this.ended;
    this.length = Math.max(this.end - this.start, 0.001);
  }

  span(id) {
    return this.spans[this.places.get(id)];
  }

  /** The spans whose ids begin so. */
  begin(id) {
    return isShort(id) ? this.spans.filter((span) => span.id.startsWith(id.toLowerCase())) : [];
  }

  /** The id of the one span that is meant by the beginning of it; else what was said. */
  whole(id) {
    if (!id || this.places.has(id)) return id;
    const meant = this.begin(id);
    return meant.length === 1 ? meant[0].id : id;
  }

  lasts(span) {
    return span.duration ?? Math.max(0, this.end - span.start);
  }

  /** The first place behind all that stands below the span at `place`. */
  behind(place) {
    const { depth } = this.spans[place];
    let next = place + 1;
    while (next < this.spans.length && this.spans[next].depth > depth) next += 1;
    return next;
  }

  /** The place of what stands above, or -1. */
  above(place) {
    const { depth } = this.spans[place];
    let at = place - 1;
    while (at >= 0 && this.spans[at].depth >= depth) at -= 1;
    return at;
  }

  /** The places of spans that no fold hides, in order. */
  visible() {
    if (this.folded.size === 0) return this.spans.map((_, place) => place);
    const places = [];
    for (let place = 0; place < this.spans.length; ) {
      places.push(place);
      place = this.folded.has(this.spans[place].id) ? this.behind(place) : place + 1;
    }
    return places;
  }

  fold(id, isFolded) {
    if (isFolded) this.folded.add(id);
    else this.folded.delete(id);
  }

  /** Opens whatever hides a span. */
  unfoldTo(id) {
    for (let place = this.above(this.places.get(id)); place >= 0; place = this.above(place)) this.folded.delete(this.spans[place].id);
  }

  foldAll(depth) {
    this.folded = new Set(this.spans.filter((span) => span.children > 0 && span.depth >= depth).map((span) => span.id));
  }

  /** By span, how many failed below it: what a folded one would hide. */
  countFaults() {
    const below = new Uint32Array(this.spans.length);
    const path = [];
    this.spans.forEach((span, place) => {
      path.length = Math.min(path.length, span.depth);
      if (isFault(span)) for (const above of path) below[above] += 1;
      path[span.depth] = place;
    });
    return below;
  }

  /** What the wall clock went into: the time of each span of the critical path that none below it on the path covers. */
  ownTimes() {
    const own = new Map();
    const path = [];
    this.spans.forEach((span) => {
      path.length = Math.min(path.length, span.depth);
      if (this.critical.has(span.id)) {
        const above = path.findLast((other) => other && this.critical.has(other.id));
        own.set(span.id, { span, ms: this.lasts(span), covered: [] });
        if (above) own.get(above.id).covered.push([span.start, span.start + this.lasts(span)]);
      }
      path[span.depth] = span;
    });
    return [...own.values()].map(({ span, ms, covered }) => ({ span, ms: Math.max(0, ms - union(covered, span.start, span.start + ms)) }));
  }
}

export function isFault(span) {
  return span.outcome === "error" || span.outcome === "panicked" || span.outcome === "crashed";
}

/** How much of `from..to` the intervals cover together. */
function union(intervals, from, to) {
  let covered = 0;
  let reached = from;
  for (const [start, end] of intervals.sort((a, b) => a[0] - b[0])) {
    const begin = Math.max(start, reached);
    const stop = Math.min(end, to);
    if (stop > begin) covered += stop - begin;
    reached = Math.max(reached, stop);
  }
  return covered;
}
