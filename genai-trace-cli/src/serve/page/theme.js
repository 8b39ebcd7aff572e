// Dark or light: as the system has it, or as was chosen.

import { h, icon } from "./dom.js";

const KEY = "genai-trace theme";
const NEXT = { auto: "dark", dark: "light", light: "auto" };
const DRAWN = { auto: "auto", dark: "moon", light: "sun" };

let current = "auto";
let button;

/** A choice may not be kept where the page is a file; then it holds until it is closed. */
function kept() {
  try {
    return localStorage.getItem(KEY) ?? "auto";
  } catch {
    return "auto";
  }
}

function choose(theme) {
  current = Object.hasOwn(NEXT, theme) ? theme : "auto";
  document.documentElement.dataset.theme = current;
  const label = `Theme: ${current === "auto" ? "as the system has it" : current}`;
  button.replaceChildren(icon(DRAWN[current]));
  button.title = label;
  button.setAttribute("aria-label", label);
  document.dispatchEvent(new Event("theme"));
}

export function switchTheme() {
  choose(NEXT[current]);
  try {
    localStorage.setItem(KEY, current);
  } catch {
    // It holds for this page all the same.
  }
}

export function themeButton() {
  button = h("button", { class: "icon-button", type: "button", on: { click: switchTheme } });
  choose(kept());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new Event("theme")));
  return button;
}
