// Copies of photographs without place, time and device. The module that makes them is fetched once she adds a file.

import { load } from "./turns.js";
import { read } from "./upload.js";

// What tells a picture from other files.
const BEGIN = 12;
// A picture is held in memory whole while its copy is made.
const COPY_MAX = 64 << 20;

export class Copies {
  /** @param {import("./net.js").Net} net
   * @param {string} beside the address of another module */
  constructor(net, beside) {
    this.net = net;
    this.address = new URL("scrub.js", beside).href;
    /** @type {typeof import("./scrub.js") | undefined} */
    this.core = undefined;
  }

  /** @returns {Promise<typeof import("./scrub.js")>} */
  async module() {
    if (this.core) return this.core;
    /** @type {typeof import("./scrub.js")} */
    const core = await load(this.address, "scrub_bg.wasm", this.net);
    this.core = core;
    return core;
  }

  /** Of which of these files a copy can be made; of what cannot be read, of none.
   * @param {File[]} files
   * @returns {Promise<boolean[]>} */
  async possible(files) {
    if (files.length === 0) return [];
    const core = await this.module();
    const can = async (/** @type {File} */ file) => {
      if (file.size > COPY_MAX) return false;
      try {
        return core.is_picture(new Uint8Array(await file.slice(0, BEGIN).arrayBuffer()));
      } catch {
        return false;
      }
    };
    return Promise.all(files.map(can));
  }

  /** The copy of a file; nothing where none can be made. Thrown: that it can no longer be read. It has no date of its own.
   * @param {File} file */
  async of(file) {
    const [can] = await this.possible([file]);
    if (!can) return undefined;
    const core = await this.module();
    const copy = core.scrubbed(new Uint8Array(await read(file.arrayBuffer())));
    return copy && new File([copy], file.name, { type: file.type, lastModified: 0 });
  }
}
