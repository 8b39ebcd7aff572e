// What was said in a run: each message once, in order, tools' results with their calls.

import * as api from "./api.js";
import { fill, h } from "./dom.js";
import { count, duration, money } from "./format.js";
import { paced } from "./live.js";
import { messages } from "./message.js";

export class ConversationView {
  constructor(trace, open) {
    this.trace = trace;
    this.open = open;
    this.said = null;
    this.element = h("div", { class: "conversation", tabindex: "0", role: "region", "aria-label": "Conversation" }, h("p", { class: "faint", text: "Loading …" }));
    this.renewed = paced(() => this.load());
    this.renewed();
  }

  async load() {
    let conversation;
    try {
      conversation = await api.conversation(this.trace.run.trace_id);
    } catch (failure) {
      if (this.said === null) fill(this.element, h("div", { class: "state" }, h("p", { text: failure.message })));
      return;
    }
    const said = JSON.stringify(conversation);
    if (said === this.said) return;
    this.said = said;
    this.draw(conversation);
  }

  draw(conversation) {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    const isAtEnd = this.drawn && scrollTop + clientHeight > scrollHeight - 40;
    if (conversation.messages.length === 0 && conversation.system.length === 0) {
      fill(this.element, nothing(this.trace));
      return;
    }
    fill(this.element, h("h2", { class: "unseen", text: "Conversation" }), messages(conversation, { link: (id) => this.link(id), about: (message) => this.about(message), more: null }));
    // Whoever reads the newest message goes on with the next one; whoever reads elsewhere stays there.
    this.element.scrollTop = isAtEnd && this.trace.isOpen ? this.element.scrollHeight : scrollTop;
    this.drawn = true;
  }

  entered() {
    this.focus();
  }

  focus() {
    this.element.focus({ preventScroll: true });
  }

  /** From message to message. */
  scroll(key) {
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[key];
    const all = [...this.element.querySelectorAll(".message")];
    if (key === "Home") all.at(0)?.scrollIntoView({ block: "start" });
    if (key === "End") all.at(-1)?.scrollIntoView({ block: "end" });
    if (!step) return;
    const at = all.indexOf(document.activeElement?.closest?.(".message"));
    const next = all[Math.max(0, Math.min(all.length - 1, at + step))];
    next?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: "nearest" });
  }

  link(id) {
    const span = this.trace.span(id);
    if (!span) return null;
    return h("button", { class: `span-link${span.outcome === "error" ? " bad" : ""}`, type: "button", "data-kind": span.kind, title: "Show the span", on: { click: () => this.open(id) } }, `${span.name} · ${duration(this.trace.lasts(span))}`);
  }

  about(message) {
    const span = this.trace.span(message.span);
    if (!span || message.role !== "assistant") return null;
    const figures = [span.tokens && `${count(span.tokens.input)} / ${count(span.tokens.output)} tokens`, span.cost !== null && money(span.cost)].filter(Boolean).join(" · ");
    return [h("span", { class: "faint number", text: figures }), this.link(message.span)];
  }
}

function nothing(trace) {
  const hasModel = trace.spans.some((span) => span.kind === "model");
  return h(
    "div",
    { class: "state" },
    h("h2", { text: hasModel ? "What was said was not recorded" : "Nothing was said" }),
    hasModel
      ? h("p", {}, "Content is recorded only where the program asks for it: set ", h("code", { text: "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=SPAN_ONLY" }), " or the builder's content options.")
      : h("p", { text: "No model was called in this run." }),
  );
}
