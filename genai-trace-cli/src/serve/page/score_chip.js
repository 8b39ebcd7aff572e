// What an evaluation gave, as a word.

import { h } from "./dom.js";
import { number as shortened } from "./format.js";

/** What labels mean whichever evaluation gives them; numbers have scales of their own. */
const GOOD = ["pass", "passed", "good"];
const BAD = ["fail", "failed", "bad"];

export function scoreChip(score) {
  const number = score.value === null ? null : shortened(score.value);
  const failed = score.error_type === null ? null : `failed (${score.error_type})`;
  const value = [number, score.label, failed].filter((part) => part !== null).join(" ");
  const label = score.label?.toLowerCase();
  const verdict = failed || BAD.includes(label) ? "bad" : GOOD.includes(label) ? "good" : "";
  const said = `${score.name} ${value}`;
  return h("span", { class: `chip score ${verdict}`, title: score.comment ? `${said}: ${score.comment}` : said }, h("span", { text: said }));
}
