// What changes while one looks: the server's events, and whether it is still there.

import { isReport } from "./api.js";

/** Calls `changed(set of trace ids)` when runs have changed, `state("live" | "reconnecting" | "report")` when the connection has. */
export function listen(changed, state) {
  if (isReport) {
    state("report");
    return;
  }
  const events = new EventSource("/api/live");
  let wasLost = false;
  events.addEventListener("open", () => {
    state("live");
    // Whatever has changed meanwhile was not told.
    if (wasLost) changed(null);
    wasLost = false;
  });
  events.addEventListener("runs", (event) => {
    const news = JSON.parse(event.data);
    changed(news.all ? null : new Set(news.changed));
  });
  events.addEventListener("error", () => {
    wasLost = true;
    state("reconnecting");
    // The browser gives up where the answer was an error instead of none.
    if (events.readyState === EventSource.CLOSED) setTimeout(() => {
      listen(changed, state);
      changed(null);
    }, 2000);
  });
}

/**
 * `task`, one at a time and never more often than it can be done: while one is under way, further calls become one
 * that follows, after as long again as the last one took.
 */
export function paced(task) {
  let busy = false;
  let again = false;
  return async function call() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    const began = performance.now();
    try {
      await task();
    } finally {
      const rest = Math.min(2000, performance.now() - began);
      setTimeout(() => {
        busy = false;
        if (!again) return;
        again = false;
        call();
      }, rest);
    }
  };
}
