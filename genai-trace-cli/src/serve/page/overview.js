// The whole run as a small picture above the timeline; dragging over it chooses the time that is seen.

import { h, setVars } from "./dom.js";
import { isFault } from "./trace.js";

export class Overview {
  constructor(trace, axis) {
    this.trace = trace;
    this.axis = axis;
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.window = h("span", { class: "window", hidden: true });
    this.element = h("div", { class: "overview", title: "Drag to look closer, double-click for the whole time" }, this.canvas, this.window);
    this.element.addEventListener("pointerdown", (event) => this.grab(event));
    this.element.addEventListener("dblclick", () => axis.all());
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(this.element);
  }

  end() {
    this.sizes.disconnect();
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!width) return;
    const scale = window.devicePixelRatio || 1;
    this.canvas.width = width * scale;
    this.canvas.height = height * scale;
    const paint = this.canvas.getContext("2d");
    paint.scale(scale, scale);
    const styles = getComputedStyle(this.element);
    const colour = {};
    for (const name of ["agent", "model", "tool", "data", "gate", "step", "fault"]) colour[name] = styles.getPropertyValue(`--${name}`);
    const { spans, start, length } = this.trace;
    const line = Math.min(4, (height - 8) / Math.max(1, spans.length));
    const thick = Math.max(1, line * 0.75);
    spans.forEach((span, place) => {
      const x = ((span.start - start) / length) * width;
      paint.fillStyle = colour[isFault(span) ? "fault" : span.kind];
      paint.fillRect(x, 4 + place * line, Math.max(1, (this.trace.lasts(span) / length) * width), thick);
    });
    this.drawWindow();
  }

  drawWindow() {
    const { window: seen } = this.axis;
    this.window.hidden = seen === null;
    if (seen) setVars(this.window, { from: seen[0] / this.trace.length, width: (seen[1] - seen[0]) / this.trace.length });
  }

  /** A drag chooses a part; a mere click moves the part that is seen to where it was. */
  grab(event) {
    if (event.button !== 0) return;
    const box = this.element.getBoundingClientRect();
    const at = (pointer) => Math.max(0, Math.min(1, (pointer.clientX - box.left) / box.width)) * this.trace.length;
    const began = at(event);
    const beganAt = event.clientX;
    this.element.setPointerCapture(event.pointerId);
    const move = (pointer) => {
      if (Math.abs(pointer.clientX - beganAt) > 4) this.axis.set(Math.min(began, at(pointer)), Math.max(began, at(pointer)));
    };
    const stop = (pointer) => {
      this.element.removeEventListener("pointermove", move);
      if (Math.abs(pointer.clientX - beganAt) > 4 || !this.axis.window) return;
      const half = (this.axis.to - this.axis.from) / 2;
      this.axis.set(began - half, began + half);
    };
    this.element.addEventListener("pointermove", move);
    this.element.addEventListener("pointerup", stop, { once: true });
  }
}
