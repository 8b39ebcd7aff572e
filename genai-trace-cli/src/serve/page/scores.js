// What evaluations gave, as a word, and what was written to scores, marks and notes: in the page itself, since a tooltip
// is for a mouse alone.

import { h } from "./dom.js";
import { number as shortened } from "./format.js";
import { longText } from "./text.js";

/** What labels mean whichever evaluation gives them; numbers have scales of their own. */
const GOOD = ["pass", "passed", "good"];
const BAD = ["fail", "failed", "bad"];
/** What is said by hand. */
export const MARK = "mark";
export const NOTE = "note";
/** More comments than this are folded. */
const OPEN = 3;

/** Whether somebody said it by hand. */
export function isByHand(score) {
  return score.name === MARK || score.name === NOTE;
}

function said(score) {
  const number = score.value === null ? null : shortened(score.value);
  const failed = score.error_type === null ? null : `failed (${score.error_type})`;
  return [score.name, number, score.label, failed].filter((part) => part !== null).join(" ");
}

export function scoreChip(score) {
  const label = score.label?.toLowerCase();
  const verdict = score.error_type !== null || BAD.includes(label) ? "bad" : GOOD.includes(label) ? "good" : "";
  return h("span", { class: `chip score ${verdict}`, title: said(score) }, h("span", { text: said(score) }));
}

/** What has a comment, by hand before all others. */
function commented(scores) {
  const all = (scores ?? []).filter((score) => score.comment);
  return [...all.filter(isByHand), ...all.filter((score) => !isByHand(score))];
}

/** What was written to the scores of a span, or of the run itself where `span` is null; none where nothing was. */
export function comments(scores, span) {
  const all = commented(scores).filter((score) => score.span_id === span);
  if (all.length === 0) return null;
  const rest = all.slice(OPEN);
  return h(
    "div",
    { class: "comments", role: "group", "aria-label": "Comments", tabindex: "0" },
    h("ul", {}, all.slice(0, OPEN).map(comment)),
    rest.length > 0 && h("details", {}, h("summary", {}, `${rest.length} more`), h("ul", {}, rest.map(comment))),
  );
}

function comment(score) {
  const about = score.name === MARK ? (score.label ?? MARK) : isByHand(score) ? NOTE : said(score);
  return h("li", { class: "comment" }, h("b", { class: "comment-of", text: about }), h("div", { class: "note-text" }, longText(score.comment)));
}

/** What was written to a run and its spans as one line of a list has room for it: what is about the run goes first. */
export function commentLine(scores) {
  const all = commented(scores);
  const first = all.find((score) => score.span_id === null) ?? all[0];
  if (!first) return "";
  const words = isByHand(first) ? first.comment : `${said(first)}: ${first.comment}`;
  return all.length > 1 ? `${words} (and ${all.length - 1} more)` : words;
}
