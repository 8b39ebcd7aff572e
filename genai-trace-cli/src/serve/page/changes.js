// What differs in a pair of spans: their arguments, results and prompts, line by line.

import * as api from "./api.js";
import { fill, h, iconButton } from "./dom.js";
import { diff } from "./diff.js";
import { stringify } from "./exact.js";
import { duration } from "./format.js";
import { parse } from "./json.js";
import { runAddress } from "./router.js";

/** Lines that both have, beside a difference; the rest of them is folded. */
const AROUND = 3;
/** More of a text is not compared here. */
const LONGEST = 200_000;
/** What never tells anything by being different. */
const OWN = ["gen_ai.response.id", "gen_ai.tool.call.id", "server.port"];

export class Changes {
  constructor(a, b, close) {
    this.runs = { a, b };
    this.isOpen = false;
    this.heading = h("h2", { text: "" });
    this.body = h("div", { class: "detail-body", tabindex: "0", role: "group", "aria-label": "What differs" });
    this.element = h("aside", { class: "detail wide", "aria-label": "What differs", hidden: true }, h("header", { class: "detail-head" }, this.heading, iconButton("close", "Close (esc)", close)), this.body);
  }

  close() {
    this.isOpen = false;
    this.element.hidden = true;
  }

  async show(pair) {
    this.isOpen = true;
    this.element.hidden = false;
    this.pair = pair;
    this.heading.textContent = (pair.a ?? pair.b).name;
    try {
      const [a, b] = await Promise.all(["a", "b"].map((side) => (pair[side] ? api.span(this.runs[side], pair[side].id) : null)));
      if (this.pair === pair) this.draw(pair, a?.record, b?.record);
    } catch (failure) {
      if (this.pair === pair) fill(this.body, h("p", { class: "faint", text: failure.message }));
    }
  }

  draw(pair, a, b) {
    const link = (side, word) => pair[side] && h("a", { class: "button", href: runAddress(this.runs[side], { span: pair[side].id }), text: `${word}: ${duration(pair[side].duration)}` });
    const keys = [...new Set([...Object.keys(a?.attributes ?? {}), ...Object.keys(b?.attributes ?? {})])].filter((key) => !OWN.includes(key));
    const of = (record, key) => readable(record?.attributes?.[key]);
    const parts = [["status", a && said(a), b && said(b)], ...keys.map((key) => [key, of(a, key), of(b, key)])].filter(([, before, after]) => (before ?? "") !== (after ?? ""));
    fill(
      this.body,
      h("p", { class: "links" }, link("a", "In the first run"), link("b", "In the second run")),
      parts.length === 0 ? h("p", { class: "faint", text: "Nothing but times and ids." }) : parts.map(([key, before, after]) => h("section", { class: "detail-section" }, h("header", {}, h("h3", { text: key })), lines(before ?? "", after ?? ""))),
    );
    this.body.scrollTop = 0;
  }
}

function said(record) {
  return [record.status, record.status_message].filter(Boolean).join(": ");
}

/** JSON with a line for each value, so that only what differs is shown as different. */
function readable(data) {
  if (data === undefined || data === null) return null;
  const parsed = typeof data === "string" ? parse(data) : data;
  try {
    return (parsed === undefined ? data : stringify(parsed, 2)).slice(0, LONGEST);
  } catch {
    // Deeper than can be written.
    return String(data).slice(0, LONGEST);
  }
}

function lines(before, after) {
  const all = before === "" ? after.split("\n").map((text) => ({ kind: "b", text })) : after === "" ? before.split("\n").map((text) => ({ kind: "a", text })) : diff(before, after);
  const isNear = (index) => all.slice(Math.max(0, index - AROUND), index + AROUND + 1).some((line) => line.kind !== "both");
  const shown = [];
  let left = 0;
  all.forEach((line, index) => {
    if (line.kind === "both" && !isNear(index)) {
      left += 1;
      return;
    }
    if (left > 0) shown.push(h("div", { class: "left-out", text: `${left} equal` }));
    left = 0;
    shown.push(h("div", { class: `diff-line ${line.kind}` }, h("span", { class: "sign", text: { both: " ", a: "−", b: "+" }[line.kind] }), h("span", { text: line.text })));
  });
  if (left > 0) shown.push(h("div", { class: "left-out", text: `${left} equal` }));
  return h("div", { class: "diff" }, shown.slice(0, 2000));
}
