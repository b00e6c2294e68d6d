// One file: read in pieces, sealed as it is read, sent in chunks. Memory holds one piece and one chunk, whatever the
// file's size.

import { Refusal } from "./net.js";

const PIECE = 1 << 20;
const CHUNK_MIN = 64 << 10;
const CHUNK_FIRST = 256 << 10;
// The service takes no larger one.
const CHUNK_MAX = 4 << 20;
// A chunk is to take between these, so that little is lost with a connection and no time with waiting.
const SHORT_MS = 1500;
const LONG_MS = 5000;
const RESTARTS_MAX = 3;

// What the device did not let us read.
export class Unreadable extends Error {}

// Seals `file` to the draft and sends it. `sent(bytes, total)` tells of ciphertext that the service has.
export async function upload(file, draft, total, net, sent) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await once(file, draft, total, net, sent);
      return;
    } catch (error) {
      // The service has less than it had, or another digest: sealed anew, for an age file is never written twice.
      const isLost = error instanceof Refusal && ["offset", "digest-mismatch"].includes(error.code);
      if (!isLost || attempt === RESTARTS_MAX) throw error;
    }
  }
}

async function once(file, draft, total, net, sent) {
  const chunks = new Chunks(total, net, sent);
  const date = file.lastModified ? new Date(file.lastModified).toISOString().slice(0, 10) : "";
  await chunks.take(draft.open_file(file.name, file.type, date, file.size));
  for (let at = 0; at < file.size; at += PIECE) {
    const piece = await read(file.slice(at, at + PIECE));
    await chunks.take(draft.push(piece));
  }
  await chunks.take(draft.close_file());
  const digest = await chunks.end();
  if (digest !== draft.file_digest()) throw new Refusal(422, "digest-mismatch");
  draft.keep_file();
}

async function read(blob) {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch {
    throw new Unreadable();
  }
}

// Gathers ciphertext into chunks and sends them under a name that nobody can guess.
class Chunks {
  constructor(total, net, sent) {
    const name = crypto.getRandomValues(new Uint8Array(32));
    this.path = `/api/v1/uploads/${Array.from(name, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
    this.total = total;
    this.net = net;
    this.sent = sent;
    this.buffer = new Uint8Array(Math.min(CHUNK_MAX, total));
    this.filled = 0;
    this.offset = 0;
    this.size = CHUNK_FIRST;
  }

  async take(bytes) {
    let rest = bytes;
    while (rest.length > 0) {
      const room = Math.min(this.size, this.buffer.length) - this.filled;
      const now = rest.subarray(0, room);
      this.buffer.set(now, this.filled);
      this.filled += now.length;
      rest = rest.subarray(now.length);
      const isLast = this.offset + this.filled === this.total;
      if (this.filled >= Math.min(this.size, this.buffer.length) && !isLast) await this.send("*");
    }
  }

  async end() {
    const answer = await this.send(String(this.total));
    return (await answer.text()).trim();
  }

  // The same chunk again is answered alike, so that a lost answer costs one repetition.
  async send(total) {
    const body = this.buffer.subarray(0, this.filled);
    const last = this.offset + this.filled - 1;
    const began = performance.now();
    const answer = await this.net.ask(this.path, {
      method: "PUT",
      headers: { "Content-Range": `bytes ${this.offset}-${last}/${total}` },
      body,
    });
    const took = performance.now() - began;
    if (took < SHORT_MS) this.size = Math.min(this.size * 2, CHUNK_MAX);
    if (took > LONG_MS) this.size = Math.max(this.size / 2, CHUNK_MIN);
    this.offset += this.filled;
    this.filled = 0;
    this.sent(this.offset, this.total);
    return answer;
  }
}
