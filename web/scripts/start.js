// How a page of hers begins: this browser is tried, and its worker is started.

import { canSeal } from "./able.js";
import { el, part } from "./page.js";

/** Shows the page and begins, or says that this browser cannot.
 * @param {HTMLElement} page
 * @param {() => void} begin */
export async function start(page, begin) {
  el("no-scripts").hidden = true;
  if (!(await canSeal())) {
    el("no-wasm").hidden = false;
    part(el("no-wasm"), "h1").focus();
    return;
  }
  page.hidden = false;
  begin();
}

/** The page's worker, with the module and the root of trust that the page names.
 * @template Asked, Told
 * @param {DOMStringMap} page
 * @param {(told: Told) => void} heard
 * @param {() => void} broken its script was not fetched, or stopped
 * @returns {WorkerOf<Asked>} */
export function startWorker({ worker = "", root, built, module = "" }, heard, broken) {
  const started = new Worker(worker, { type: "module" });
  started.onmessage = ({ data }) => heard(data);
  started.onerror = broken;
  started.postMessage({ do: "begin", root, built: Number(built), module: new URL(module, location.href).href });
  return started;
}
