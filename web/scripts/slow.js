// Where the keys take long, for this browser has no WebAssembly: how long is said before, and how far it is while it lasts.

import { el, fill } from "./page.js";

const TICK_MS = 500;
// Until it is there it is not said to be.
const MOST = 95;

/** @param {number} seconds */
function time(seconds) {
  const isLong = seconds >= 90;
  const unit = isLong ? "minute" : "second";
  const shown = isLong ? Math.round(seconds / 60) : Math.max(5, Math.round(seconds / 5) * 5);
  return shown.toLocaleString(document.documentElement.lang, { style: "unit", unit, unitDisplay: "long" });
}

export class Slow {
  constructor() {
    this.seconds = 0;
    this.timer = 0;
  }

  /** @param {number} seconds that the keys will take; 0: no time worth telling */
  takes(seconds) {
    this.seconds = seconds;
    el("check-slow").hidden = seconds === 0;
    if (seconds === 0) return;
    const text = fill(el("check-slow").dataset.text, { time: time(seconds) });
    el("check-slow").textContent = text;
    el("slow-text").textContent = text;
  }

  /** The keys are being derived, or are there.
   * @param {RowState} state */
  keys(state) {
    clearInterval(this.timer);
    el("slow").hidden = state !== "now" || this.seconds === 0;
    if (el("slow").hidden) return;
    const began = Date.now();
    el("slow-bar").value = 0;
    this.timer = setInterval(() => {
      el("slow-bar").value = Math.min(MOST, (Date.now() - began) / 10 / this.seconds);
    }, TICK_MS);
  }
}
