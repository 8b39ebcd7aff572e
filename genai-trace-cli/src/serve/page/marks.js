// Marks: good, bad, a note. They are scores of the name "mark"; the latest holds.

import { isReport, score } from "./api.js";
import { announce, fill, h, icon } from "./dom.js";
import { openDialog } from "./keyboard.js";

const NAME = "mark";

/** A score of the API as `{name, label, value, comment, span, time}`, whichever way its record spells them. */
export function readScore(record) {
  const said = record.attributes ?? {};
  const of = (key) => said[`gen_ai.evaluation.${key}`];
  return {
    name: of("name") ?? record.name ?? "",
    label: of("score.label") ?? record.label ?? null,
    value: of("score.value") ?? record.value ?? null,
    comment: of("explanation") ?? record.comment ?? record.explanation ?? null,
    span: record.span_id ?? null,
    time: record.time_unix_nano ?? 0,
  };
}

/** The mark that holds for a span, or for the run itself where `span` is null. */
export function markOf(scores, span) {
  let found = null;
  for (const record of scores ?? []) {
    const read = readScore(record);
    if (read.name === NAME && read.span === span && (!found || read.time >= found.time)) found = read;
  }
  return found;
}

/** By span id, the marks that hold: what rows show. */
export function marksBySpan(scores) {
  const marks = new Map();
  for (const record of scores ?? []) {
    const read = readScore(record);
    if (read.name !== NAME || read.span === null) continue;
    if ((marks.get(read.span)?.time ?? -1) <= read.time) marks.set(read.span, read);
  }
  return marks;
}

/** Scores that are no marks: what evaluations gave. */
export function evaluations(scores, span) {
  return (scores ?? []).map(readScore).filter((read) => read.name !== NAME && read.span === span);
}

/** Buttons for one target; `marked(score)` is told what has been kept. */
export class Marks {
  constructor({ trace, span, marked }) {
    this.target = { trace_id: trace, span_id: span };
    this.marked = marked;
    this.mark = null;
    this.element = h("div", { class: "marks", role: "group", "aria-label": span ? "Mark this span" : "Mark this run" });
  }

  /** Shows what holds now. */
  show(scores) {
    this.mark = markOf(scores, this.target.span_id);
    const { label, comment } = this.mark ?? {};
    if (isReport && !label && !comment) return fill(this.element);
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
      button("note", Boolean(comment), comment ? "Note" : "Add note", () => this.note()),
      comment && h("p", { class: "note-text", text: comment }),
    );
    if (focused) this.element.querySelector(`.${focused}`)?.focus();
    return this.element;
  }

  toggle(label) {
    return this.keep({ label: this.mark?.label === label ? null : label, comment: this.mark?.comment ?? null });
  }

  note() {
    const field = h("textarea", { rows: 4, "aria-label": "Note", placeholder: "What is worth remembering about it?" });
    field.value = this.mark?.comment ?? "";
    const keep = async () => {
      dialog.close();
      await this.keep({ label: this.mark?.label ?? null, comment: field.value.trim() || null });
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
      const kept = await score({ ...this.target, name: NAME, value: null, ...said });
      announce(said.label ? `Marked ${said.label}` : "Mark kept");
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
