// Copies of files without place, time and device. The module that makes them is fetched once she adds a file. Of a film it reads
// the index only: its copy is pieces of the file, which the browser reads when they are sent.

import { load } from "./turns.js";
import { Unreadable } from "./upload.js";

export class Copies {
  /** @param {import("./net.js").Net} net
   * @param {string} beside the address of another module */
  constructor(net, beside) {
    this.net = net;
    this.address = new URL("scrub.js", beside).href;
    /** @type {typeof import("./scrub.js") | undefined} */
    this.core = undefined;
    // What was found of each file, so that none is read again each time that another is added.
    /** @type {Map<string, declaring.Cleaned>} */
    this.found = new Map();
  }

  /** @returns {Promise<typeof import("./scrub.js")>} */
  async module() {
    if (this.core) return this.core;
    /** @type {typeof import("./scrub.js")} */
    const core = await load(this.address, "scrub_bg.wasm", this.net);
    this.core = core;
    return core;
  }

  /** How large the copy of each file is, or why there is none; none is made of what is plain.
   * @param {File[]} files
   * @param {boolean[]} plain
   * @returns {Promise<declaring.Cleaned[]>} */
  async looked(files, plain) {
    /** @type {declaring.Cleaned[]} */
    const looked = [];
    // One after another: each may take as much memory as it is long.
    for (const [n, file] of files.entries()) looked.push(plain[n] ? { why: "plain" } : await this.look(file));
    return looked;
  }

  /** @param {File} file
   * @returns {Promise<declaring.Cleaned>} */
  async look(file) {
    const key = `${file.size} ${file.lastModified} ${file.type} ${file.name}`;
    const before = this.found.get(key);
    if (before) return before;
    /** @type {declaring.Cleaned} */
    let cleaned;
    try {
      const made = (await this.module()).Copy.of(file.size, reading(file));
      cleaned = { size: made.size() };
      made.free();
    } catch (error) {
      if (typeof error !== "string" || error === "no-module") throw error;
      cleaned = { why: error };
    }
    // What could not be read may be read later.
    if (!("why" in cleaned && cleaned.why === "unreadable")) this.found.set(key, cleaned);
    return cleaned;
  }

  /** The copy of a file; nothing where none can be made. Thrown: that it can no longer be read. It has no date of its own.
   * @param {File} file */
  async of(file) {
    const core = await this.module();
    try {
      const made = core.Copy.of(file.size, reading(file));
      const pieces = made.pieces().map((piece) => (Array.isArray(piece) ? file.slice(...piece) : piece));
      made.free();
      return new File(pieces, file.name, { type: file.type, lastModified: 0 });
    } catch (error) {
      if (error === "unreadable") throw new Unreadable();
      if (typeof error === "string") return undefined;
      throw error;
    }
  }
}

/** Bytes of a file at once, as only a worker may have them.
 * @param {File} file */
function reading(file) {
  const reader = new FileReaderSync();
  return (/** @type {number} */ at, /** @type {number} */ length) =>
    new Uint8Array(reader.readAsArrayBuffer(file.slice(at, at + length)));
}
