// A part of a message: text, reasoning, a call of a tool with its result, an image, a file.

import { h, icon } from "./dom.js";
import { Exact } from "./exact.js";
import { bytes } from "./format.js";
import { missing, value } from "./json.js";
import { longText } from "./text.js";

/** Images that a browser draws without running anything of theirs. */
const IMAGES = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"];

/**
 * What a part shows. `context.link(span id)` gives what leads to a span, `context.results` holds the answers of
 * tools by the id of the call, so that each stands with its call.
 */
export function part(data, context) {
  const options = { cut: data.cut, more: context.more };
  if (data.type === "text") return longText(data.text ?? "", options);
  if (data.type === "reasoning") return h("details", { class: "reasoning" }, h("summary", {}, "Reasoning"), longText(data.text ?? "", options));
  if (data.type === "tool_call") return call(data, context);
  if (data.type === "tool_call_response") return answer(data, context);
  if (data.type === "blob") return blob(data);
  if (data.type === "missing") return missing(data.text);
  if (data.type === "uri" || data.type === "file") return reference(data);
  return h("div", { class: "part-other" }, h("span", { class: "chip", text: data.type }), value(data.text ?? data.result ?? data.arguments ?? data));
}

function call(data, context) {
  const result = context.results?.get(data.id);
  const spanId = data.span ?? result?.span;
  return h(
    "section",
    { class: "tool-call", "aria-label": `Call of ${data.name}` },
    h("header", {}, icon("right", 12), h("b", { text: data.name ?? "tool" }), data.id && h("code", { class: "faint", text: data.id }), h("span", { class: "grow" }), spanId && context.link(spanId)),
    hasContent(data.arguments) ? h("div", { class: "arguments" }, value(data.arguments)) : h("p", { class: "faint", text: "no arguments" }),
    result && h("div", { class: "result" }, h("h4", { text: "Result" }), resultOf(result, context)),
  );
}

function answer(data, context) {
  return h(
    "section",
    { class: "tool-call answer" },
    h("header", {}, icon("back", 12), h("b", { text: data.name ?? "result" }), data.id && h("code", { class: "faint", text: data.id }), h("span", { class: "grow" }), data.span && context.link(data.span)),
    h("div", { class: "result" }, resultOf(data, context)),
  );
}

function resultOf(data, context) {
  const said = data.result ?? data.text;
  return hasContent(said) ? value(said, { cut: data.cut, more: context.more }) : h("p", { class: "faint", text: "no content" });
}

function hasContent(data) {
  return data !== null && data !== undefined && data !== "" && !(typeof data === "object" && !(data instanceof Exact) && Object.keys(data).length === 0);
}

function blob(data) {
  const content = data.text ?? "";
  const mime = (data.mime ?? "").toLowerCase();
  const isWhole = !data.cut && /^[A-Za-z0-9+/=\s_-]+$/.test(content);
  if (isWhole && IMAGES.includes(mime)) return h("img", { class: "picture", alt: data.name ?? "image of the message", src: `data:${mime};base64,${content.replace(/\s/g, "")}` });
  return h("p", { class: "chip" }, h("span", { text: `${mime || "data"}, ${bytes(data.cut ?? content.length)} of base64` }));
}

function reference(data) {
  const address = data.text ?? data.id ?? data.name ?? "";
  return h("p", { class: "reference" }, h("span", { class: "chip", text: data.mime ?? data.type }), h("code", { text: address }));
}
