// A value as a tree that opens as far as one looks: what is folded is not in the document, so depth and size do no harm.

import { h, icon } from "./dom.js";
import { Exact, parse as exactly } from "./exact.js";
import { counted } from "./format.js";
import { longText } from "./text.js";

/** A value shorter than this stands on one line. */
const LINE = 72;
/** Levels that are open from the start, and the most entries of one that are. */
const OPEN = 3;
const ENTRIES = 100;

/** The only member of what stands for content that is not there. */
const MISSING = "genai_trace.missing";

/** A text that is JSON as that, any other as the text that it is. */
export function value(data, options) {
  const parsed = typeof data === "string" ? parse(data) : data;
  if (parsed === undefined) return longText(data, { mono: true, ...options });
  if (typeof parsed?.[MISSING] === "string") return missing(parsed[MISSING]);
  return h("div", { class: "json" }, tree(parsed, 0));
}

/** Why something is not there that should be. */
export function missing(words) {
  return h("p", { class: "missing" }, icon("error", 14), h("span", { text: `Not shown: ${words}` }));
}

/** The object or list that a text is; a number or a word in quotes stays the text. */
export function parse(text) {
  const first = text.trimStart()[0];
  if (first !== "{" && first !== "[") return undefined;
  try {
    return exactly(text);
  } catch {
    return undefined;
  }
}

function tree(data, depth) {
  if (isScalar(data)) return scalar(data);
  const entries = Object.entries(data);
  const isList = Array.isArray(data);
  if (entries.length === 0) return h("span", { class: "sign", text: isList ? "[]" : "{}" });
  if (short(data, 0) <= LINE) return line(entries, isList);
  return branch(entries, isList, depth);
}

function branch(entries, isList, depth) {
  const list = h("ul", {});
  const open = depth < OPEN && entries.length <= ENTRIES;
  const sign = h("span", { class: "sign", text: isList ? `[ ${counted(entries.length, "item")} ]` : `{ ${counted(entries.length, "key")} }` });
  const fold = h("details", open ? { open: true } : {}, h("summary", {}, sign), list);
  let until = 0;
  const grow = () => {
    const next = Math.min(entries.length, until + ENTRIES);
    for (const [key, inner] of entries.slice(until, next)) list.append(h("li", {}, h("span", { class: isList ? "place" : "key", text: key }), tree(inner, depth + 1)));
    until = next;
    if (until >= entries.length) return;
    const more = h("button", { class: "button quiet", type: "button" }, `${entries.length - until} more`);
    const item = h("li", {}, more);
    more.addEventListener("click", () => {
      item.remove();
      grow();
    });
    list.append(item);
  };
  if (open) grow();
  else fold.addEventListener("toggle", () => until === 0 && grow());
  return fold;
}

function line(entries, isList) {
  const inside = entries.flatMap(([key, inner], index) => [
    index > 0 ? ", " : "",
    isList ? null : h("span", { class: "key", text: key }),
    isList ? null : ": ",
    isScalar(inner) ? scalar(inner) : line(Object.entries(inner), Array.isArray(inner)),
  ]);
  return h("span", { class: "line" }, h("span", { class: "sign", text: isList ? "[" : "{" }), inside, h("span", { class: "sign", text: isList ? "]" : "}" }));
}

function isScalar(data) {
  return data === null || typeof data !== "object" || data instanceof Exact;
}

function scalar(data) {
  if (typeof data !== "string") return h("span", { class: data === null ? "none" : data instanceof Exact ? "number" : typeof data, text: String(data) });
  if (data.length <= LINE && !data.includes("\n")) return h("span", { class: "string", text: JSON.stringify(data) });
  const inner = parse(data);
  // JSON in a string of JSON is what tools answer.
  if (inner !== undefined && data.length < 1_000_000) return h("span", { class: "inner" }, tree(inner, 1));
  return longText(data, { mono: true });
}

/** How long it is on one line; counted no further than needed, nor deeper. */
function short(data, depth) {
  if (typeof data === "string") return data.includes("\n") ? Infinity : data.length + 2;
  if (isScalar(data)) return String(data).length;
  if (depth > 3) return Infinity;
  let length = 2;
  for (const [key, inner] of Object.entries(data)) {
    length += (Array.isArray(data) ? 2 : key.length + 4) + short(inner, depth + 1);
    if (length > LINE) return Infinity;
  }
  return length;
}
