// Messages, one below the other: who said it, with what, and in which span.

import { h } from "./dom.js";
import { counted } from "./format.js";
import { part } from "./part.js";
import { value } from "./json.js";

const ROLES = { system: "System", user: "User", assistant: "Assistant", tool: "Tool" };

/** Reasons to finish that say nothing which is not seen. */
const USUAL = ["stop", "tool_call", "tool_calls", "tool_use", "end_turn"];

/** The answers of tools, by the id of the call. */
export function resultsOf(messages) {
  const results = new Map();
  for (const message of messages) {
    for (const data of message.parts) {
      if (data.type === "tool_call_response" && data.id) results.set(data.id, { ...data, name: data.name ?? message.name });
    }
  }
  return results;
}

/** Everything of a conversation. `about(message)` is what stands beside who said it: model, tokens, a link. */
export function messages(conversation, { link, about = () => null, more = null }) {
  const results = resultsOf(conversation.messages);
  const asked = new Set(conversation.messages.flatMap((message) => message.parts.filter((data) => data.type === "tool_call").map((data) => data.id)));
  const context = { link, results, more };
  const shown = conversation.messages
    // A result that stands with its call is not shown twice.
    .map((message) => ({ ...message, parts: message.parts.filter((data) => data.type !== "tool_call_response" || !asked.has(data.id)) }))
    .filter((message, index) => message.parts.length > 0 || conversation.messages[index].parts.length === 0);
  return [
    conversation.system.length > 0 && system(conversation, context),
    conversation.tools.length > 0 && tools(conversation.tools),
    ...shown.map((message) => one(message, context, about)),
  ].filter(Boolean);
}

function one(message, context, about) {
  const role = Object.hasOwn(ROLES, message.role) ? message.role : "other";
  return h(
    "article",
    { class: `message ${role}`, tabindex: "-1" },
    h("header", {}, h("h3", { text: ROLES[role] ?? message.role }), message.name && h("span", { class: "faint", text: message.name }), message.finish && !USUAL.includes(message.finish) && h("span", { class: "chip", text: message.finish }), h("span", { class: "grow" }), about(message)),
    message.parts.length > 0 ? message.parts.map((data) => part(data, context)) : h("p", { class: "faint", text: "no content" }),
  );
}

function system(conversation, context) {
  return h("article", { class: "message system", tabindex: "-1" }, h("header", {}, h("h3", { text: "System" })), conversation.system.map((data) => part(data, context)));
}

function tools(offered) {
  const item = (tool) => h("li", {}, h("b", { text: tool.name }), tool.description ? h("span", { text: ` ${tool.description}` }) : null, tool.parameters ? value(tool.parameters) : null);
  return h("details", { class: "offered" }, h("summary", {}, `${counted(offered.length, "tool")} offered: `, h("span", { class: "faint", text: offered.map((tool) => tool.name).join(", ") })), h("ul", {}, offered.map(item)));
}
