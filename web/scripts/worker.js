// All that takes long: the module, the council, Argon2id, sealing, sending. The page only shows. What this holds ends
// with it: the page ends it when she leaves.
//
// In:  {do: "begin", root, built, module, isPlain} · {do: "fits", files, plain, onlyCopies} · {do: "seal", input, files, plain, onlyCopies, leftOut, lapse, allowed,
//      askAfter, eachAct, entropy, decoy} · {do: "identifiers"} · {do: "identify", row, kind, of, text} · {do: "now"}
// Out: {is: "council", members, slow} · {is: "room", fits, bytes, …} · {is: "identifier", row, of, text, normal or why} · {is: "words" or "decoy", es, en} · {is: "state", name, state} ·
//      {is: "sent", done, total} · {is: "waiting", why, seconds} · {is: "going"} ·
//      {is: "promised", code, deadline} · {is: "refused", code, at, file}

import { Net } from "./net.js";
import { codeOf, Sealing } from "./sealing.js";
import { json, wellFormed } from "./text.js";
import { checkpoint, statements } from "./trust.js";
import { load } from "./turns.js";

const tell = (/** @type {declaring.Told} */ told) => postMessage(told);
const net = new Net(
  (why, seconds) => tell({ is: "waiting", why, seconds }),
  () => tell({ is: "going" }),
);
const sealing = new Sealing(net, tell);

/** @type {typeof import("./declare.js")} */
let core;
/** @type {BeginMessage} */
let page;
/** @type {import("./declare.js").Words | undefined} */
let words;
// Those of an inbox that holds a greeting and nothing else.
/** @type {import("./declare.js").Words | undefined} */
let second;
// Settled once the module is there and the council is proven.
/** @type {Promise<void> | null} */
let ready = null;

// Time of the newest checkpoint of this visit: an older one is refused.
let seen = 0;
// How many seconds it will take to derive the keys; 0: no time worth telling.
let slow = 0;

const seconds = () => Date.now() / 1000;

// How much longer than to check the council it takes to derive the keys in plain JavaScript without a compiler. With one it
// takes less.
const KEYS_TO_CHECK = 30;

async function council() {
  const shown = await statements(net);
  const { note, served } = await checkpoint(net);
  const began = performance.now();
  const trusted = core.TrustedCouncil.check(page.root, json(shown), note, seconds(), page.built, served, seen);
  slow = page.isPlain ? Math.ceil((KEYS_TO_CHECK * (performance.now() - began)) / 1000) : 0;
  seen = Math.max(seen, trusted.time());
  return trusted;
}

/** @param {BeginMessage} message */
async function begin(message) {
  page = message;
  sealing.begin(message);
  core = await load(message.module, "declare_bg.wasm", net);
  const trusted = await council();
  tell({ is: "council", members: JSON.parse(trusted.members()), slow });
  trusted.free();
}

/** One filing, to the promise. @param {declaring.Seal} message */
async function seal(message) {
  const { leftOut, lapse, allowed, askAfter, eachAct, entropy, decoy } = message;
  const promised = await sealing.seal(core, message, async (skip) => {
    const trusted = await council();
    words ??= entropy ? core.Words.of(entropy) : core.Words.draw();
    const chosen = Uint16Array.from(leftOut);
    const sealer = trusted.sealer(words, skip, chosen, lapse, allowed, askAfter, eachAct);
    if (decoy) {
      second ??= core.Words.draw();
      trusted.greet(sealer, second);
      tell({ is: "decoy", es: second.text("es"), en: second.text("en") });
    }
    trusted.free();
    tell({ is: "words", es: words.text("es"), en: words.text("en") });
    return sealer;
  });
  tell({ is: "promised", ...promised });
}

// What reads identifiers. It is fetched when she comes to that part, and again when she comes there again, if it could not be had;
// never for what she writes there: a server that fails once would learn from the next call that she names somebody.
/** @type {Promise<typeof import("./identifiers.js") | null>} */
let reading = Promise.resolve(null);

async function identifiers() {
  if (page.isPlain || (await reading)) return;
  reading = load(new URL("identifiers.js", page.module).href, "identifiers_bg.wasm", net).catch(() => null);
}

/** How one text is read. @param {declaring.Identify} asked */
async function identify({ row, kind, of, text }) {
  const module = await reading;
  const told = { is: /** @type {const} */ ("identifier"), row, of, text };
  try {
    const normal = module?.normal(kind, of, wellFormed(text));
    tell({ ...told, normal, why: undefined });
  } catch (why) {
    tell({ ...told, normal: undefined, why: typeof why === "string" ? why : undefined });
  }
}

addEventListener("message", async (/** @type {MessageEvent<declaring.Asked>} */ { data }) => {
  try {
    if (data.do === "now") net.now();
    if (data.do === "begin") {
      ready = begin(data);
      await ready;
    }
    if (data.do === "identifiers") await identifiers();
    if (data.do === "identify") await identify(data);
    if (data.do === "fits") tell({ is: "room", ...(await sealing.room(core, data)) });
    if (data.do === "seal") {
      await ready;
      await seal(data);
    }
  } catch (error) {
    tell({ is: "refused", code: codeOf(error), at: data.do, file: sealing.failedAt });
  }
});
