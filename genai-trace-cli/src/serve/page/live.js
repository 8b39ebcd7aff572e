// What changes while one looks: the server's events, and whether it is still there.

import { isReport } from "./api.js";

/** The lock of the tab that listens, and the channel on which it tells the others. */
const NAME = "genai-trace live";
const QUESTION = "how is it?";

/**
 * Calls `changed(set of trace ids, or null for all)` when runs have changed, `state("live" | "reconnecting" | "report")`
 * when the connection has. Of all tabs that are looked at one listens, because a browser has few connections to a
 * server; a tab that is not looked at does not listen, and looks at everything once it is.
 */
export function listen(changed, state) {
  if (isReport) {
    state("report");
    return;
  }
  const others = new BroadcastChannel(NAME);
  let known = null;
  let stop = null;
  let isListening = false;
  const take = (said) => {
    if (document.hidden) return;
    if (said.state) {
      known = said.state;
      state(known);
    }
    if (said.news !== undefined) changed(said.news === null ? null : new Set(said.news));
  };
  const say = (said) => {
    take(said);
    others.postMessage(said);
  };
  others.addEventListener("message", ({ data }) => {
    if (data !== QUESTION) take(data);
    else if (isListening && known) others.postMessage({ state: known });
  });
  const begin = () => {
    stop = alone(() => {
      isListening = true;
      const close = connect(say);
      return () => {
        isListening = false;
        close();
      };
    });
    others.postMessage(QUESTION);
  };
  document.addEventListener("visibilitychange", () => {
    stop?.();
    stop = null;
    if (document.hidden) return;
    begin();
    changed(null);
  });
  if (!document.hidden) begin();
}

/** Calls `act()` once no other tab does, and gives what ends it: `act()` gives what ends its part of it. */
function alone(act) {
  // Browsers have locks only for pages of this machine and for those of https.
  if (!navigator.locks) return act();
  const waiting = new AbortController();
  let end = null;
  const turn = () =>
    new Promise((done) => {
      const ended = act();
      end = () => {
        ended();
        done();
      };
    });
  navigator.locks.request(NAME, { signal: waiting.signal }, turn).catch((failure) => {
    if (failure.name !== "AbortError") end = act();
  });
  return () => (end ? end() : waiting.abort());
}

/** Says what the server tells, and how the connection is, until the function that it gives is called. */
function connect(say) {
  let events;
  let again = 0;
  const open = () => {
    events = new EventSource("/api/live");
    events.addEventListener("open", () => {
      say({ state: "live" });
      // What has changed before was not told: since the page asked first, since another stream ended, or this one.
      say({ news: null });
    });
    events.addEventListener("runs", (event) => {
      const news = JSON.parse(event.data);
      say({ news: news.all ? null : news.changed });
    });
    events.addEventListener("error", () => {
      say({ state: "reconnecting" });
      // The browser gives up where the answer was an error instead of none.
      if (events.readyState === EventSource.CLOSED) again = setTimeout(open, 2000);
    });
  };
  open();
  return () => {
    clearTimeout(again);
    events.close();
  };
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
