// How a page of hers begins: this browser is tried, and its worker is started.

import { howToSeal } from "./able.js";
import { Net, TRIES } from "./net.js";
import { el, part } from "./page.js";

/** Shows the page and begins, or says that this browser cannot. Where there is no WebAssembly, the page's module is the plain one,
 * if it has one.
 * @param {HTMLElement} page
 * @param {() => void} begin */
export async function start(page, begin) {
  el("no-scripts").hidden = true;
  const how = await howToSeal();
  const { plain } = page.dataset;
  if (how === "plain" && plain) {
    page.dataset.module = plain;
    // Only what seals is there in plain JavaScript.
    delete page.dataset.draftModule;
  } else if (how !== "module") {
    el("no-wasm").hidden = false;
    part(el("no-wasm"), "h1").focus();
    return;
  }
  page.hidden = false;
  begin();
}

/** A worker that is started again when the line breaks while its script is fetched. What it was asked before its first
 * word is asked again: nobody has heard it.
 * @template Asked, Told */
class Started {
  /** @param {() => Worker} create
   * @param {(told: Told) => void} heard
   * @param {() => void} broken
   * @param {Net} net */
  constructor(create, heard, broken, net) {
    this.create = create;
    this.heard = heard;
    this.broken = broken;
    this.net = net;
    /** @type {Asked[]} What it was asked before its first word. */
    this.asked = [];
    this.isThere = false;
    this.hasEnded = false;
    this.worker = this.start(0);
  }

  /** @param {number} attempt */
  start(attempt) {
    const worker = this.create();
    worker.onmessage = ({ data }) => {
      this.isThere = true;
      this.asked = [];
      this.heard(data);
    };
    // An error in a script has a message; a script that was not fetched has none.
    worker.onerror = async (event) => {
      if (this.isThere || event.message || attempt === TRIES) {
        this.broken();
        return;
      }
      worker.terminate();
      await this.net.again(attempt);
      if (this.hasEnded) return;
      this.worker = this.start(attempt + 1);
      for (const asked of this.asked) this.worker.postMessage(asked);
    };
    return worker;
  }

  /** @param {Asked} asked */
  postMessage(asked) {
    this.net.now();
    if (!this.isThere) this.asked.push(asked);
    this.worker.postMessage(asked);
  }

  // Ends it, and with it all that it holds in memory.
  terminate() {
    this.hasEnded = true;
    this.asked = [];
    this.worker.terminate();
  }
}

/** The page's worker, with the module and the root of trust that the page names.
 * @template Asked, Told
 * @param {DOMStringMap} page
 * @param {(told: Told | { is: "waiting", why: Why, seconds: number } | { is: "going" }) => void} heard
 * @param {() => void} broken its script cannot be fetched, or stopped
 * @returns {WorkerOf<Asked>} */
export function startWorker({ worker = "", root = "", built, module = "", plain }, heard, broken) {
  const net = new Net(
    (why, seconds) => heard({ is: "waiting", why, seconds }),
    () => heard({ is: "going" }),
  );
  /** @type {Started<Asked | BeginMessage, Told>} */
  const started = new Started(() => new Worker(worker, { type: "module" }), heard, broken, net);
  const address = new URL(module, location.href).href;
  started.postMessage({ do: "begin", root, built: Number(built), module: address, isPlain: module === plain });
  return started;
}
