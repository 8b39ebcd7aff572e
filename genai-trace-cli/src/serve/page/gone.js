// What is said above a view once what it shows is in no file any more.

import * as api from "./api.js";
import { fill, h, icon } from "./dom.js";

/** How much of the files has been read, so that what is not there may come; null once all has. */
export async function reading() {
  const { loading } = await api.runs(new URLSearchParams({ limit: 1 })).catch(() => ({ loading: 1 }));
  return loading < 1 ? loading : null;
}

export class Gone {
  /** `what` is in the files no longer. */
  constructor(what) {
    this.what = what;
    this.isShown = false;
    this.element = h("div", { class: "banner gone", role: "alert", hidden: true });
  }

  /** It is there, or there again. */
  hide() {
    this.isShown = false;
    this.element.hidden = true;
  }

  show() {
    if (this.isShown) return;
    this.isShown = true;
    this.element.hidden = false;
    fill(this.element, icon("error", 14), h("span", { text: `${this.what} no longer in the files that are served: emptied, replaced or removed. What stands here is what was read of it last.` }), h("a", { class: "button", href: "#/" }, "All runs"));
  }
}
