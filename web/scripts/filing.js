// The page's side of the worker: one act each, and what comes back told to the way.

import { startWorker } from "./start.js";
import { json } from "./text.js";

/** @type {Record<string, string>} */
const SENTENCES = {
  root: "err-page-unproven",
  unproven: "err-page-unproven",
  council: "err-page-unproven",
  "no-module": "err-failed",
  old: "err-council-old",
  future: "err-council-old",
  memory: "err-memory",
  promise: "err-promise",
  "too-much": "err-too-much",
  "too-large": "err-too-much",
  greeting: "err-council-old",
};
// What is wrong with one file stands beside that file.
/** @type {Record<string, string>} */
const OF_A_FILE = {
  "file-changed": "evidence-changed",
  "no-copy": "evidence-no-copy",
  unreadable: "evidence-changed",
  "too-large": "evidence-too-large",
};
const BROKEN = ["memory", "failed", "order"];
const WAITS = { offline: "net-offline", server: "net-server", busy: "net-busy", full: "net-full" };

/** What the page does with what comes back.
 * @typedef {object} Way
 * @property {import("./files.js").Files} files
 * @property {(why: string, seconds?: number) => void} strip
 * @property {(members: council.Members) => void} council
 * @property {import("./person.js").Person} person
 * @property {import("./slow.js").Slow} slow
 * @property {(name: string, state: RowState) => void} state
 * @property {(words: string[]) => void} showWords
 * @property {(words: string[]) => void} gotOthers
 * @property {(done: number, total: number) => void} sent
 * @property {(code: string, deadline: number) => void} promised
 * @property {(place: number, fault: string) => void} fileFailed
 * @property {(id: string, canRetry: boolean) => void} trouble */

export class Filing {
  /** @param {DOMStringMap} page
   * @param {Way} way */
  constructor(page, way) {
    this.page = page;
    this.way = way;
    this.isSealing = false;
    this.isReady = false;
    this.failedAt = "";
    this.mustBegin = false;
    this.worker = this.start();
  }

  /** @returns {WorkerOf<declaring.Asked>} */
  start() {
    return startWorker(
      this.page,
      (/** @type {declaring.Told} */ told) => this.heard(told),
      () => this.refused("no-module", "begin"),
    );
  }

  begin() {
    this.worker.terminate();
    this.failedAt = "";
    this.mustBegin = false;
    this.isReady = false;
    this.worker = this.start();
  }

  /** @param {import("./files.js").Chosen} chosen */
  room(chosen) {
    if (this.isReady) this.worker.postMessage({ do: "fits", ...chosen });
  }

  /** @param {declaring.Identify | declaring.Identifiers} asked */
  identify(asked) {
    this.worker.postMessage(asked);
  }

  /** @param {declaring.TestimonyInput} input
   * @param {import("./files.js").Chosen} chosen
   * @param {declaring.Choices} choices */
  seal(input, chosen, choices) {
    this.isSealing = true;
    this.worker.postMessage({ do: "seal", input: json(input), ...chosen, ...choices });
  }

  now() {
    this.worker.postMessage({ do: "now" });
  }

  // Ends the worker, and with it all that it holds in memory.
  end() {
    this.worker.terminate();
  }

  /** @param {declaring.Told} data */
  heard(data) {
    const { way } = this;
    if (data.is === "council") {
      this.isReady = true;
      way.strip("");
      way.council(data.members);
      way.slow.takes(data.slow);
    }
    if (data.is === "room") way.files.room(data);
    if (data.is === "identifier") way.person.told(data);
    if (data.is === "state") way.state(data.name, data.state);
    if (data.is === "words" || data.is === "decoy") {
      const words = data[document.documentElement.lang === "en" ? "en" : "es"].split(" ");
      if (data.is === "words") way.showWords(words);
      else way.gotOthers(words);
    }
    if (data.is === "sent") way.sent(data.done, data.total);
    if (data.is === "waiting")
      way.strip(this.isSealing && data.why === "offline" ? "seal-pause" : WAITS[data.why], data.seconds);
    if (data.is === "going") way.strip("");
    if (data.is === "promised") {
      this.isSealing = false;
      way.promised(data.code, data.deadline);
    }
    if (data.is === "refused") this.refused(data.code, data.at, data.file);
  }

  /** @param {string} code
   * @param {declaring.Asked["do"]} at */
  refused(code, at, file = -1) {
    this.isSealing = false;
    this.failedAt = at;
    // A module that stopped halfway is not called again.
    this.mustBegin = at === "begin" || BROKEN.includes(code);
    this.way.strip("");
    if (file >= 0) {
      this.way.fileFailed(file, OF_A_FILE[code]);
      return;
    }
    this.way.trouble(SENTENCES[code] ?? "err-failed", true);
  }
}
