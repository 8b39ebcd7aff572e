// A line of the run list.

import { isReport } from "./api.js";
import { share } from "./axis.js";
import { fill, h, icon, setText, setTitle } from "./dom.js";
import { ago, costOf, count, counted, duration, exactly, some, when } from "./format.js";
import { outcomeWord, severity } from "./kinds.js";
import { badges } from "./marks.js";
import { runAddress } from "./router.js";
import { commentLine } from "./scores.js";

/** The columns: the class, and what stands above. */
export const HEAD = [
  ["name", "Run"],
  ["what", "Models and tools"],
  ["duration", "Duration"],
  ["size", "Spans"],
  ["tokens", "Tokens in / out"],
  ["cost", "Cost"],
  ["when", "Started"],
  ["marked", "Marks"],
];

/** An empty line; `clicked(index, event)` is told of a click anywhere in it. */
export function makeRun(clicked) {
  const parts = {
    dot: h("span", { class: "dot" }),
    link: h("a", { class: "title", tabindex: "-1" }),
    outcome: h("span", { class: "badge" }),
    comment: h("span", { class: "comment-line" }),
    under: h("span", { class: "under" }),
    models: h("span", { class: "models" }),
    tools: h("span", { class: "under" }),
    duration: h("span", { class: "number" }),
    bar: h("span", { class: "small-bar" }),
    spans: h("span", { class: "number" }),
    errors: h("span", { class: "errors" }),
    tokens: h("span", { class: "number" }),
    cost: h("span", { class: "number" }),
    when: h("span", { class: "number" }),
    ago: h("span", { class: "under" }),
    marks: h("span", { class: "badges" }),
  };
  const cell = (name, ...children) => h("span", { class: `cell ${name}`, role: "gridcell" }, children);
  const compare = h("button", { class: "icon-button pin", type: "button", tabindex: "-1", title: "Compare with another run (c)", "aria-label": "Compare with another run" }, icon("compare"));
  const row = h(
    "div",
    { class: "run-row", role: "row" },
    cell("name", h("span", { class: "line" }, parts.dot, parts.link, parts.outcome), h("span", { class: "line below" }, parts.comment, parts.under)),
    cell("what", parts.models, parts.tools),
    cell("duration", parts.duration, parts.bar),
    cell("size", parts.spans, parts.errors),
    cell("tokens", parts.tokens),
    cell("cost", parts.cost),
    cell("when", parts.when, parts.ago),
    cell("marked", parts.marks, !isReport && compare),
  );
  row.parts = parts;
  row.addEventListener("click", (event) => clicked(row.index, event));
  return row;
}

export function drawRun(row, run, { index, isSelected, longest, pinned }) {
  row.index = index;
  row.id = `run-${index}`;
  row.setAttribute("aria-rowindex", index + 2);
  row.setAttribute("aria-selected", String(isSelected));
  row.classList.toggle("loading", !run);
  if (!run) {
    setText(row.parts.link, "…");
    // The row may have been another run's.
    row.parts.link.removeAttribute("href");
    return;
  }
  const { parts } = row;
  const isRunning = run.open > 0 || run.outcome === "running";
  const takes = run.duration ?? Math.max(0, Date.now() - run.start);
  const grade = isRunning ? "running" : run.errors > 0 && run.outcome === "ok" ? "some" : severity(run.outcome);
  row.classList.toggle("pinned", pinned === run.trace_id);
  parts.dot.dataset.grade = grade;
  setText(parts.link, run.task || run.name);
  setTitle(parts.link, run.task || run.name);
  parts.link.href = runAddress(run.trace_id, { span: run.span });
  parts.outcome.hidden = grade === "ok" || grade === "some";
  parts.outcome.dataset.grade = grade;
  setText(parts.outcome, isRunning ? "live" : outcomeWord(run.outcome));
  setText(parts.under, [run.task ? run.name : null, run.service, run.session ? `session ${run.session}` : null, run.trace_id.slice(0, 8), run.span ? `span ${run.span}` : null].filter(Boolean).join(" · "));
  const comment = commentLine(run.scores);
  parts.comment.hidden = comment === "";
  setText(parts.comment, comment);
  setText(parts.models, some(run.models, ", ") || "–");
  setText(parts.tools, some(run.tools.map((tool) => (tool.calls > 1 ? `${tool.name} ×${tool.calls}` : tool.name)), " · "));
  setTitle(parts.tools, parts.tools.textContent);
  setText(parts.duration, duration(takes));
  parts.bar.style.setProperty("width", share(longest ? Math.min(1, takes / longest) : 0));
  setText(parts.spans, count(run.spans));
  setText(parts.errors, run.errors > 0 ? counted(run.errors, "error") : "");
  setText(parts.tokens, run.input_tokens || run.output_tokens ? `${count(run.input_tokens)} / ${count(run.output_tokens)}` : "–");
  setText(parts.cost, costOf(run));
  setText(parts.when, when(run.start));
  setTitle(parts.when, exactly(run.start));
  setText(parts.ago, ago(run.start));
  const marks = JSON.stringify(run.marks ?? {});
  if (row.marks !== marks) {
    row.marks = marks;
    fill(parts.marks, badges(run.marks));
  }
}
