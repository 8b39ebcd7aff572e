// What is looked at stands in the address, behind #, so that every view can be linked to and the browser's back works.

/** `{page, trace, a, b, params}` of an address. */
export function parse(hash) {
  const [path, query = ""] = hash.replace(/^#/, "").split(/\?(.*)/s);
  const params = new URLSearchParams(query);
  const parts = path.split("/").filter(Boolean).map(decoded);
  if (parts[0] === "run" && parts[1]) return { page: "run", trace: asId(parts[1]), params };
  if (parts[0] === "compare" && parts[1] && parts[2]) return { page: "compare", a: asId(parts[1]), b: asId(parts[2]), params };
  return { page: "list", params };
}

/** Ids are written in lower case, and are the same in upper case. */
function asId(part) {
  return /^[0-9a-f]+$/i.test(part) ? part.toLowerCase() : part;
}

/** Whether an id may be the beginning of another one. */
export function isShort(trace) {
  return /^[0-9a-f]{4,31}$/i.test(trace);
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function listAddress(params = new URLSearchParams()) {
  const query = String(params);
  return query ? `#/?${query}` : "#/";
}

/** The list that was looked at last, to which one goes back from a run. */
let lastList = "#/";

export function listLeft(params) {
  lastList = listAddress(params);
}

export function backAddress() {
  return lastList;
}

export function runAddress(trace, params = {}) {
  return withQuery(`#/run/${encodeURIComponent(trace)}`, params);
}

export function compareAddress(a, b, params = {}) {
  return withQuery(`#/compare/${encodeURIComponent(a)}/${encodeURIComponent(b)}`, params);
}

function withQuery(path, params) {
  const set = Object.entries(params).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const query = String(new URLSearchParams(set));
  return query ? `${path}?${query}` : path;
}

export function go(address) {
  window.location.hash = address;
}

/** Goes to what the address that is left stands for. */
export function goInstead(address) {
  window.location.replace(address);
}

/** Changes the address without a new entry in the history, and without anyone being told. */
export function replace(address) {
  window.history.replaceState(window.history.state, "", address);
}
