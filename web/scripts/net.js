// Requests that are made again until they are answered. Nothing that she wrote is lost to the network: what is sent
// stays in memory until the answer is there.

const WAITS_S = [1, 2, 5, 10, 30];
const ANSWER_MS = 60_000;
/** How often a script is fetched again before the page gives up: an address that is gone looks like a broken line. */
export const TRIES = 5;

/** An answer that no repetition changes. `code` is the service's own word for it. */
export class Refusal extends Error {
  /** @param {number} status
   * @param {string} code
   * @param {Headers} [headers] */
  constructor(status, code, headers) {
    super(code);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

// The line broke within a call that asked for this (`isPiece`), after the wait: it is worth asking for less.
export class Cut extends Error {}

export class Net {
  /** @param {(why: Why, seconds: number) => void} waiting called before a wait
   * @param {() => void} going told after it */
  constructor(waiting, going) {
    this.waiting = waiting;
    this.going = going;
    /** @type {Set<() => void>} */
    this.wakes = new Set();
    this.isWaiting = false;
    // Cuts in a row, over all calls: a later one waits longer.
    this.cuts = 0;
  }

  // "Try now": ends every present wait.
  now() {
    for (const wake of this.wakes) wake();
  }

  /** Makes the request until there is an answer as in `reach`. Gives it when it is a good one.
   * @param {string} path
   * @param {Asking} init */
  async ask(path, init = {}) {
    const answer = await this.reach(path, init);
    if (answer.ok) return answer;
    throw new Refusal(answer.status, await codeOf(answer), answer.headers);
  }

  /** Makes the request until there is an answer below 500 that is not "later".
   * @param {string} path
   * @param {Asking} init */
  async reach(path, init = {}) {
    for (let attempt = init.isPiece ? this.cuts : 0; ; attempt += 1) {
      const why = await this.once(path, init);
      if (why instanceof Response) {
        this.cuts = 0;
        if (this.isWaiting) this.going();
        this.isWaiting = false;
        return why;
      }
      await this.wait(why === "cut" ? "server" : why, WAITS_S[Math.min(attempt, WAITS_S.length - 1)]);
      if (why === "cut" && init.isPiece) {
        this.cuts += 1;
        throw new Cut();
      }
    }
  }

  /** @param {string} path
   * @param {Asking} init
   * @returns {Promise<Response | Why | "cut">} */
  async once(path, init) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), init.patience ?? ANSWER_MS);
    try {
      const answer = await fetch(path, {
        ...init,
        signal: stop.signal,
        cache: "no-store",
        // Over the connections of the page itself: those without credentials are for what members sign.
        credentials: "same-origin",
        redirect: "error",
        referrerPolicy: "no-referrer",
      });
      if (answer.status === 503) return "busy";
      if (answer.status === 507) return "full";
      if (answer.status === 429) return "busy";
      if (answer.status >= 500) return "server";
      // The body is part of the answer: a connection cut within it is asked again.
      const body = await answer.arrayBuffer();
      const { status, headers } = answer;
      return new Response(status === 204 ? null : body, { status, headers });
    } catch {
      return navigator.onLine === false ? "offline" : "cut";
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits before a script is fetched again, longer each time.
   * @param {number} attempt how often it was fetched in vain before */
  async again(attempt) {
    await this.wait(navigator.onLine === false ? "offline" : "server", WAITS_S[Math.min(attempt, WAITS_S.length - 1)]);
    this.isWaiting = false;
    this.going();
  }

  /** @param {Why} why
   * @param {number} seconds */
  async wait(why, seconds) {
    this.isWaiting = true;
    this.waiting(why, seconds);
    await new Promise((/** @type {(value?: undefined) => void} */ resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.wakes.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, seconds * 1000);
      this.wakes.add(wake);
    });
  }
}

/** @param {Response} answer
 * @returns {Promise<string>} */
async function codeOf(answer) {
  try {
    return (await answer.json()).code ?? "unknown";
  } catch {
    return "unknown";
  }
}
