// The desk's worker: holds the module with the key, does its calls, and answers the page. Nothing is kept.
import init, { DeskPage } from "./desk.js";
import { inLanes, taken } from "./lanes.js";
import { json } from "./text.js";

const PAUSES_MS = [200, 800, 2400];
/** @type {DeskPage} */
let desk;

const pause = (/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms));
const now = () => Math.floor(Date.now() / 1000);

// Signed calls go without credentials and all others, pages and scripts among them, with them. There are none to send, but
// browsers keep connections and TLS sessions for the two apart: none carries both kinds.
/** @param {Call} call */
const credentialsOf = (call) => (call.headers.some(([name]) => name === "Resguardo-Sig") ? "omit" : "same-origin");

/** One call, tried again while the network or the server is away. Status 0: nobody answered.
 * @param {Call} call
 * @param {Uint8Array<ArrayBuffer>} body */
async function send(call, body) {
  for (let round = 0; ; round += 1) {
    let answer = { status: 0, next: -1, date: -1, body: new Uint8Array() };
    try {
      const response = await fetch(call.path, {
        method: call.method,
        headers: call.headers,
        body: call.method === "GET" ? undefined : body,
        cache: "no-store",
        credentials: credentialsOf(call),
        redirect: "error",
        referrerPolicy: "no-referrer",
      });
      answer = await taken(response);
    } catch {
      // Away, or cut off on the way.
    }
    const isAway = answer.status === 0 || (answer.status >= 502 && answer.status <= 504);
    if (!isAway || round === PAUSES_MS.length) return answer;
    await pause(PAUSES_MS[round]);
  }
}

/** An act, turn by turn.
 * @param {desk.Act} name
 * @param {Uint8Array | undefined} file
 * @returns {Promise<desk.Outcome>} */
async function act(name, file) {
  desk.begin(json(name), file ?? new Uint8Array());
  for (;;) {
    const turn = JSON.parse(desk.turn(now()));
    if (!turn.calls) return turn;
    postMessage({ progress: desk.progress() });
    const answers = await inLanes(turn.calls.length, (n) => send(turn.calls[n], desk.body(n)));
    for (const { status, next, date, body } of answers) desk.answer(status, next, date, body);
  }
}

async function load() {
  try {
    await init({ module_or_path: new URL("desk_bg.wasm", import.meta.url) });
  } catch (error) {
    const isBroken = error instanceof WebAssembly.CompileError || error instanceof WebAssembly.LinkError;
    throw JSON.stringify({ code: isBroken ? "no-module" : "unreachable" });
  }
}

/** @type {{ [Verb in keyof desk.Verbs]: (asked: desk.Verbs[Verb]) => unknown }} */
const verbs = {
  async start({ root, built }) {
    await load();
    desk = new DeskPage(root, built);
  },
  unlock: ({ file, passphrase }) => desk.unlock(file, passphrase),
  act: ({ act: name, file }) => act(name, file),
  preview: ({ act: name }) => desk.preview(json(name)),
  madePublic: ({ act: name }) => JSON.parse(desk.made_public(json(name))),
  // The statement and the key of a request, which is sent only after its key was handed out.
  keep({ act: name }) {
    const lines = desk.preview(json(name));
    const request = desk.drafted_request();
    return { lines, request, file: desk.request_file(request) };
  },
  shown: ({ place }) => JSON.parse(desk.shown(place) || "null"),
  // As a handle: the bytes are copied here, where nobody waits, and not in the page.
  file: ({ place, file }) => new Blob([desk.shown_file(place, file)]),
  templates: () => JSON.parse(desk.templates()),
  record: ({ place }) => desk.record(place),
  requestFile: ({ request }) => desk.request_file(request),
  caseFile: ({ held }) => desk.case_file(held),
};

addEventListener("message", async (/** @type {MessageEvent<desk.Asked>} */ { data }) => {
  try {
    postMessage({ id: data.id, value: await verbs[data.verb](/** @type {never} */ (data)) });
  } catch (error) {
    // The module's failures are JSON; anything else is ours.
    let failure = { code: "internal" };
    try {
      if (typeof error === "string") failure = JSON.parse(error);
    } catch {
      // As it is.
    }
    postMessage({ id: data.id, failure });
  }
});
