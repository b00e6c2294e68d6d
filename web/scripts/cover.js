// A cover over the page while it is hidden: what the list of recent apps shows of it. One touch takes it off.
import { el } from "./page.js";

/** @param {() => boolean} isWanted whether there is anything to cover now */
export function coverWhenHidden(isWanted) {
  const cover = el("cover");
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && isWanted()) cover.hidden = false;
    else if (!document.hidden && !cover.hidden) el("cover-show").focus();
  });
  el("cover-show").addEventListener("click", () => {
    cover.hidden = true;
  });
}
