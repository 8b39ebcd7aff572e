// What an address means that has only the first digits of an id, as the page and the terminal show them.

import * as api from "./api.js";
import { h } from "./dom.js";
import { counted } from "./format.js";
import { backAddress, runAddress } from "./router.js";

/**
 * The run, or the span in it, whose id begins so: `{trace, span}`. Where several do `{several}` is what names them, and
 * where none does the answer is null.
 */
export async function meant(beginning) {
  const { traces, all_traces, spans, all_spans } = await api.ids(beginning);
  if (all_traces === 1) return { trace: traces[0].trace_id, span: null };
  if (all_traces === 0 && all_spans === 1) return { trace: spans[0].trace_id, span: spans[0].span_id };
  if (all_traces + all_spans === 0) return null;
  const ofRun = (run) => link(runAddress(run.trace_id), run.task || run.name, run.trace_id);
  const ofSpan = (span) => link(runAddress(span.trace_id, { span: span.span_id }), "a span", `${span.trace_id.slice(0, 8)} / ${span.span_id}`);
  const [all, shown] = all_traces > 0 ? [counted(all_traces, "run"), traces.map(ofRun)] : [counted(all_spans, "span"), spans.map(ofSpan)];
  return {
    several: h("div", { class: "state" }, h("h1", { text: `${all} begin with ${beginning}` }), h("p", { text: "More of its digits say which is meant." }), h("ul", {}, shown), h("a", { class: "button", href: backAddress() }, "All runs")),
  };
}

function link(href, name, id) {
  return h("li", {}, h("a", { href, text: name }), " ", h("code", { class: "faint", text: id }));
}
