// The worker of her draft: holds words and keys in the module, makes its calls, and tells the page. The page ends it when
// she leaves.
//
// In:  {do: "begin", root, module} · {do: "unknown", words} · {do: "draw"} · {do: "open", words} · {do: "save", fields} ·
//      {do: "erase"} · {do: "now"}
// Out: {is: "unknown", words} · {is: "unread", why} · {is: "deriving"} · {is: "words", es, en, entropy} ·
//      {is: "found", draft} · {is: "saved"} · {is: "failed", code} · {is: "broken", code} · {is: "waiting", why, seconds} ·
//      {is: "going"}

import { Net } from "./net.js";
import { act, codeOf, load } from "./turns.js";

const tell = (/** @type {drafting.Told} */ told) => postMessage(told);
const net = new Net(
  (why, seconds) => tell({ is: "waiting", why, seconds }),
  () => tell({ is: "going" }),
);

/** @type {typeof import("./draft.js")} */
let core;
/** @type {import("./draft.js").DraftPage} */
let draft;
// One thing after the other.
/** @type {Promise<void>} */
let last = Promise.resolve();

const tellWords = () => tell({ is: "words", es: draft.words("es"), en: draft.words("en"), entropy: draft.entropy() });

/** @type {{ [Verb in keyof drafting.Verbs]: (asked: drafting.Verbs[Verb]) => void | Promise<void> }} */
const verbs = {
  now: () => net.now(),
  async begin({ root, module }) {
    core = await load(module, "draft_bg.wasm", net);
    draft = new core.DraftPage(JSON.parse(root).origin);
  },
  unknown: ({ words }) => tell({ is: "unknown", words: JSON.parse(core.DraftPage.unknown(words)) }),
  draw() {
    if (draft.draw()) tellWords();
    else tell({ is: "broken", code: "memory" });
  },
  async open({ words }) {
    const why = core.DraftPage.unread(words);
    if (why) {
      tell({ is: "unread", why: JSON.parse(why) });
      return;
    }
    tell({ is: "deriving" });
    if (!draft.open(words)) {
      tell({ is: "unread", why: { code: "memory" } });
      return;
    }
    const { done } = await act(draft, { act: "find" }, net);
    if (done) tellWords();
    tell({ is: "found", draft: done });
  },
  async save({ fields }) {
    await act(draft, { act: "save", fields }, net);
    tell({ is: "saved" });
  },
  async erase() {
    await act(draft, { act: "erase" }, net);
  },
};

addEventListener("message", (/** @type {MessageEvent<drafting.Asked>} */ { data }) => {
  if (data.do === "now") {
    net.now();
    return;
  }
  const before = last;
  last = (async () => {
    await before;
    try {
      await verbs[data.do](/** @type {never} */ (data));
    } catch (error) {
      // The module's failures are JSON; anything else ends it.
      if (typeof error === "string" && error.startsWith("{")) tell({ is: "failed", code: JSON.parse(error).code });
      else tell({ is: "broken", code: codeOf(error) });
    }
  })();
});
