// The worker of her inbox: holds words and keys in the module, makes its calls, and tells the page. Nothing is kept; the
// page ends it when she leaves.
//
// In:  {do: "begin", root, built, module, isPlain} · {do: "unknown", words} · {do: "open", words, since} · {do: "draw", opens} · {do: "act", act} · {do: "fits", files, plain, onlyCopies, large} · {do: "add", case, input, files, plain, onlyCopies} · {do: "now"}
// Out: {is: "ready"} · {is: "unknown", words} · {is: "unread", why} · {is: "deriving"} · {is: "words", es, en} · {is: "reading"} · {is: "progress", share} · {is: "view", view, act} ·
//      {is: "room", fits, bytes, …} · {is: "state", name, state} · {is: "sent", done, total} · {is: "refused", code, file} ·
//      {is: "failed", code, act, view} · {is: "waiting", why, seconds} · {is: "going"} · {is: "broken", code}

import { Net } from "./net.js";
import { codeOf as codeOfSealing, Sealing } from "./sealing.js";
import { act, codeOf, load } from "./turns.js";

const tell = (/** @type {returning.Told} */ told) => postMessage(told);
const net = new Net(
  (why, seconds) => tell({ is: "waiting", why, seconds }),
  () => tell({ is: "going" }),
);
const sealing = new Sealing(net, tell);

/** @type {typeof import("./return.js")} */
let core;
/** @type {import("./return.js").ReturnPage} */
let inbox;
// Settled once the module is there.
/** @type {Promise<void> | null} */
let ready = null;
// One thing after the other.
/** @type {Promise<void>} */
let last = Promise.resolve();

/** @param {BeginMessage} message */
async function begin(message) {
  const { root, built, module } = message;
  sealing.begin(message);
  core = await load(module, "return_bg.wasm", net);
  inbox = new core.ReturnPage(root, built);
  tell({ is: "ready" });
}

/** @type {{ [Verb in keyof returning.Verbs]: (asked: returning.Verbs[Verb]) => void | Promise<void> }} */
const verbs = {
  now: () => net.now(),
  unknown: ({ words }) => tell({ is: "unknown", words: JSON.parse(core.ReturnPage.unknown(words)) }),
  open({ words, since }) {
    const why = core.ReturnPage.unread(words);
    if (why) {
      tell({ is: "unread", why: JSON.parse(why) });
      return;
    }
    tell({ is: "deriving" });
    if (inbox.open(words, since)) tell({ is: "reading" });
    else tell({ is: "unread", why: { code: "memory" } });
  },
  draw({ opens }) {
    /** @type {Fingerprint} */
    const words = JSON.parse(inbox.draw());
    if (opens && !inbox.open(words.es, "")) tell({ is: "broken", code: "memory" });
    else tell({ is: "words", ...words });
  },
  fits: async (asked) => tell({ is: "room", ...(await sealing.room(core, asked)) }),
  async add({ case: first, ...content }) {
    try {
      const { isLarge } = await sealing.room(core, { ...content, large: true });
      const begin = (/** @type {number} */ skip, /** @type {string} */ why) => draft(first, skip, isLarge, why);
      const { deadline } = await sealing.seal(core, content, begin);
      inbox.added(deadline);
      tell({ is: "view", view: JSON.parse(inbox.view()), act: "add" });
    } catch (error) {
      const code = codeOfSealing(error);
      // A module that stopped halfway is not called again.
      if (code === "memory" || code === "failed") throw error;
      tell({ is: "refused", code, file: sealing.failedAt });
    }
  },
  async act({ act: what }) {
    try {
      const { view } = await act(inbox, what, net, () => tell({ is: "progress", share: inbox.progress() }));
      tell({ is: "view", view, act: what.act });
    } catch (error) {
      // The module's failures are JSON; anything else ends it.
      if (typeof error !== "string") throw error;
      tell({ is: "failed", code: JSON.parse(error).code, act: what.act, view: JSON.parse(inbox.view()) });
    }
  },
};

/** A draft of what adds to a filing; one that is large uses an upload code, another where the last was refused.
 * @param {string} first
 * @param {number} skip
 * @param {boolean} isLarge
 * @param {string} why it is begun anew */
function draft(first, skip, isLarge, why) {
  try {
    if (why === "quota") inbox.code_is_spent();
    return inbox.add(first, skip, isLarge);
  } catch (error) {
    throw typeof error === "string" ? JSON.parse(error).code : error;
  }
}

addEventListener("message", (/** @type {MessageEvent<returning.Asked>} */ { data }) => {
  if (data.do === "now") {
    net.now();
    return;
  }
  if (data.do === "begin") ready = begin(data);
  const before = last;
  last = (async () => {
    await before;
    try {
      await ready;
      if (data.do !== "begin") await verbs[data.do](/** @type {never} */ (data));
    } catch (error) {
      tell({ is: "broken", code: codeOf(error) });
    }
  })();
});
