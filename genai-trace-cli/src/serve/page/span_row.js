// A row of the timeline or of the tree.

import { putBar, share } from "./axis.js";
import { h, icon, setText, setTitle } from "./dom.js";
import { count, counted, duration, money, shown } from "./format.js";
import { outcomeWord, severity } from "./kinds.js";
import { isFault } from "./trace.js";

export const HEADS = {
  timeline: [
    ["name", "Span"],
    ["time", ""],
    ["tokens", "Tokens in / out"],
    ["cost", "Cost"],
  ],
  tree: [
    ["name", "Span"],
    ["said", "Outcome"],
    ["offset", "Began"],
    ["lasts", "Duration"],
    ["tokens", "Tokens in / out"],
    ["cost", "Cost"],
  ],
};

/** Deeper than this, rows are not moved in any further. */
const DEEPEST = 24;

/** No row is wider than so many characters of a comment. */
const IN_ROW = 300;

const SIGNS = new Map([
  ["good", "✓"],
  ["bad", "✕"],
]);

export function makeSpan(mode, view) {
  const parts = {
    indent: h("span", { class: "indent" }),
    fold: h("button", { class: "fold", type: "button", tabindex: "-1" }, icon("right", 12)),
    swatch: h("i", { class: "swatch" }),
    name: h("span", { class: "span-name" }),
    fault: h("span", { class: "fault-sign" }),
    gate: h("span", { class: "gate-sign" }),
    mark: h("span", { class: "mark-badge" }),
    comment: h("span", { class: "comment-line" }),
    bar: h("span", { class: "bar" }),
    label: h("span", { class: "bar-label" }),
    said: h("span", { class: "said-text" }),
    offset: h("span", { class: "number" }),
    lasts: h("span", { class: "number" }),
    share: h("span", { class: "small-bar" }),
    tokens: h("span", { class: "number" }),
    cost: h("span", { class: "number" }),
  };
  const inside = {
    name: [parts.indent, parts.fold, parts.swatch, parts.name, parts.fault, parts.gate, parts.mark, parts.comment],
    time: [parts.bar, parts.label],
    said: [parts.said],
    offset: [parts.offset],
    lasts: [parts.lasts, parts.share],
    tokens: [parts.tokens],
    cost: [parts.cost],
  };
  const cells = HEADS[mode].map(([name]) => h("span", { class: `cell ${name}`, role: "gridcell" }, inside[name]));
  const row = h("div", { class: "span-row", role: "row" }, cells);
  row.parts = parts;
  parts.fold.addEventListener("click", (event) => {
    event.stopPropagation();
    view.fold(row.span.id, !view.trace.folded.has(row.span.id));
  });
  row.addEventListener("click", () => view.open(row.span.id));
  row.addEventListener("dblclick", () => view.axis?.toSpan(row.span));
  return row;
}

export function drawSpan(row, place, view) {
  const { trace } = view;
  const span = trace.spans[place];
  const { parts } = row;
  const isFolded = trace.folded.has(span.id);
  const isSelected = view.at === span.id;
  row.span = span;
  row.id = `${view.mode}-${place}`;
  row.dataset.kind = span.kind;
  row.dataset.grade = severity(span.outcome);
  row.classList.toggle("critical", trace.critical.has(span.id));
  row.classList.toggle("hit", view.hits?.has(span.id) ?? false);
  row.setAttribute("aria-level", span.depth + 1);
  row.setAttribute("aria-rowindex", place + 2);
  row.setAttribute("aria-selected", String(isSelected));
  if (span.children > 0) row.setAttribute("aria-expanded", String(!isFolded));
  else row.removeAttribute("aria-expanded");
  if (isSelected) view.grid.setAttribute("aria-activedescendant", row.id);
  parts.indent.style.setProperty("width", `${Math.min(span.depth, DEEPEST) * 14}px`);
  parts.fold.classList.toggle("leaf", span.children === 0);
  parts.fold.setAttribute("aria-label", isFolded ? "Unfold" : "Fold");
  setText(parts.name, span.name);
  setTitle(parts.name, span.name);
  const below = isFolded ? trace.faultsBelow[place] : 0;
  setText(parts.fault, isFault(span) ? outcomeWord(span.outcome) : below > 0 ? `${counted(below, "error")} inside` : span.outcome === "ok" || span.isOpen ? "" : outcomeWord(span.outcome));
  const [decision] = (span.decision ?? "").split(":");
  setText(parts.gate, decision === "allow" ? "" : decision);
  setTitle(parts.gate, span.decision ?? "");
  const mark = trace.marks?.get(span.id);
  const isNoted = (mark?.texts.length ?? 0) > 0;
  // A label of another tool may be any word.
  const sign = SIGNS.get(mark?.label);
  parts.mark.className = `mark-badge ${sign ? mark.label : mark?.label || isNoted ? "note" : "none"}`;
  setText(parts.mark, sign ?? mark?.label ?? (isNoted ? "✎" : ""));
  nameSign(parts.mark, mark?.label ? `marked ${mark.label}` : isNoted ? "note" : null);
  setText(parts.comment, isNoted ? mark.texts.join(" · ").slice(0, IN_ROW) : "");
  setText(parts.tokens, span.tokens ? `${count(span.tokens.input)} / ${count(span.tokens.output)}` : "");
  setText(parts.cost, span.cost === null ? "" : money(span.cost));
  if (view.axis) drawBar(parts, span, view);
  else drawFigures(parts, span, view);
}

/** What a sign means, for those who do not see it. */
function nameSign(element, name) {
  if (element.getAttribute("aria-label") === name) return;
  for (const [key, value] of [["role", "img"], ["aria-label", name]]) {
    if (name === null) element.removeAttribute(key);
    else element.setAttribute(key, shown(value));
  }
}

function drawBar(parts, span, view) {
  const { isSeen, right } = putBar(parts.bar, view.axis, span, view.trace.lasts(span));
  parts.bar.hidden = !isSeen;
  parts.label.hidden = !isSeen;
  parts.bar.classList.toggle("open", span.isOpen);
  const isBefore = right > 0.86;
  parts.label.style.setProperty(isBefore ? "right" : "left", `calc(${isBefore ? share(1 - Math.max(0, view.axis.place(span.start))) : share(right)} + 6px)`);
  parts.label.style.removeProperty(isBefore ? "left" : "right");
  // A bar that fills the row has its duration in itself.
  parts.label.classList.toggle("inside", isBefore && view.axis.place(span.start) < 0.12);
  setText(parts.label, view.lasting(span));
}

function drawFigures(parts, span, { trace }) {
  const lasts = trace.lasts(span);
  setText(parts.said, span.message || span.decision || (span.outcome === "ok" ? "" : outcomeWord(span.outcome)));
  setTitle(parts.said, span.message || (span.decision ?? ""));
  setText(parts.offset, `+${duration(span.start - trace.start)}`);
  setText(parts.lasts, duration(lasts));
  parts.share.style.setProperty("width", share(Math.min(1, lasts / trace.length)));
}
