// A list of any length of which only what is seen is in the document: rows of one height, used again while scrolling.

import { h, setVars } from "./dom.js";

/** Rows above and below what is seen, so that a fast wheel shows no gap. */
const SPARE = 10;

export class Rows {
  /**
   * `make()` gives an empty row, `draw(row, index)` writes what stands at `index` into it.
   * `scroller` is the element that scrolls; `body` is put into it and has the height of all rows.
   */
  constructor({ scroller, height, make, draw }) {
    this.scroller = scroller;
    this.height = height;
    this.make = make;
    this.draw = draw;
    this.count = 0;
    this.shown = new Map();
    this.idle = [];
    this.body = h("div", { class: "rows", role: "presentation" });
    this.frame = 0;
    scroller.append(this.body);
    scroller.addEventListener("scroll", () => this.later(), { passive: true });
    this.sizes = new ResizeObserver(() => this.later());
    this.sizes.observe(scroller);
  }

  /** There are `count` rows now; all that are seen are drawn anew. */
  set(count) {
    this.count = count;
    setVars(this.body, { height: `${count * this.height}px` });
    this.redraw();
  }

  redraw() {
    this.place(true);
  }

  /** At most once a frame. */
  later() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.place(false);
    });
  }

  /** What is seen: the first row and the one behind the last. */
  range() {
    const top = Math.max(0, this.scroller.scrollTop - this.body.offsetTop);
    const seen = this.scroller.clientHeight || 600;
    const first = Math.max(0, Math.floor(top / this.height));
    return [first, Math.min(this.count, Math.ceil((top + seen) / this.height))];
  }

  place(all) {
    const [seenFirst, seenLast] = this.range();
    const first = Math.max(0, seenFirst - SPARE);
    const last = Math.min(this.count, seenLast + SPARE);
    for (const [index, row] of this.shown) {
      if (index >= first && index < last) continue;
      this.shown.delete(index);
      this.idle.push(row);
    }
    for (let index = first; index < last; index += 1) {
      let row = this.shown.get(index);
      const isNew = !row;
      if (isNew) {
        row = this.idle.pop() ?? this.add();
        this.shown.set(index, row);
        row.hidden = false;
        row.style.setProperty("transform", `translateY(${index * this.height}px)`);
      }
      if (isNew || all) this.draw(row, index);
    }
    for (const row of this.idle) row.hidden = true;
  }

  add() {
    const row = this.make();
    this.body.append(row);
    return row;
  }

  /** Scrolls as little as needed for the row to be seen whole. */
  reveal(index) {
    const top = this.body.offsetTop + index * this.height;
    const bottom = top + this.height;
    const head = this.body.offsetTop;
    const { scrollTop, clientHeight } = this.scroller;
    if (top < scrollTop + head) this.scroller.scrollTop = top - head;
    else if (bottom > scrollTop + clientHeight) this.scroller.scrollTop = bottom - clientHeight;
    this.place(false);
  }

  /** Puts the row into the middle, unless it is seen already. */
  center(index) {
    const [first, last] = this.range();
    if (index > first && index < last - 1) return;
    const top = index * this.height;
    this.scroller.scrollTop = Math.max(0, top - this.scroller.clientHeight / 2);
    this.place(false);
  }

  end() {
    this.sizes.disconnect();
    cancelAnimationFrame(this.frame);
  }
}
