// Saved for another day: what she has written so far is sealed to words that she gets early, and saved again each time she
// goes on. Words and keys are the worker's; its module is fetched when she asks for it, and not before.

import { el, fill, say, still } from "./page.js";
import { startWorker } from "./start.js";
import { json } from "./text.js";
import { zoned } from "./when.js";
import { Words } from "./words.js";

// Where there is something to save.
const STEPS = ["account", "questions", "evidence", "person", "identity", "check"];
// What the page asks of her and is none of what she tells.
const OF_THE_PAGE = ["confirm-word", "files", "voice-file"];

/** @type {Record<string, string>} */
const REFUSED = { changed: "later-elsewhere", "draft-too-long": "later-too-long" };

/** What the page does with what comes back.
 * @typedef {object} Way
 * @property {string} step
 * @property {string[]} words
 * @property {boolean} isPromised
 * @property {(step: string) => void} go
 * @property {(text: string) => void} live
 * @property {(words: string[]) => void} showWords
 * @property {(words: string[], step: string) => void} resume */

/** @param {HTMLInputElement | HTMLTextAreaElement} field */
const nameOf = (field) =>
  field.type === "radio" ? field.name : field.id || `${field.name || field.closest("[id]")?.id}:${field.value}`;

/** @returns {(HTMLInputElement | HTMLTextAreaElement)[]} */
const fieldsOf = () =>
  Array.from(/** @type {NodeListOf<HTMLInputElement>} */ (el("form").querySelectorAll("input, textarea"))).filter(
    // Rows of whom she names are saved together, in a field of their own.
    ({ id, dataset }) => !OF_THE_PAGE.includes(id) && dataset.row === undefined,
  );

/** What she has written and chosen, by the name of the field. */
function written() {
  /** @type {Record<string, string>} */
  const fields = {};
  for (const field of fieldsOf()) {
    const isBox = field.type === "radio" || field.type === "checkbox";
    const is = !isBox || /** @type {HTMLInputElement} */ (field).checked;
    if (is && field.value) fields[nameOf(field)] = field.value;
  }
  return fields;
}

/** Writes what was saved into the page.
 * @param {Record<string, string>} fields */
function restore(fields) {
  for (const field of fieldsOf()) {
    const value = fields[nameOf(field)];
    if (field.type === "radio") /** @type {HTMLInputElement} */ (field).checked = value === field.value;
    else if (field.type === "checkbox") /** @type {HTMLInputElement} */ (field).checked = value !== undefined;
    else field.value = value ?? "";
  }
  for (const field of fieldsOf()) {
    for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
  }
}

export class Later {
  /** @param {DOMStringMap} page
   * @param {Way} way
   * @param {() => number} files how many she has chosen */
  constructor(page, way, files) {
    this.page = page;
    this.way = way;
    this.files = files;
    this.from = "account";
    // What the words stand for, while they are held: every step forward saves.
    /** @type {Uint8Array | undefined} */
    this.entropy = undefined;
    this.isStopped = false;
    this.saving = "";
    this.saved = "";
    this.isAgain = false;
    /** @type {string[]} Words of a draft that was opened. */
    this.opened = [];
    /** @type {WorkerOf<drafting.Asked> | null} */
    this.worker = null;
    /** @type {Words | null} */
    this.entry = null;
    this.isThere = page.draftModule !== undefined;
    if (this.isThere) this.listen();
  }

  listen() {
    el("later-open").addEventListener("click", () => this.offer());
    el("later-save").addEventListener("click", () => this.begin());
    el("later-back").addEventListener("click", () => this.way.go(this.from));
    el("later-leave").addEventListener("click", () => el("exit").click());
    el("resume-open").addEventListener("click", () => {
      this.start();
      this.entry ??= new Words(
        (words) => this.worker?.postMessage({ do: "unknown", words }),
        (words) => this.worker?.postMessage({ do: "open", words }),
        () => {},
      );
      this.way.go("resume");
    });
  }

  /** @returns {WorkerOf<drafting.Asked>} */
  start() {
    const { root, built, draftModule: module, draftWorker: worker } = this.page;
    this.worker ??= startWorker(
      { root, built, module, worker },
      (/** @type {drafting.Told} */ told) => this.heard(told),
      () => this.broken("no-module"),
    );
    return this.worker;
  }

  // Ends the worker, and with it all that it holds in memory.
  end() {
    this.worker?.terminate();
    this.worker = null;
    this.entry?.forget();
  }

  now() {
    this.worker?.postMessage({ do: "now" });
  }

  /** What the page shows of it at a step.
   * @param {string} step */
  at(step) {
    if (!this.isThere) return;
    // Words that sealing drew are those of a filing already.
    const isOfSealing = this.way.words.length > 0 && !this.entropy;
    el("later-offer").hidden = !STEPS.includes(step) || isOfSealing || this.isStopped;
    el("later-saved").hidden = el("later-saved").textContent === "" || [...STEPS, "before"].indexOf(step) < 0;
  }

  /** Whether everything that is written is saved. */
  isSafe() {
    return this.entropy !== undefined && this.files() === 0 && this.saved === json(this.contents());
  }

  // What is saved: what she has written and chosen, and where she is.
  contents() {
    return { ...written(), "-step": this.from, "-files": String(this.files()) };
  }

  offer() {
    this.from = this.way.step;
    this.show();
  }

  show() {
    const isOpen = this.entropy !== undefined;
    el("later-ask").hidden = isOpen;
    el("later-save").hidden = isOpen;
    el("later-save").disabled = false;
    el("later-leave").hidden = true;
    el("later-state").textContent = "";
    this.way.go("later");
    if (isOpen) this.save(true);
  }

  begin() {
    el("later-save").disabled = true;
    el("later-state").textContent = say("later-drawing");
    this.start().postMessage({ do: "draw" });
  }

  // Saves what is written, if it is not saved already. What she writes meanwhile is saved after it.
  save(isAsked = false) {
    if (!this.entropy || this.isStopped) return;
    const fields = this.contents();
    const text = json(fields);
    if (this.saving) {
      this.isAgain = true;
      return;
    }
    if (text === this.saved && !isAsked) return;
    this.saving = text;
    this.told(say("later-saving"));
    this.worker?.postMessage({ do: "save", fields });
  }

  /** She goes on: what is written is saved.
   * @param {string} to */
  went(to) {
    if (STEPS.includes(to)) this.from = to;
    this.save();
  }

  // It is filed: nothing of it is left to be finished.
  erase() {
    if (this.entropy && !this.isStopped) this.worker?.postMessage({ do: "erase" });
    this.isStopped = true;
    if (this.isThere) this.told("");
  }

  /** @param {string} text */
  told(text) {
    still(() => {
      el("later-saved").textContent = text;
      if (this.way.step === "later") el("later-state").textContent = text;
      this.at(this.way.step);
    });
  }

  /** @param {drafting.Told} data */
  heard(data) {
    if (data.is === "unknown") this.entry?.told(data.words);
    if (data.is === "unread") this.unread(data.why);
    if (data.is === "deriving") this.opening(true);
    if (data.is === "words") this.drew(data);
    if (data.is === "found") this.found(data.draft);
    if (data.is === "saved") this.stored();
    if (data.is === "failed") this.refused(data.code);
    if (data.is === "broken") this.broken(data.code);
    if (data.is === "waiting" && this.saving) this.told(say("later-not-yet"));
  }

  /** @param {drafting.Words} words */
  drew(words) {
    const isNew = this.way.step === "later";
    this.entropy = words.entropy;
    const text = words[document.documentElement.lang === "en" ? "en" : "es"].split(" ");
    if (!isNew) {
      this.opened = text;
      return;
    }
    el("later-state").textContent = "";
    this.way.showWords(text);
    this.save();
  }

  stored() {
    this.saved = this.saving;
    this.saving = "";
    const time = zoned(document.documentElement.lang, { timeStyle: "short" })(new Date());
    this.told(fill(say("later-saved"), { time }));
    if (this.way.step === "later") {
      el("later-state").textContent = fill(say("later-done"), { time });
      el("later-leave").hidden = false;
    }
    this.way.live(say("later-done", { time }));
    if (this.isAgain) {
      this.isAgain = false;
      this.save();
    }
  }

  /** @param {string} code */
  refused(code) {
    if (this.way.step === "resume") {
      this.opening(false);
      this.entry?.failed(say("err-failed"));
      return;
    }
    this.saving = "";
    this.isAgain = false;
    if (code === "changed") this.isStopped = true;
    const sentence = REFUSED[code] ?? "later-not-yet";
    this.told(say(sentence));
    this.way.live(say(sentence));
  }

  // A module that stopped halfway is not called again.
  /** @param {string} code */
  broken(code) {
    const sentence = say(code === "memory" ? "err-memory" : "err-failed");
    this.worker?.terminate();
    this.worker = null;
    this.saving = "";
    if (this.way.step === "resume") {
      this.opening(false);
      this.entry?.failed(sentence);
      this.start();
    } else if (this.way.step === "later") {
      el("later-state").textContent = sentence;
      el("later-save").disabled = false;
    }
    if (this.entropy) {
      this.isStopped = true;
      this.told(sentence);
    }
  }

  // ── going on another day ──

  /** @param {boolean} is */
  opening(is) {
    el("resume-words").hidden = is;
    el("resume-state").textContent = is ? say("return-working") : "";
  }

  /** @param {inbox.Unread} why */
  unread(why) {
    this.opening(false);
    this.entry?.refused(why);
  }

  /** @param {drafting.Draft | null} draft */
  found(draft) {
    this.opening(false);
    if (!draft) {
      this.entry?.failed(say("later-none"));
      return;
    }
    const { "-step": step, "-files": files, ...fields } = draft.fields;
    restore(fields);
    this.entry?.forget();
    this.from = STEPS.includes(step) ? step : "account";
    this.saved = json(this.contents());
    const at = zoned(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
    const lost = Number(files) > 0 ? ` ${say("later-opened-files")}` : "";
    this.told(fill(say("later-opened"), { time: at(new Date(draft.saved * 1000)) }) + lost);
    this.way.resume(this.opened, this.from);
  }
}
