// How much of a file is sent at once: the rule of `protocol::http::ChunkSize`, beside which a test lays it.

const MIN = 64 << 10;
const FIRST = 256 << 10;
// The service takes no larger one.
export const MAX = 4 << 20;
// A chunk is to take between these, so that little is lost with a connection and no time with waiting.
const QUICK_MS = 1500;
const SLOW_MS = 5000;
// So many quick chunks after a break, twice the size that broke is tried again.
const TRY_AGAIN = 16;

// One for all uploads of a visit, so that nothing is learned twice.
export class ChunkSize {
  constructor() {
    this.bytes = FIRST;
    this.most = MAX;
    this.limit = MAX;
    this.quick = 0;
  }

  /** A chunk was taken. @param {number} ms */
  taken(ms) {
    if (ms > SLOW_MS) {
      this.bytes = Math.max(Math.floor(this.bytes / 2), MIN);
      this.quick = 0;
    } else if (ms < QUICK_MS) {
      this.quick += 1;
      if (this.quick % TRY_AGAIN === 0) this.most = Math.min(this.most * 2, this.limit);
      this.bytes = Math.min(this.bytes * 2, this.most);
    }
  }

  // The line broke while a chunk was under way: some proxies refuse by cutting.
  broke() {
    this.bytes = Math.max(Math.floor(this.bytes / 2), MIN);
    this.most = this.bytes;
    this.quick = 0;
  }

  /** Something on the way refused so many bytes as too large. False where it is as small as can be. @param {number} sent */
  refused(sent) {
    if (sent <= MIN) return false;
    this.limit = Math.min(Math.max(Math.floor(sent / 2), MIN), this.limit);
    this.most = Math.min(this.most, this.limit);
    this.bytes = Math.min(this.bytes, this.limit);
    return true;
  }
}
