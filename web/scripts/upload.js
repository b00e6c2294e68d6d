// One file: read in pieces, sealed as it is read, sent in chunks while the next is sealed. Memory holds one piece and two
// chunks, whatever the file's size.

import { Cut, Refusal } from "./net.js";
import { localTime } from "./when.js";

const PIECE = 1 << 20;
// What a piece becomes: with a begun piece of 64 KiB before it, and a tag for each of these.
const SEALED = PIECE + (128 << 10);
const RESTARTS_MAX = 3;

// What the device did not let us read, though it did when the file was chosen.
export class Unreadable extends Error {}

const WORKS_MAX = 5;

/** How it is sent: `net` asks, `size` says how much goes at once, never more than `most`; `work` gives the header that the service wants before it
 * begins an upload when many begin; `code` is an upload code, in hex, or empty.
 * @typedef {{ net: import("./net.js").Net, most: number, size: sealing.ChunkSize, work: (name: Uint8Array) => Promise<string>, code: string }} Way */
/** Told of ciphertext that the service has, in bytes.
 * @typedef {(bytes: number, total: number) => void} Sent */
/** @typedef {sealing.Sealer} Sealer */

/** Seals a file and sends it; what it is of the testimony is said after.
 * @param {File} file
 * @param {Sealer} sealer
 * @param {number} total
 * @param {Way} way
 * @param {Sent} sent */
export async function upload(file, sealer, total, way, sent) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await once(file, sealer, total, way, sent);
      return;
    } catch (error) {
      // The service has less than it had, or another digest: sealed anew, for an age file is never written twice.
      const isLost = error instanceof Refusal && ["offset", "digest-mismatch"].includes(error.code);
      if (!isLost || attempt === RESTARTS_MAX) throw error;
    }
  }
}

/** @param {File} file
 * @param {Sealer} sealer
 * @param {number} total
 * @param {Way} way
 * @param {Sent} sent */
async function once(file, sealer, total, way, sent) {
  const chunks = new Chunks(total, way, sent);
  // The day is the device's own: the one on which it was taken, where it was taken.
  const date = file.lastModified ? localTime(new Date(file.lastModified)) : "";
  await chunks.take(sealer.open_file(file.name, file.type, date, file.size));
  const sealed = new Uint8Array(SEALED);
  for await (const piece of pieces(file)) {
    const length = sealer.push(piece, sealed);
    await chunks.take(sealed.subarray(0, length));
  }
  await chunks.take(sealer.close_file());
  const digest = await chunks.end();
  if (digest !== sealer.file_digest()) throw new Refusal(422, "digest-mismatch");
}

/** The file, piece by piece. Where the browser reads into an array of ours, a long file comes ten times as fast and leaves
 * no rubbish; each piece is to be done with before the next is asked for.
 * @param {File} file */
async function* pieces(file) {
  const reader = readerInto(file);
  if (!reader) {
    for (let at = 0; at < file.size; at += PIECE) {
      yield new Uint8Array(await read(file.slice(at, at + PIECE).arrayBuffer()));
    }
    return;
  }
  try {
    for (let room = new ArrayBuffer(PIECE); ; ) {
      const { value, done } = await read(reader.read(new Uint8Array(room)));
      if (done) return;
      yield value;
      room = value.buffer;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** @param {File} file */
function readerInto(file) {
  try {
    return file.stream().getReader({ mode: "byob" });
  } catch {
    return null;
  }
}

/** What a file gives, or that it cannot be read.
 * @template T
 * @param {Promise<T>} promise */
export async function read(promise) {
  try {
    return await promise;
  } catch {
    throw new Unreadable();
  }
}

// Gathers ciphertext into chunks and sends them under a name that nobody can guess: one is under way while the next is
// gathered.
class Chunks {
  /** @param {number} total
   * @param {Way} way
   * @param {Sent} sent */
  constructor(total, way, sent) {
    this.name = crypto.getRandomValues(new Uint8Array(32));
    this.path = `/api/v1/uploads/${Array.from(this.name, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
    this.total = total;
    this.way = way;
    this.sent = sent;
    this.gathering = new Uint8Array(Math.min(way.most, total));
    this.resting = new Uint8Array(Math.min(way.most, total));
    this.filled = 0;
    this.offset = 0;
    /** @type {Promise<Response> | null} */
    this.underWay = null;
  }

  /** @param {Uint8Array} bytes */
  async take(bytes) {
    let rest = bytes;
    while (rest.length > 0) {
      // The size may have shrunk below what is gathered.
      const most = Math.min(this.way.size.bytes(), this.gathering.length);
      const now = rest.subarray(0, Math.max(most - this.filled, 0));
      this.gathering.set(now, this.filled);
      this.filled += now.length;
      rest = rest.subarray(now.length);
      const isLast = this.offset + this.filled === this.total;
      if (this.filled >= most && !isLast) await this.send("*");
    }
  }

  async end() {
    await this.send(String(this.total));
    const answer = /** @type {Response} */ (await this.underWay);
    return (await answer.text()).trim();
  }

  /** Waits for the chunk that is under way, then sends what is gathered.
   * @param {string} total */
  async send(total) {
    await this.underWay;
    const body = this.gathering.subarray(0, this.filled);
    this.underWay = this.put(body, this.offset, total);
    // What it fails with is thrown where it is waited for.
    this.underWay.catch(() => {});
    [this.gathering, this.resting] = [this.resting, this.gathering];
    this.offset += this.filled;
    this.filled = 0;
  }

  /** In one piece, or in smaller ones where something on the way refuses it or cuts the line. The same piece again is
   * answered alike, so that a lost answer costs one repetition.
   * @param {Uint8Array<ArrayBuffer>} body
   * @param {number} from
   * @param {string} total */
  async put(body, from, total) {
    const { size } = this.way;
    for (let at = 0; ; ) {
      const piece = body.subarray(at, at + size.bytes());
      const to = from + at + piece.length;
      const isLast = at + piece.length === body.length;
      const range = `bytes ${from + at}-${to - 1}/${isLast ? total : "*"}`;
      const began = performance.now();
      try {
        const answer = await this.ask(piece, { "Content-Range": range });
        size.taken(performance.now() - began);
        this.sent(to, this.total);
        if (isLast) return answer;
        at += piece.length;
      } catch (error) {
        at += this.past(error, piece.length, from + at, body.length - at);
      }
    }
  }

  /** How far to go on after a piece that was not taken; throws what nothing can be done about. `rest`: of the chunk.
   * @param {unknown} error
   * @param {number} sent
   * @param {number} from
   * @param {number} rest */
  past(error, sent, from, rest) {
    const { size } = this.way;
    if (error instanceof Cut) {
      size.broke();
      return 0;
    }
    if (!(error instanceof Refusal)) throw error;
    // The service's own refusal says that the file is too large; any other, that the piece is.
    if (error.status === 413 && error.code !== "too-large" && size.refused(sent)) return 0;
    // It stands further on, for only an answer was lost. The last byte is sent once more: its answer is the digest.
    const stands = Number(error.headers?.get("Upload-Offset") ?? 0) - from;
    if (error.code === "offset" && stands > 0 && stands <= rest) return Math.min(stands, rest - 1);
    throw error;
  }

  /** The first chunk may be asked for work, and again when more is asked by the time that it is done.
   * @param {Uint8Array<ArrayBuffer>} body
   * @param {Record<string, string>} headers */
  async ask(body, headers) {
    if (this.way.code) headers = { ...headers, "Resguardo-Quota": this.way.code };
    for (let works = 0; ; works += 1) {
      try {
        return await this.way.net.ask(this.path, { method: "PUT", headers, body, isPiece: true });
      } catch (error) {
        const isWork = error instanceof Refusal && error.code === "work" && works < WORKS_MAX;
        if (!isWork) throw error;
        headers = { ...headers, "Resguardo-Work": await this.way.work(this.name) };
      }
    }
  }
}
