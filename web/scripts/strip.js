// Why the page waits for the network, as a strip under the exit, never a dialog.
import { el, say, still } from "./page.js";

export class Strip {
  /** @param {(text: string) => void} live tells assistive technology
   * @param {() => void} now "try now" */
  constructor(live, now) {
    this.live = live;
    this.said = "";
    el("net-now").addEventListener("click", now);
  }

  /** Shows a reason and how long it waits; an empty one takes the strip away.
   * @param {string} why */
  show(why, seconds = 0) {
    const strip = el("net");
    const text = why && say(why);
    if (!strip.hidden && text === el("net-why").textContent && !seconds) return;
    still(() => {
      strip.hidden = !why;
      el("net-why").textContent = text;
      el("net-left").textContent = seconds ? say("net-retry-in", { seconds }) : "";
      el("net-now").hidden = !seconds;
    });
    if (text && this.said !== text) this.live(text);
    this.said = text;
  }
}
