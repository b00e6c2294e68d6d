// From her words and files to the promise: files go out as they are sealed, the rest is posted until it is answered. For the page on
// which she files, and for that on which she adds.

import { Copies } from "./copies.js";
import { Refusal } from "./net.js";
import { hasStopped } from "./turns.js";
import { Unreadable, upload } from "./upload.js";

const SLICE = 20_000;
const SLICE_MS = 50;
const ROUNDS_MAX = 8;
const OF_A_FILE = ["unreadable", "file-changed", "too-large", "no-copy"];
const AGAIN = ["council", "slot-taken", "blobs-missing", "form", "quota", "bucket"];

const seconds = () => Date.now() / 1000;

/** What stays thrown: a code that the page has a sentence for.
 * @param {unknown} error */
export function codeOf(error) {
  if (typeof error === "string") return error;
  if (error instanceof Unreadable) return "unreadable";
  if (error instanceof Refusal) return error.code;
  return hasStopped(error) ? "memory" : "failed";
}

/** How much files are with their copies, and which limit is met: of one file, of their number, or of them all together.
 * @param {sealing.Module} core
 * @param {number[][]} withCopy the sizes of what is sealed of each: it, its copy, or both
 * @param {boolean} large whether she has an upload code
 * @returns {Omit<declaring.Room, "copies">} */
function room(core, withCopy, large) {
  const bytes = withCopy.flat().reduce((sum, each) => sum + core.sealed_size(each), 0);
  const all = Float64Array.from(withCopy.flat());
  const canHold = (/** @type {number[]} */ ...these) => core.fits(Float64Array.from(these), large);
  let files = 0;
  while (canHold(...new Array(files + 1).fill(1))) files += 1;
  if (withCopy.some((these) => these.length > 1)) files = Math.floor(files / 2);
  let most = 1;
  for (let step = 2 ** 30; step >= 2 ** 16; step /= 2) if (canHold(most + step)) most += step;
  const fits = core.fits(all, large);
  const isLarge = fits && !core.fits(all, false);
  return { fits, isLarge, bytes, alone: withCopy.map((these) => canHold(...these)), files, most };
}

export class Sealing {
  /** @param {import("./net.js").Net} net
   * @param {(told: sealing.Told) => void} tell */
  constructor(net, tell) {
    this.net = net;
    this.tell = tell;
    /** @type {Copies | undefined} */
    this.copies = undefined;
    // The file that it failed with; -1: none.
    this.failedAt = -1;
    // How much of a file is sent at once: one for all files of a visit, so that nothing is learned twice.
    /** @type {sealing.ChunkSize | undefined} */
    this.size = undefined;
  }

  /** @param {BeginMessage} page which module seals. The one that makes copies is there in WebAssembly alone. */
  begin({ module, isPlain }) {
    if (!isPlain) this.copies = new Copies(this.net, module);
  }

  /** Whether files fit, with their copies or these alone, and how large each copy is, or why there is none.
   * @param {sealing.Module} core
   * @param {Omit<sealing.Fits, "do">} asked
   * @returns {Promise<declaring.Room>} */
  async room(core, { files, plain, onlyCopies, large = false }) {
    // Where there is no module for copies, each file goes as it is, and says so.
    const copies = (await this.copies?.looked(files, plain)) ?? files.map(() => ({ why: "no-module" }));
    const sizes = files.map(({ size }, n) => {
      const copy = copies[n];
      if (!("size" in copy)) return [size];
      return onlyCopies ? [copy.size] : [size, copy.size];
    });
    return { ...room(core, sizes, large), copies };
  }

  /** What is sealed of a file: it, its copy, or both.
   * @param {File} file
   * @param {boolean} isPlain
   * @param {boolean} onlyCopies */
  async parts(file, isPlain, onlyCopies) {
    if (isPlain) return { original: file, copy: undefined };
    const copy = await this.copies?.of(file);
    if (!onlyCopies) return { original: file, copy };
    // Nothing is sealed of it rather than with what she wanted out.
    if (!copy) throw "no-copy";
    return { original: copy, copy: undefined };
  }

  /** One filing, to the promise. Only a changed council or depth of the buckets, a taken slot, an upload code that is good no more or files that the
   * service lost begin it anew.
   * @param {sealing.Module} core
   * @param {sealing.Content} content
   * @param {(skip: number, why: string) => sealing.Sealer | Promise<sealing.Sealer>} begin gives what seals for the first case
   *   that is free, after as many as the service has called taken, and why it is begun anew
   * @returns {Promise<sealing.Promised>} */
  async seal(core, content, begin) {
    let [skip, why] = [0, ""];
    for (let round = 1; ; round += 1) {
      try {
        return await this.once(core, content, () => begin(skip, why));
      } catch (error) {
        const isAgain = error instanceof Refusal && AGAIN.includes(error.code) && round < ROUNDS_MAX;
        if (!isAgain) throw error;
        why = error.code;
        if (why === "slot-taken") skip += 1;
      }
    }
  }

  /** @param {sealing.Module} core
   * @param {sealing.Content} content
   * @param {() => sealing.Sealer | Promise<sealing.Sealer>} begin */
  async once(core, { input, files, plain, onlyCopies }, begin) {
    this.failedAt = -1;
    this.state("key", "now");
    const sealer = await begin();
    this.state("key", "done");
    this.state("lock", "now");
    const sealed = (/** @type {File} */ file) => core.sealed_size(file.size);
    let total = files.reduce((sum, file) => sum + sealed(file), 0);
    this.size ??= new core.ChunkSize();
    const way = {
      net: this.net,
      most: core.ChunkSize.most(),
      size: this.size,
      work: (/** @type {Uint8Array} */ name) => this.uploadWork(core, name),
      code: sealer.code(),
    };
    let before = 0;
    for (const [index, file] of files.entries()) {
      try {
        const { original, copy } = await this.parts(file, plain[index], onlyCopies);
        total += sealed(original) - sealed(file) + (copy ? sealed(copy) : 0);
        const sent = (/** @type {number} */ done) => this.tell({ is: "sent", done: before + done, total });
        await upload(original, sealer, sealed(original), way, sent);
        sealer.keep_file();
        before += sealed(original);
        if (copy) {
          await upload(copy, sealer, sealed(copy), way, sent);
          sealer.keep_copy();
          before += sealed(copy);
        }
      } catch (error) {
        this.failedAt = OF_A_FILE.includes(codeOf(error)) ? index : -1;
        throw error;
      }
    }
    this.state("lock", "done");
    this.state("split", "now");
    const filing = sealer.seal(input, seconds());
    this.state("split", "done");
    this.state("send", "now");
    const { note, now } = await this.post(filing);
    this.state("send", "done");
    this.state("receipt", "now");
    const deadline = filing.promised(new Uint8Array(note), now);
    const code = filing.code();
    this.state("receipt", "done");
    filing.free();
    return { code, deadline };
  }

  /** @param {string} name
   * @param {RowState} state */
  state(name, state) {
    this.tell({ is: "state", name, state });
  }

  /** The same form until it is answered: the same form gets the same promise.
   * @param {sealing.SealedFiling} filing */
  async post(filing) {
    for (let round = 1; ; round += 1) {
      filing.offer(await (await this.net.ask("/api/v1/work")).text());
      await search(filing);
      try {
        const answer = await this.net.ask("/api/v1/filings", {
          method: "POST",
          headers: { "Content-Type": filing.content_type() },
          body: filing.body(),
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

  /** The header that begins an upload when many begin.
   * @param {sealing.Module} core
   * @param {Uint8Array} name */
  async uploadWork(core, name) {
    const offer = await (await this.net.ask("/api/v1/work?for=upload")).text();
    const found = core.UploadWork.begin(offer, name);
    await search(found);
    const header = found.header();
    found.free();
    return header;
  }
}

/** In slices, so that "leave" and "try now" are heard in between. A slice takes a twentieth of a second at least, for a
 * browser waits some milliseconds between two.
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
