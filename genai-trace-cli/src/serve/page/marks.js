// Marks, good or bad, and notes. They are scores of the names "mark" and "note"; the latest holds.

import { isReport, score } from "./api.js";
import { announce, fill, h, icon, setText } from "./dom.js";
import { openDialog } from "./keyboard.js";
import { isByHand, MARK, NOTE } from "./scores.js";

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
  return (scores ?? []).filter((score) => !isByHand(score) && score.span_id === span);
}

/** Buttons for one target, which is called `name`; `marked(score)` is told what has been kept. */
export class Marks {
  constructor({ trace, span, name = "the run", marked }) {
    this.target = { trace_id: trace, span_id: span };
    this.name = name;
    this.marked = marked;
    this.isBusy = false;
    this.said = saidOf([], span);
    this.element = h("div", { class: "marks", role: "group", "aria-label": span ? "Mark this span" : "Mark this run" });
  }

  /** Shows what holds now. */
  show(scores) {
    this.said = saidOf(scores, this.target.span_id);
    this.draw();
  }

  draw() {
    const { label, note } = this.said;
    if (isReport && !label && !note) {
      fill(this.element);
      return;
    }
    const focused = this.focused();
    const button = (name, pressed, text, does) =>
      h(
        "button",
        { class: `mark-button ${name}`, type: "button", "aria-pressed": String(pressed), "aria-label": text, disabled: isReport, on: { click: does } },
        icon(name),
        h("span", { text }),
      );
    // The second click of a double one would take back what the first has marked.
    const toggle = (name) => (event) => event.detail > 1 || this.toggle(name);
    fill(
      this.element,
      button("good", label === "good", "Good", toggle("good")),
      button("bad", label === "bad", "Bad", toggle("bad")),
      button("note", Boolean(note), note ? "Note" : "Add note", () => this.note()),
    );
    this.focus(focused);
  }

  /** Which of its buttons has the focus. */
  focused() {
    return this.element.contains(document.activeElement) ? document.activeElement.classList[1] : null;
  }

  focus(name) {
    if (name) this.element.querySelector(`.${name}`)?.focus();
  }

  async toggle(name) {
    const label = this.said.label === name ? null : name;
    try {
      if (!(await this.keep({ name: MARK, label }))) return;
    } catch (failure) {
      openDialog("The mark was not kept", h("p", { text: failure.message }));
      return;
    }
    this.said.label = label;
    this.draw();
    announce(label ? `Marked ${label}: ${this.name}` : `No mark any more: ${this.name}`);
  }

  note() {
    const field = h("textarea", { rows: 4, "aria-label": "Note", placeholder: "What is worth remembering about it?" });
    const before = this.said.note ?? "";
    field.value = before;
    const failed = h("p", { class: "bad", role: "alert", hidden: true });
    const keep = async () => {
      const text = field.value.trim();
      try {
        if (text !== before && !(await this.keep({ name: NOTE, comment: text || null }))) return;
      } catch (failure) {
        failed.hidden = false;
        setText(failed, `It was not kept: ${failure.message}`);
        return;
      }
      dialog.close();
      announce(`Kept the note: ${this.name}`);
    };
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) keep();
    });
    const dialog = openDialog(
      "Note",
      h("div", { class: "note-form" }, h("p", { class: "note-of faint", text: `On ${this.name}` }), field, failed, h("button", { class: "button primary", type: "button", on: { click: keep } }, "Keep")),
    );
    field.focus();
  }

  /** Whether it has been kept; not while something else is being kept. */
  async keep(said) {
    if (isReport || this.isBusy) return false;
    this.isBusy = true;
    try {
      this.marked(await score({ ...this.target, ...said }));
      return true;
    } finally {
      this.isBusy = false;
    }
  }
}

/** Marks as a row of the list shows them. */
export function badges(marks) {
  const badge = (name, number, word) =>
    number > 0 && h("span", { class: `mark-badge ${name}`, title: `${number} ${word}` }, icon(name, 12), number > 1 ? String(number) : null, h("span", { class: "unseen", text: word }));
  return [badge("good", marks?.good, "good"), badge("bad", marks?.bad, "bad"), badge("note", marks?.notes, "note")];
}
