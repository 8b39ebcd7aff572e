// Elements are made here and nowhere else, and what a trace says gets in as text only: no string of it is ever
// read as HTML, as a handler, or as a style.

import { shown } from "./format.js";

const SVG = "http://www.w3.org/2000/svg";

/** An element. `text` is content of a trace or a word of ours; `vars` are custom properties of CSS; `on` handlers. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") element.className = value;
    else if (name === "text") element.textContent = shown(value);
    else if (name === "on") for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
    else if (name === "vars") setVars(element, value);
    else element.setAttribute(name, value === true ? "" : shown(value));
  }
  put(element, children);
  return element;
}

/** Sets custom properties, which a strict policy allows where it forbids a style attribute. */
export function setVars(element, vars) {
  for (const [name, value] of Object.entries(vars)) element.style.setProperty(`--${name}`, value);
}

/** Replaces all children. */
export function fill(element, ...children) {
  element.textContent = "";
  put(element, children);
  return element;
}

function put(element, children) {
  for (const child of children.flat(2)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(typeof child === "string" || typeof child === "number" ? shown(child) : child);
  }
}

/** Writes only where something changes: rows are written many times a second. */
export function setText(element, text) {
  const value = shown(text);
  if (element.textContent !== value) element.textContent = value;
}

/** The tooltip of an element, which is content as much as its text. */
export function setTitle(element, text) {
  const value = shown(text);
  if (element.title !== value) element.title = value;
}

const ICONS = {
  back: "M10 3 5 8l5 5",
  right: "m6 3 5 5-5 5",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.6-1.4L14 14",
  good: "m3 8.5 3.5 3.5L13 4.5",
  bad: "m4 4 8 8m0-8-8 8",
  note: "M3 3h10v7.5H8L5 13.5v-3H3Z",
  copy: "M6 6h7v7H6Zm4-3H3v7",
  compare: "M2.5 3h4.2v10H2.5Zm6.8 0h4.2v10H9.3Z",
  error: "M8 2 14.5 13.5h-13ZM8 6.5v3.2m0 1.6v.4",
  sun: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6ZM8 1v1.5m0 11V15M1 8h1.5m11 0H15M3 3l1.1 1.1m7.8 7.8L13 13m0-10-1.1 1.1M4.1 11.9 3 13",
  moon: "M13 9.6A5.6 5.6 0 0 1 6.4 3 5.6 5.6 0 1 0 13 9.6Z",
  auto: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 0v12",
  close: "m4 4 8 8m0-8-8 8",
  filter: "M2 4h12M4.5 8h7M6.5 12h3",
  link: "M6.5 9.5 9.5 6.5M7 4.5 8.5 3a3 3 0 0 1 4.5 4.5L11.5 9M9 11.5 7.500 13A3 3 0 0 1 3 8.500L4.500 7",
  fit: "M2 6V2h4m4 0h4v4m0 4v4h-4m-4 0H2v-4",
};

/** A drawing of 16 by 16 that says nothing to a screen reader. */
export function icon(name, size = 16) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 16 16", width: size, height: size, class: "icon", "aria-hidden": "true" })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button with a drawing; what it does is its name and its tooltip. */
export function iconButton(name, label, onclick, extra = {}) {
  return h("button", { class: "icon-button", type: "button", title: label, "aria-label": label, ...extra, on: { click: onclick } }, icon(name));
}

/** A button that copies what `text` gives, and says that it did, or why not. */
export function copyButton(text, label = "Copy") {
  const failed = h("span", { class: "bad", role: "alert", hidden: true });
  const button = iconButton("copy", label, async () => {
    try {
      await copy(await text());
    } catch (failure) {
      failed.hidden = false;
      setText(failed, `Not copied: ${failure.message}`);
      return;
    }
    failed.hidden = true;
    button.classList.add("done");
    announce("Copied");
    setTimeout(() => button.classList.remove("done"), 1200);
  });
  return h("span", { class: "copy" }, button, failed);
}

async function copy(value) {
  try {
    await navigator.clipboard.writeText(value);
  } catch {
    if (!copyBySelection(value)) throw new Error("the browser does not allow it");
  }
}

/** Where there is no clipboard to write to (a page opened from a file): a field is selected and copied. */
function copyBySelection(value) {
  const field = h("textarea", { class: "unseen" });
  field.value = value;
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  return isCopied;
}

/** Says something to screen readers. */
export function announce(text) {
  const place = document.getElementById("said");
  if (place) setText(place, text);
}
