// What the workers have in common that hold a module and make its calls: fetching it, and an act turn by turn.

import { inLanes, taken } from "./lanes.js";
import { TRIES } from "./net.js";
import { json } from "./text.js";

/** Fetches a script. A browser remembers that an address gave none, and does not ask again (whatwg/html#6768): so each
 * further attempt has another.
 * @param {string} address
 * @param {number} attempt how often it was fetched in vain before */
export const imported = (address, attempt) => import(attempt === 0 ? address : `${address}?again=${attempt}`);

/** Fetches a module and begins it. Thrown: `no-module` where this browser cannot, or nobody answers for long.
 * @template Module
 * @param {string} address
 * @param {string} name of its file
 * @param {import("./net.js").Net} net
 * @returns {Promise<Module>} */
export async function load(address, name, net) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const module = await imported(address, attempt);
      await module.default({ module_or_path: new URL(name, address) });
      return module;
    } catch (error) {
      const cannot = globalThis.WebAssembly && [WebAssembly.CompileError, WebAssembly.LinkError];
      if (cannot?.some((kind) => error instanceof kind)) throw "no-module";
      if (attempt === TRIES) throw "no-module";
      await net.again(attempt);
    }
  }
}

/** A call is repeated until it is answered, so that nothing is lost to the network: the module never sees a broken line.
 * @param {Call | Pause} call
 * @param {Uint8Array<ArrayBuffer>} body
 * @param {import("./net.js").Net} net */
async function send(call, body, net) {
  if ("pause" in call) {
    await new Promise((done) => setTimeout(done, 1000 * call.pause));
    return { status: 200, next: -1, date: -1, body: new Uint8Array() };
  }
  const post = call.method === "GET" ? {} : { body };
  return taken(await net.reach(call.path, { method: call.method, headers: call.headers, ...post }));
}

/** An act, turn by turn; gives its last turn.
 * @param {ActingPage} page
 * @param {object} what
 * @param {import("./net.js").Net} net
 * @param {() => void} [between] */
export async function act(page, what, net, between) {
  page.begin(json(what));
  for (;;) {
    const turn = JSON.parse(page.turn(Math.floor(Date.now() / 1000)));
    if (!turn.calls) return turn;
    between?.();
    const answers = await inLanes(turn.calls.length, (n) => send(turn.calls[n], page.body(n), net));
    for (const { status, next, date, body } of answers) page.answer(status, next, date, body);
  }
}

/** Whether a module stopped halfway, for want of memory: it is not called again.
 * @param {unknown} error */
export const hasStopped = (error) =>
  error instanceof RangeError || (globalThis.WebAssembly && error instanceof WebAssembly.RuntimeError);

/** What stays thrown: what the page has a sentence for.
 * @param {unknown} error */
export function codeOf(error) {
  if (error === "no-module") return error;
  return hasStopped(error) ? "memory" : "failed";
}
