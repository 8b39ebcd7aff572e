// The keyboard: one map for each view, and the dialog that tells it.

import { h, iconButton } from "./dom.js";

/** Keys that work everywhere, by what they are called in the dialog. */
let everywhere = [];
let here = [];

/** `keys` are `{keys: ["j", "ArrowDown"], label, does(event)}`. */
export function bindEverywhere(keys) {
  everywhere = keys;
  document.addEventListener("keydown", pressed);
}

export function bindHere(keys) {
  here = keys;
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const field = event.target.closest?.("input, textarea, select");
  if (field) {
    if (event.key === "Escape") field.blur();
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  // A button or a link has the keys that press it for itself.
  const isControl = event.target.closest?.("button, a, summary");
  if (isControl && (event.key === "Enter" || event.key === " ")) return;
  // Tabs move with the arrows, by their own rule.
  if (event.target.closest?.("[role=tab]") && event.key.startsWith("Arrow")) return;
  const bound = [...here, ...everywhere].find((binding) => binding.keys.includes(event.key));
  if (!bound) return;
  event.preventDefault();
  bound.does(event);
}

const SPELT = { ArrowDown: "↓", ArrowUp: "↑", ArrowLeft: "←", ArrowRight: "→", Enter: "⏎", Escape: "esc", Home: "home", End: "end", PageDown: "pg dn", PageUp: "pg up" };

/** Shows which key does what in this view. */
export function help() {
  const row = (binding) =>
    h("tr", {}, h("td", {}, binding.keys.map((key) => h("kbd", { text: SPELT[key] ?? key }))), h("td", { text: binding.label }));
  const part = (title, keys) => h("section", {}, h("h3", { text: title }), h("table", {}, h("tbody", {}, keys.map(row))));
  openDialog("Keyboard", h("div", { class: "help" }, part("In this view", here), part("Everywhere", everywhere)));
}

/** A dialog that closes by its button, by Escape and by a click beside it. */
export function openDialog(title, content) {
  const dialog = h(
    "dialog",
    { "aria-label": title },
    h("header", {}, h("h2", { text: title }), iconButton("close", "Close", () => dialog.close())),
    content,
  );
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
