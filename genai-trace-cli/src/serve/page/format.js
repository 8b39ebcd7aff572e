// Numbers, times and texts as people read them.

/** What would change how a line is shown, or be shown as nothing: replaced by a sign that can be seen. */
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/** A text of a trace as it may be shown: control characters, changes of direction and halves of characters are visible. */
export function shown(text) {
  const value = typeof text === "string" ? text : String(text);
  const whole = value.isWellFormed?.() === false ? value.toWellFormed() : value;
  return whole.replace(UNSEEN, (sign) => {
    const code = sign.charCodeAt(0);
    if (code === 13) return "";
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}

/** Milliseconds: `840 µs`, `12.3 ms`, `4.21 s`, `3 m 05 s`, `2 h 10 m`. */
export function duration(ms) {
  if (ms === null || ms === undefined || Number.isNaN(ms)) return "–";
  if (ms < 0) return `-${duration(-ms)}`;
  if (ms === 0) return "0 ms";
  if (ms < 0.9995) return `${Math.round(ms * 1000)} µs`;
  if (ms < 999.5) return `${digits(ms)} ms`;
  if (ms < 59_995) return `${digits(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, "0")} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60 * 48) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} m`;
  return `${Math.round(minutes / 1440)} d`;
}

/** Three digits that count. */
function digits(value) {
  if (value >= 99.95) return String(Math.round(value));
  return value.toFixed(value >= 9.995 ? 1 : 2);
}

/** A moment on an axis whose ticks are `step` milliseconds apart: no digit more than the step needs. */
export function moment(ms, step) {
  if (ms === 0) return "0";
  const [unit, name] = step >= 60_000 ? [60_000, "m"] : step >= 200 ? [1000, "s"] : step >= 0.2 ? [1, "ms"] : [0.001, "µs"];
  const places = Math.max(0, -Math.floor(Math.log10(step / unit) + 1e-9));
  return `${(ms / unit).toFixed(Math.min(3, places))} ${name}`;
}

/** From here on nobody reads a number digit by digit. */
const LARGE = 1e15;

/** A number to three places, as long as one reads its digits. */
export function number(value) {
  return Math.abs(value) < LARGE ? String(Math.round(value * 1000) / 1000) : String(value).replace("+", "");
}

/** US dollars with the digits that a small sum needs: `$0.00058`, `$0.21`, `$12.40`; `?` where it is not known. */
export function money(usd) {
  if (usd === null || usd === undefined) return "?";
  if (usd === 0) return "$0";
  const size = Math.abs(usd);
  if (size >= LARGE) return `$${usd.toExponential(3).replace("+", "")}`;
  if (size >= 1000) return `$${Math.round(usd).toLocaleString("en-US")}`;
  if (size >= 0.1) return `$${usd.toFixed(2)}`;
  if (size < 0.000001) return "<$0.000001";
  return `$${usd.toFixed(Math.min(6, 1 - Math.floor(Math.log10(size))))}`;
}

/** What a run cost: at least so much where not every call has a known price, `?` where none has, `–` where none was made. */
export function costOf(run) {
  if (run.cost === null || run.cost === undefined) return run.input_tokens || run.output_tokens ? "?" : "–";
  return run.unpriced > 0 ? `≥ ${money(run.cost)}` : money(run.cost);
}

/** `812`, `4.6k`, `1.25M`. */
export function count(value) {
  if (value === null || value === undefined) return "–";
  if (value < 10_000) return value.toLocaleString("en-US");
  if (value < 999_500) return `${digits(value / 1000)}k`;
  if (value < 999_500_000) return `${digits(value / 1e6)}M`;
  return `${digits(value / 1e9)}G`;
}

export function whole(value) {
  return value === null || value === undefined ? "–" : value.toLocaleString("en-US");
}

export function bytes(value) {
  if (value < 1024) return `${value} B`;
  if (value < 1024 * 1024) return `${digits(value / 1024)} KiB`;
  return `${digits(value / 1024 / 1024)} MiB`;
}

export function percent(part, all) {
  if (!all) return "–";
  const share = (100 * part) / all;
  if (share > 0 && share < 1) return "<1 %";
  return `${Math.round(share)} %`;
}

/** `14:02:11` today, `Nov 21 14:02` before, `2024-11-21 14:02` in another year. */
export function when(ms, now = Date.now()) {
  const at = new Date(ms);
  if (Number.isNaN(at.getTime())) return "–";
  const today = new Date(now);
  const two = (value) => String(value).padStart(2, "0");
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`;
  if (at.toDateString() === today.toDateString()) return `${clock}:${two(at.getSeconds())}`;
  const day = at.toLocaleDateString("en-US", { month: "short", day: "numeric" });
  if (at.getFullYear() === today.getFullYear()) return `${day} ${clock}`;
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock}`;
}

/** `just now`, `12 s ago`, `3 m ago`, `5 h ago`, `12 d ago`. */
export function ago(ms, now = Date.now()) {
  const seconds = Math.round((now - ms) / 1000);
  if (Number.isNaN(seconds)) return "";
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ago`;
  if (seconds < 86_400 * 2) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** The whole time, for a tooltip. */
export function exactly(ms) {
  const at = new Date(ms);
  return Number.isNaN(at.getTime()) ? "" : at.toISOString();
}

/** The first names of a list, and how many more there are. */
export function some(names, between = ", ", most = 12) {
  const more = names.length - most;
  return names.slice(0, most).join(between) + (more > 0 ? `${between}and ${whole(more)} more` : "");
}

/** `1 span`, `2 spans`; `2 matches` where the plural is told. */
export function counted(number, word, words = `${word}s`) {
  return `${whole(number)} ${number === 1 ? word : words}`;
}
