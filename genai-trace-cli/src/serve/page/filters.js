// What the list of runs is narrowed by. The fields stand for the address, and the address for them.

import { isReport } from "./api.js";
import { fill, h, icon, iconButton } from "./dom.js";

/** How long after the last key the list is asked anew. */
const PAUSE = 180;
const TIMES = { "": "Any time", "15m": "Last 15 minutes", "1h": "Last hour", "24h": "Last 24 hours", "7d": "Last 7 days", "30d": "Last 30 days" };
const FOLDED = ["min_ms", "max_ms", "min_cost", "max_cost", "attribute"];
const NAMES = ["text", "tool", "model", "agent", "errors", "live", "since", "until", ...FOLDED];

/** The filters of an address, each once, in one way of writing. */
export function filtersOf(params) {
  const kept = new URLSearchParams();
  for (const [name, value] of params) {
    if (!NAMES.includes(name) || !value) continue;
    const said = isSwitch(name) ? (SWITCHED.get(value) ?? value) : value;
    if (name === "attribute") kept.append(name, said);
    else if (said) kept.set(name, said);
    else kept.delete(name);
  }
  return kept;
}

/** What the server takes for a switch; one that is off is no filter. */
const SWITCHED = new Map([
  ["true", "1"],
  ["false", ""],
  ["0", ""],
]);

function isSwitch(name) {
  return name === "errors" || name === "live";
}

export class Filters {
  /** `changed(params)` is told what is wanted now. */
  constructor(params, changed) {
    this.changed = changed;
    this.attributes = [];
    /** What an address wants that no field can say. */
    this.odd = new URLSearchParams();
    this.timer = 0;
    this.fields = {};
    this.search = this.input("text", "Search runs", "search", "Search names, models, tools, ids, what was said …");
    const more = h(
      "div",
      { class: "filters-more", id: "filters-more" },
      this.range("Duration, ms", "min_ms", "max_ms"),
      this.range("Cost, $", "min_cost", "max_cost"),
      this.attributeField(),
    );
    this.more = more;
    this.moreButton = h("button", { class: "button toggle", type: "button", "aria-controls": "filters-more", on: { click: () => this.fold(!more.hidden) } }, icon("filter"), h("span", { text: "More" }));
    this.others = h("span", { class: "chips" });
    this.clear = h("button", { class: "button quiet", type: "button", on: { click: () => this.reset() } }, "Clear");
    this.element = h(
      "form",
      { class: "filters", role: "search", "aria-label": "Runs", on: { submit: (event) => event.preventDefault() } },
      h(
        "div",
        { class: "filters-row" },
        h("label", { class: "search" }, icon("search"), this.search),
        this.choice("agent", "Agent"),
        this.choice("model", "Model"),
        this.choice("tool", "Tool"),
        this.time(),
        this.toggle("errors", "Errors"),
        this.toggle("live", "Running"),
        this.moreButton,
        this.others,
        this.clear,
      ),
      more,
    );
    this.read(params);
    this.fold(!FOLDED.some((name) => params.has(name)));
  }

  /** What the fields say. */
  params() {
    const params = new URLSearchParams();
    for (const [name, field] of Object.entries(this.fields)) {
      const value = field.type === "checkbox" ? (field.checked ? "1" : "") : field.value.trim();
      if (value) params.set(name, value);
    }
    for (const attribute of this.attributes) params.append("attribute", attribute);
    for (const [name, value] of this.odd) if (!params.has(name)) params.append(name, value);
    return params;
  }

  /** Writes into the fields what an address says. */
  read(params) {
    for (const [name, field] of Object.entries(this.fields)) {
      const wanted = params.get(name) ?? "";
      if (field === this.fields.since) offerTime(field, wanted);
      if (field.type === "checkbox") field.checked = wanted === "1";
      else if (field !== document.activeElement) field.value = wanted;
    }
    this.attributes = this.chips ? params.getAll("attribute") : [];
    this.drawAttributes();
    this.odd = new URLSearchParams();
    const shown = this.params();
    for (const [name, value] of params) if (!shown.has(name)) this.odd.append(name, value);
    this.drawOthers();
    this.clear.hidden = String(this.params()) === "";
  }

  reset() {
    for (const field of Object.values(this.fields)) {
      if (field.type === "checkbox") field.checked = false;
      else field.value = "";
    }
    this.attributes = [];
    this.drawAttributes();
    this.odd = new URLSearchParams();
    this.drawOthers();
    this.told();
  }

  /** Names that were seen in runs are offered. */
  offer(runs) {
    const seen = { agent: new Set(), model: new Set(), tool: new Set() };
    for (const run of runs) {
      run.agents.forEach((name) => seen.agent.add(name));
      run.models.forEach((name) => seen.model.add(name));
      run.tools.forEach((tool) => seen.tool.add(tool.name));
    }
    for (const [name, values] of Object.entries(seen)) {
      const list = this.element.querySelector(`#offer-${name}`);
      const known = new Set([...list.children].map((option) => option.value));
      for (const value of values) if (!known.has(value) && known.size < 200) list.append(h("option", { value }));
    }
  }

  fold(isFolded) {
    this.more.hidden = isFolded;
    this.moreButton.setAttribute("aria-expanded", String(!isFolded));
  }

  told() {
    clearTimeout(this.timer);
    this.clear.hidden = String(this.params()) === "";
    this.changed(this.params());
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.told(), PAUSE);
  }

  input(name, label, type, placeholder, extra = {}) {
    const field = h("input", { type, name, "aria-label": label, placeholder, autocomplete: "off", spellcheck: "false", ...extra, on: { input: () => this.soon(), change: () => this.told() } });
    this.fields[name] = field;
    return field;
  }

  choice(name, label) {
    return h("span", { class: "choice" }, this.input(name, label, "text", label, { list: `offer-${name}` }), h("datalist", { id: `offer-${name}` }));
  }

  time() {
    const field = h("select", { name: "since", "aria-label": "Time", title: isReport ? "Counted from when the report was written" : null, on: { change: () => this.told() } }, Object.entries(TIMES).map(([value, label]) => h("option", { value, text: label })));
    this.fields.since = field;
    return field;
  }

  toggle(name, label) {
    const field = h("input", { type: "checkbox", name, on: { change: () => this.told() } });
    this.fields[name] = field;
    return h("label", { class: "button toggle" }, field, h("span", { text: label }));
  }

  range(label, least, most) {
    const field = (name, word) => this.input(name, `${label}, ${word}`, "number", word, { min: "0", step: "any" });
    return h("span", { class: "range" }, h("span", { text: label }), field(least, "at least"), field(most, "at most"));
  }

  attributeField() {
    this.chips = h("span", { class: "chips" });
    const field = h("input", { type: "text", "aria-label": "Attribute, as key=value", placeholder: "user.id=42", spellcheck: "false", autocomplete: "off" });
    const add = () => {
      const value = field.value.trim();
      if (!value) return;
      this.attributes.push(value);
      field.value = "";
      this.drawAttributes();
      this.told();
    };
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") add();
    });
    return h("span", { class: "range" }, h("span", { text: "Attribute" }), field, h("button", { class: "button", type: "button", on: { click: add } }, "Add"), this.chips);
  }

  drawAttributes() {
    if (!this.chips) return;
    const remove = (index) => {
      this.attributes.splice(index, 1);
      this.drawAttributes();
      this.told();
    };
    fill(this.chips, this.attributes.map((text, index) => chip(text, () => remove(index))));
  }

  drawOthers() {
    const remove = (name) => {
      this.odd.delete(name);
      this.drawOthers();
      this.told();
    };
    fill(this.others, [...this.odd].map(([name, value]) => chip(`${name}=${value}`, () => remove(name))));
  }
}

function chip(text, remove) {
  return h("span", { class: "chip" }, h("span", { text }), iconButton("close", `Remove ${text}`, remove));
}

/** A time that is none of those which are offered can be asked for by the address. */
function offerTime(field, time) {
  if (time && ![...field.options].some((option) => option.value === time)) field.append(h("option", { value: time, text: `Since ${time}` }));
}
