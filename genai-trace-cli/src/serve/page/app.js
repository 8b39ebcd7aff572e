// The page: its head, the view that the address names, and what reaches it: keys and changes.

import { onlyRun } from "./api.js";
import { announce, fill, h, icon, setText } from "./dom.js";
import { bindEverywhere, bindHere, help } from "./keyboard.js";
import { CompareView } from "./compare.js";
import { ListView } from "./list.js";
import { RunView } from "./run.js";
import { listen } from "./live.js";
import { parse, replace, runAddress } from "./router.js";
import { switchTheme, themeButton } from "./theme.js";

const VIEWS = { list: ListView, run: RunView, compare: CompareView };
const STATES = { live: "live", reconnecting: "server gone, reconnecting …", report: "report", starting: "connecting …" };

const place = h("main", { id: "view" });
const connection = h("span", { class: "connection", role: "status", "data-state": "starting" }, h("span", { class: "words", text: STATES.starting }));
const files = h("span", { class: "files" });

document.body.append(
  h(
    "header",
    { class: "top" },
    h("a", { class: "brand", href: "#/" }, mark(), h("span", { text: "genai-trace" })),
    files,
    connection,
    themeButton(),
    h("button", { class: "icon-button", type: "button", title: "Keyboard (?)", "aria-label": "Keyboard", on: { click: help } }, h("span", { text: "?" })),
  ),
  place,
  h("div", { id: "said", class: "unseen", "aria-live": "polite" }),
);

let view = null;

function show() {
  const route = parse(window.location.hash);
  // The same view on something else of the same run keeps its place.
  if (view?.takes?.(route)) return;
  view?.leave?.();
  view = new VIEWS[route.page](route, { files: (text) => setText(files, text), title });
  fill(place, view.element);
  bindHere(view.keys);
  view.entered?.();
}

function title(text) {
  const all = text ? `${text} · genai-trace` : "genai-trace";
  // A view tells its title again and again; only a new one is news.
  if (document.title === all && document.getElementById("said")?.textContent) return;
  document.title = all;
  announce(text ?? "Runs");
}

function mark() {
  const bars = icon("filter", 18);
  bars.classList.add("mark");
  return bars;
}

bindEverywhere([
  { keys: ["?"], label: "this list", does: help },
  { keys: ["t"], label: "dark, light, or as the system has it", does: switchTheme },
  { keys: ["r"], label: "the list of runs", does: () => (window.location.hash = "#/") },
]);
window.addEventListener("hashchange", show);
listen(
  (changed) => view?.changed?.(changed),
  (state) => {
    connection.dataset.state = state;
    setText(connection.firstChild, STATES[state]);
  },
);
const only = onlyRun();
if (only && !window.location.hash) replace(runAddress(only));
show();
