// What one wants to know first of a run: what the time went into, what failed, what cost most.

import { h, icon } from "./dom.js";
import { counted, duration, money, percent } from "./format.js";
import { KINDS } from "./kinds.js";
import { isFault } from "./trace.js";

/** A bar of the time by kind on the critical path, and at most four findings; `open(span id)` shows one. */
export function findings(trace, open) {
  const own = trace.ownTimes().filter(({ ms }) => ms > 0);
  const all = own.reduce((sum, { ms }) => sum + ms, 0);
  return h("section", { class: "findings", "aria-label": "What stands out" }, timeBar(own, all), h("ul", {}, facts(trace, own, all, open)));
}

function timeBar(own, all) {
  const byKind = new Map();
  for (const { span, ms } of own) byKind.set(span.kind, (byKind.get(span.kind) ?? 0) + ms);
  const parts = [...byKind].sort((a, b) => b[1] - a[1]);
  const said = parts.map(([kind, ms]) => `${KINDS[kind]} ${duration(ms)}, ${percent(ms, all)}`).join("; ");
  return h(
    "div",
    { class: "time" },
    h("div", { class: "stack", role: "img", "aria-label": `Time on the critical path: ${said}` }, parts.map(([kind, ms]) => h("span", { "data-kind": kind, vars: { share: ms / (all || 1) }, title: `${KINDS[kind]}: ${duration(ms)}` }))),
    h("div", { class: "legend", "aria-hidden": "true" }, parts.map(([kind, ms]) => h("span", {}, h("i", { class: "swatch", "data-kind": kind }), `${KINDS[kind]} `, h("b", { text: percent(ms, all) }), h("span", { class: "faint", text: ` ${duration(ms)}` })))),
  );
}

function facts(trace, own, all, open) {
  const found = [];
  const link = (span) => h("button", { class: "span-link", type: "button", "data-kind": span.kind, on: { click: () => open(span.id) } }, span.name);
  const slowest = own.reduce((most, one) => (!most || one.ms > most.ms ? one : most), null);
  if (slowest && trace.spans.length > 1) found.push(h("li", {}, h("span", { class: "word", text: "Slowest" }), link(slowest.span), h("span", { class: "number", text: `${duration(slowest.ms)}, ${percent(slowest.ms, all)} of the time` })));
  const failed = trace.spans.filter((span) => isFault(span));
  // The innermost failure is the cause; those above it only pass it on.
  const first = failed.reduce((deepest, span) => (!deepest || span.depth > deepest.depth ? span : deepest), null);
  if (first) found.push(h("li", { class: "fault" }, h("span", { class: "word" }, icon("error", 13), counted(failed.length, "error")), link(first), h("span", { class: "why", text: first.message || first.outcome })));
  const denied = trace.spans.filter((span) => span.decision && !span.decision.startsWith("allow"));
  if (denied.length > 0) found.push(h("li", { class: "denied" }, h("span", { class: "word", text: "Gates" }), link(denied[0]), h("span", { class: "why", text: denied.length > 1 ? `${denied[0].decision}, and ${denied.length - 1} more` : denied[0].decision })));
  const dearest = trace.spans.filter((span) => span.cost > 0 && span.kind !== "agent").reduce((most, span) => (!most || span.cost > most.cost ? span : most), null);
  if (dearest) found.push(h("li", {}, h("span", { class: "word", text: "Dearest" }), link(dearest), h("span", { class: "number", text: `${money(dearest.cost)}, ${percent(dearest.cost, trace.run.cost)} of the cost` })));
  const open_ = trace.spans.filter((span) => span.isOpen);
  const doing = open_.reduce((deepest, span) => (!deepest || span.depth >= deepest.depth ? span : deepest), null);
  if (doing) found.push(h("li", { class: "running" }, h("span", { class: "word", text: "Now" }), link(doing), h("span", { class: "number", text: `since ${duration(trace.lasts(doing))}` })));
  return found;
}
