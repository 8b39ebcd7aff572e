// What an evaluation gave, as a word.

import { h } from "./dom.js";

export function scoreChip(score) {
  const value = [score.value === null ? null : String(Math.round(score.value * 1000) / 1000), score.label].filter((part) => part !== null).join(" ");
  return h("span", { class: "chip score", title: score.comment ?? score.name }, h("span", { text: `${score.name} ${value}` }));
}
