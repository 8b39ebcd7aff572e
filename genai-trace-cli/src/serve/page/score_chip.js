// What an evaluation gave, as a word.

import { h } from "./dom.js";

/** What labels mean whichever evaluation gives them; numbers have scales of their own. */
const VERDICTS = { pass: "good", passed: "good", good: "good", fail: "bad", failed: "bad", bad: "bad" };

export function scoreChip(score) {
  const number = score.value === null ? null : String(Math.round(score.value * 1000) / 1000);
  const failed = score.error_type === null ? null : `failed (${score.error_type})`;
  const value = [number, score.label, failed].filter((part) => part !== null).join(" ");
  const verdict = failed ? "bad" : (VERDICTS[score.label?.toLowerCase()] ?? "");
  return h("span", { class: `chip score ${verdict}`, title: score.comment ?? score.name }, h("span", { text: `${score.name} ${value}` }));
}
