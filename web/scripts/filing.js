// The page's side of the worker: one act each, and what comes back told to the way.

import { json } from "./text.js";

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
const OF_A_FILE = {
  "file-changed": "evidence-changed",
  unreadable: "evidence-changed",
  "too-large": "evidence-too-large",
};
const BROKEN = ["memory", "failed", "order"];
const WAITS = { offline: "net-offline", server: "net-server", busy: "net-busy", full: "net-full" };

export class Filing {
  constructor(page, way) {
    this.page = page;
    this.way = way;
    this.isSealing = false;
    this.isReady = false;
    /** @type {any} */
    this.worker = null;
    this.begin();
  }

  begin() {
    this.worker?.terminate();
    this.failedAt = "";
    this.mustBegin = false;
    this.isReady = false;
    this.worker = new Worker(this.page.worker, { type: "module" });
    this.worker.onmessage = ({ data }) => this.heard(data);
    this.worker.onerror = () => this.refused("no-module", "begin");
    const { root, built } = this.page;
    const module = new URL(this.page.module, location.href).href;
    this.worker.postMessage({ do: "begin", root, built: Number(built), module });
  }

  room(sizes) {
    if (this.isReady) this.worker.postMessage({ do: "fits", sizes });
  }

  seal(telling, files, choices) {
    this.isSealing = true;
    this.worker.postMessage({ do: "seal", telling: json(telling), files, ...choices });
  }

  now() {
    this.worker.postMessage({ do: "now" });
  }

  // Ends the worker, and with it all that it holds in memory.
  end() {
    this.worker.terminate();
  }

  heard(data) {
    const { way } = this;
    if (data.is === "council") {
      this.isReady = true;
      way.strip("");
      way.council(data.members);
    }
    if (data.is === "room") way.files.room(data);
    if (data.is === "state") way.state(data.name, data.state);
    if (data.is === "words") way.showWords(data[document.documentElement.lang].split(" "));
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
