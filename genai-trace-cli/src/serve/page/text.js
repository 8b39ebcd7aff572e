// Texts of any length: long ones are folded, and very long ones are put into the page piece by piece.

import { copyButton, h } from "./dom.js";
import { bytes } from "./format.js";

/** What is shown of a folded text, and how much more each press brings. */
const LINES = 14;
const FOLDED = 1400;
const PIECE = 60_000;

/** A text as it stands, `more()` fetching the whole where only its beginning (of `cut` bytes) is at hand. */
export function longText(text, { cut = null, more = null, mono = false } = {}) {
  const body = h("div", { class: mono ? "text mono" : "text" });
  const element = h("div", { class: "long-text" }, body);
  const begin = beginning(text);
  body.append(h("span", { text: begin }));
  if (begin.length === text.length && !cut) return element;
  const bar = h("div", { class: "more" });
  element.append(bar);
  let whole = cut ? null : text;
  let until = begin.length;
  const grow = h("button", { class: "button quiet", type: "button" });
  const label = () => {
    const size = cut ?? text.length;
    grow.textContent = until === begin.length ? `Show ${size > PIECE ? "more" : "all"} (${bytes(size)})` : `Show more (${bytes(Math.max(0, size - until))} left)`;
  };
  grow.addEventListener("click", async () => {
    try {
      if (whole === null && until >= text.length && more) whole = await more();
    } catch (failure) {
      bar.replaceChildren(h("span", { class: "faint", text: failure.message }));
      return;
    }
    const all = whole ?? text;
    const next = piece(all, until);
    body.append(h("span", { text: all.slice(until, next) }));
    until = next;
    if (until >= all.length && (whole !== null || !more)) grow.remove();
    else label();
  });
  label();
  bar.append(grow);
  if (!cut || more) bar.append(copyButton(async () => (whole ??= await more())));
  return element;
}

/** The end of the next piece, which does not part the halves of a character. */
function piece(text, from) {
  const to = Math.min(text.length, from + PIECE);
  const code = text.charCodeAt(to - 1);
  return to < text.length && code >= 0xd800 && code < 0xdc00 ? to - 1 : to;
}

function beginning(text) {
  let end = Math.min(text.length, FOLDED);
  for (let lines = 0, at = text.indexOf("\n"); at >= 0 && at < end; at = text.indexOf("\n", at + 1)) {
    lines += 1;
    if (lines === LINES) end = at;
  }
  // A little more than fits is not worth a button.
  return text.length - end < 200 && !text.slice(end).includes("\n") ? text : text.slice(0, end);
}
