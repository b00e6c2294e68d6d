// All that takes long: the module, the council, Argon2id, sealing, sending. The page only shows. What this holds ends
// with it: the page ends it when she leaves.
//
// In:  {do: "begin", root, built, module} · {do: "fits", sizes} · {do: "seal", telling, files, leftOut, lapse} · {do: "now"}
// Out: {is: "council", members} · {is: "room", fits, bytes, …} · {is: "words", es, en} · {is: "state", name, state} ·
//      {is: "sent", done, total} · {is: "waiting", why, seconds} · {is: "going"} ·
//      {is: "promised", code, deadline} · {is: "refused", code, at, file}

import { Net, Refusal } from "./net.js";
import { json } from "./text.js";
import { checkpoint, statements } from "./trust.js";
import { ChunkSize } from "./chunks.js";
import { Unreadable, upload } from "./upload.js";

const SLICE = 20_000;
const SLICE_MS = 50;
const ROUNDS_MAX = 8;
const OF_A_FILE = ["unreadable", "file-changed", "too-large"];
const AGAIN = ["council", "slot-taken", "blobs-missing", "form"];

const tell = (/** @type {declaring.Told} */ told) => postMessage(told);
/** @param {string} name
 * @param {RowState} state */
const state = (name, state) => tell({ is: "state", name, state });
const net = new Net(
  (why, seconds) => tell({ is: "waiting", why, seconds }),
  () => tell({ is: "going" }),
);

/** @type {typeof import("./declare.js")} */
let core;
/** @type {BeginMessage} */
let page;
/** @type {import("./declare.js").Words | undefined} */
let words;
// Settled once the module is there and the council is proven.
/** @type {Promise<void> | null} */
let ready = null;

// The file that sealing failed with; -1: none.
let failedAt = -1;

// How much of a file is sent at once.
const size = new ChunkSize();

// Time of the newest checkpoint of this visit: an older one is refused.
let seen = 0;

const seconds = () => Date.now() / 1000;

// What stays thrown: a code that the page has a sentence for.
/** @param {unknown} error */
function codeOf(error) {
  if (typeof error === "string") return error;
  if (error instanceof Unreadable) return "unreadable";
  if (error instanceof Refusal) return error.code;
  if (error instanceof RangeError || error instanceof WebAssembly.RuntimeError) return "memory";
  return "failed";
}

async function council() {
  const shown = await statements(net);
  const { note, served } = await checkpoint(net);
  const trusted = core.TrustedCouncil.check(page.root, json(shown), note, seconds(), page.built, served, seen);
  seen = Math.max(seen, trusted.time());
  return trusted;
}

/** @param {BeginMessage} message */
async function begin(message) {
  page = message;
  for (let attempt = 0; !core; attempt += 1) {
    try {
      const module = await import(message.module);
      await module.default({ module_or_path: new URL("declare_bg.wasm", message.module) });
      core = module;
    } catch (error) {
      if (error instanceof WebAssembly.CompileError || error instanceof WebAssembly.LinkError) throw "no-module";
      if (attempt === 5) throw "no-module";
      await net.wait(navigator.onLine === false ? "offline" : "server", 2 ** attempt);
    }
  }
  const trusted = await council();
  tell({ is: "council", members: JSON.parse(trusted.members()) });
  trusted.free();
}

/** @param {{ sizes: number[] }} asked */
function fits({ sizes }) {
  const bytes = sizes.reduce((sum, each) => sum + core.sealed_size(each), 0);
  const canHold = (/** @type {number[]} */ ...these) => core.fits(Float64Array.from(these));
  // Which limit is met: of one file, of their number, or of them all together.
  let files = 0;
  while (canHold(...new Array(files + 1).fill(1))) files += 1;
  let most = 1;
  for (let step = 2 ** 30; step >= 2 ** 16; step /= 2) if (canHold(most + step)) most += step;
  tell({ is: "room", fits: canHold(...sizes), bytes, alone: sizes.map((each) => canHold(each)), files, most });
}

/** One filing, to the promise. Only a changed council, a taken slot or files that the service lost begin it anew.
 * @param {declaring.Seal} message */
async function seal(message) {
  let number = 0;
  for (let round = 1; ; round += 1) {
    try {
      await round_of(message, number);
      return;
    } catch (error) {
      const isAgain = error instanceof Refusal && AGAIN.includes(error.code) && round < ROUNDS_MAX;
      if (!isAgain) throw error;
      if (error.code === "slot-taken") number += 1;
    }
  }
}

/** @param {declaring.Seal} message
 * @param {number} number */
async function round_of({ telling, files, leftOut, lapse }, number) {
  failedAt = -1;
  state("key", "now");
  const trusted = await council();
  words ??= core.Words.draw();
  const draft = core.Draft.begin(trusted, words, number, Uint16Array.from(leftOut), lapse);
  state("key", "done");
  tell({ is: "words", es: words.text("es"), en: words.text("en") });

  state("lock", "now");
  const totals = files.map((file) => core.sealed_size(file.size));
  const total = totals.reduce((sum, bytes) => sum + bytes, 0);
  let before = 0;
  for (const [index, file] of files.entries()) {
    try {
      await upload(file, draft, totals[index], { net, size, work: workForUpload }, (done) => {
        tell({ is: "sent", done: before + done, total });
      });
    } catch (error) {
      failedAt = OF_A_FILE.includes(codeOf(error)) ? index : -1;
      throw error;
    }
    before += totals[index];
  }
  state("lock", "done");

  state("split", "now");
  const posting = draft.seal(telling, seconds());
  state("split", "done");

  state("send", "now");
  const { note, now } = await post(posting);
  state("send", "done");
  state("receipt", "now");
  const deadline = posting.promised(new Uint8Array(note), now);
  state("receipt", "done");
  tell({ is: "promised", code: posting.code(), deadline });
  posting.free();
  trusted.free();
}

/** The same form until it is answered: the same form gets the same promise.
 * @param {import("./declare.js").Posting} posting */
async function post(posting) {
  for (let round = 1; ; round += 1) {
    await work(posting);
    try {
      const answer = await net.ask("/api/v1/filings", {
        method: "POST",
        headers: { "Content-Type": posting.content_type() },
        body: posting.body(),
        patience: 120_000,
      });
      const served = Date.parse(answer.headers.get("date") ?? "") / 1000;
      return { note: await answer.arrayBuffer(), now: Math.max(seconds(), served || 0) };
    } catch (error) {
      const isWork = error instanceof Refusal && error.code === "work" && round < ROUNDS_MAX;
      if (!isWork) throw error;
    }
  }
}

/** In slices, so that "leave" and "try now" are heard in between.
 * @param {import("./declare.js").Posting} posting */
async function work(posting) {
  posting.offer(await (await net.ask("/api/v1/work")).text());
  await search(posting);
}

/** The header that begins an upload when many begin.
 * @param {Uint8Array} name */
async function workForUpload(name) {
  const offer = await (await net.ask("/api/v1/work?for=upload")).text();
  const found = core.UploadWork.begin(offer, name);
  await search(found);
  const header = found.header();
  found.free();
  return header;
}

/** A slice takes a twentieth of a second at least, for a browser waits some milliseconds between two.
 * @param {{ search(start: number, tries: number): boolean }} task */
async function search(task) {
  let slice = SLICE;
  for (let start = 0; ; ) {
    const began = performance.now();
    if (task.search(start, slice)) return;
    start += slice;
    if (performance.now() - began < SLICE_MS) slice *= 2;
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

addEventListener("message", async (/** @type {MessageEvent<declaring.Asked>} */ { data }) => {
  try {
    if (data.do === "now") net.now();
    if (data.do === "begin") {
      ready = begin(data);
      await ready;
    }
    if (data.do === "fits") fits(data);
    if (data.do === "seal") {
      await ready;
      await seal(data);
    }
  } catch (error) {
    tell({ is: "refused", code: codeOf(error), at: data.do, file: failedAt });
  }
});
