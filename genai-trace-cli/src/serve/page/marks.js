// Marks, good or bad, and notes. They are scores of the names "mark" and "note"; the latest holds.

import { isReport, score } from "./api.js";
import { announce, fill, h, icon } from "./dom.js";
import { openDialog } from "./keyboard.js";

const MARK = "mark";
const NOTE = "note";

/** What was said by hand of a span, or of the run itself where `span` is null: `{label, texts, note}`. */
function saidOf(scores, span) {
  const of = (name) => (scores ?? []).find((score) => score.name === name && score.span_id === span);
  const [mark, note] = [of(MARK), of(NOTE)];
  const texts = [mark?.comment, note?.comment].filter(Boolean);
  return { label: mark?.label ?? null, texts, note: note?.comment ?? null };
}

/** By span id, what was said by hand: what rows show. */
export function marksBySpan(scores) {
  const spans = new Set((scores ?? []).map((score) => score.span_id));
  spans.delete(null);
  return new Map([...spans].map((span) => [span, saidOf(scores, span)]));
}

/** What evaluations gave. */
export function evaluations(scores, span) {
  return (scores ?? []).filter((score) => ![MARK, NOTE].includes(score.name) && score.span_id === span);
}

/** Buttons for one target; `marked(score)` is told what has been kept. */
export class Marks {
  constructor({ trace, span, marked }) {
    this.target = { trace_id: trace, span_id: span };
    this.marked = marked;
    this.said = saidOf([], span);
    this.element = h("div", { class: "marks", role: "group", "aria-label": span ? "Mark this span" : "Mark this run" });
  }

  /** Shows what holds now. */
  show(scores) {
    this.said = saidOf(scores, this.target.span_id);
    const { label, texts, note } = this.said;
    if (isReport && !label && texts.length === 0) return fill(this.element);
    const focused = this.element.contains(document.activeElement) ? document.activeElement.classList[1] : null;
    const button = (name, pressed, text, does) =>
      h(
        "button",
        { class: `mark-button ${name}`, type: "button", "aria-pressed": String(pressed), "aria-label": text, disabled: isReport, on: { click: does } },
        icon(name),
        h("span", { text }),
      );
    fill(
      this.element,
      button("good", label === "good", "Good", () => this.toggle("good")),
      button("bad", label === "bad", "Bad", () => this.toggle("bad")),
      button("note", Boolean(note), note ? "Note" : "Add note", () => this.note()),
      texts.map((text) => h("p", { class: "note-text", text })),
    );
    if (focused) this.element.querySelector(`.${focused}`)?.focus();
    return this.element;
  }

  toggle(label) {
    return this.keep({ name: MARK, label: this.said.label === label ? null : label });
  }

  note() {
    const field = h("textarea", { rows: 4, "aria-label": "Note", placeholder: "What is worth remembering about it?" });
    field.value = this.said.note ?? "";
    const keep = async () => {
      dialog.close();
      await this.keep({ name: NOTE, comment: field.value.trim() || null });
    };
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) keep();
    });
    const dialog = openDialog(
      "Note",
      h("div", { class: "note-form" }, field, h("button", { class: "button primary", type: "button", on: { click: keep } }, "Keep")),
    );
    field.focus();
  }

  async keep(said) {
    if (isReport) return;
    try {
      const kept = await score({ ...this.target, ...said });
      announce(said.label ? `Marked ${said.label}` : "Kept");
      this.marked(kept);
    } catch (failure) {
      openDialog("The mark was not kept", h("p", { text: failure.message }));
    }
  }
}

/** Marks as a row of the list shows them. */
export function badges(marks) {
  const badge = (name, number, word) =>
    number > 0 && h("span", { class: `mark-badge ${name}`, title: `${number} ${word}` }, icon(name, 12), number > 1 ? String(number) : null, h("span", { class: "unseen", text: word }));
  return [badge("good", marks?.good, "good"), badge("bad", marks?.bad, "bad"), badge("note", marks?.notes, "note")];
}
