// What she adds to a filing: a text, files, or both, sealed like the first and with the choices of the first. It stays
// here until it is promised; nothing of it is stored.

import { Files } from "./files.js";
import { el, fill, say, size } from "./page.js";
import { isBlank, json } from "./text.js";
import { Voice } from "./voice.js";

// Why it was not sealed, by its code.
/** @type {Record<string, string>} */
const REFUSED = {
  "case-unknown": "add-err-early",
  "too-few-seats": "add-err-seats",
  "file-changed": "evidence-changed",
  "no-copy": "evidence-no-copy",
  unreadable: "evidence-changed",
  "too-large": "evidence-too-large",
  "too-much": "err-too-much",
  quota: "add-err-code",
  "checkpoint-too-old": "inbox-err-old",
  "checkpoint-from-future": "inbox-err-old",
  "log-not-verifiable": "inbox-err-old",
  old: "inbox-err-old",
  promise: "err-promise",
  memory: "err-memory",
};
const OF_A_FILE = ["evidence-changed", "evidence-too-large", "evidence-no-copy"];

export class Adding {
  /** @param {(asked: returning.Verbs["fits"] | returning.Verbs["add"]) => void} ask
   * @param {() => void} back
   * @param {() => void} sent tells that something goes out: the page is in use */
  constructor(ask, back, sent) {
    this.ask = ask;
    this.sent = sent;
    this.isSending = false;
    this.first = "";
    this.isDemo = false;
    this.isLarge = false;
    this.files = new Files((chosen) => ask({ do: "fits", ...chosen, large: this.isLarge }), el("add-seal"));
    this.voice = new Voice(this.files, () => this.show(), sent);
    el("add-seal").addEventListener("click", () => this.seal());
    el("add-back").addEventListener("click", async () => {
      await this.voice.finish();
      back();
    });
  }

  /** @param {string} first
   * @param {boolean} isDemo
   * @param {boolean} isLarge whether a seat sent an upload code for it */
  open(first, isDemo, isLarge) {
    this.first = first;
    this.isDemo = isDemo;
    this.isLarge = isLarge;
    el("add-may-be-large").hidden = !isLarge;
    this.files.tooLarge = isLarge ? "add-too-large" : "evidence-too-large";
    this.files.check();
    el("add-error").textContent = "";
    this.show();
  }

  /** @param {declaring.Room} room */
  room(room) {
    this.files.room(room);
    // What using the code shows is said before it is used.
    el("add-is-large").hidden = !room.isLarge;
  }

  isDirty() {
    return el("add-text").value.trim() !== "" || this.files.list.length > 0 || this.voice.isRecording();
  }

  async seal() {
    if (this.isSending) return;
    await this.voice.finish();
    el("add-error").textContent = "";
    const text = el("add-text").value;
    if (isBlank(text) && this.files.list.length === 0) {
      el("add-error").textContent = say("account-empty");
      el("add-text").focus();
      return;
    }
    if (!(await this.files.look())) {
      this.files.ask();
      return;
    }
    if (this.isSending) return;
    this.isSending = true;
    this.show();
    this.sent();
    this.ask({
      do: "add",
      case: this.first,
      input: json({ account: text, soon: this.isDemo }),
      ...this.files.chosen(),
    });
  }

  show() {
    el("add-seal").disabled = this.isSending;
    el("add-state").textContent = this.isSending ? say("add-sealing") : "";
    if (!this.isSending) el("add-sent").hidden = true;
  }

  /** @param {number} done
   * @param {number} total */
  progress(done, total) {
    this.sent();
    el("add-sent").hidden = total === 0;
    el("add-sent-text").textContent = fill(el("add-sent-text").dataset.text ?? "", {
      done: size(done),
      total: size(total),
    });
    el("add-bar").value = total > 0 ? Math.round((100 * done) / total) : 0;
  }

  /** @param {string} code
   * @param {number} file */
  refused(code, file) {
    this.isSending = false;
    this.show();
    const sentence = REFUSED[code] ?? "inbox-err-other";
    if (file >= 0 && OF_A_FILE.includes(sentence)) {
      this.files.failed(file, sentence);
      this.files.ask();
      return;
    }
    el("add-error").textContent = `${say(sentence)} ${say("add-kept")}`;
  }

  /** It is promised, or she leaves: nothing of it stays in the page. */
  forget() {
    this.isSending = false;
    el("add-text").value = "";
    el("add-error").textContent = "";
    this.voice.forget();
    el("add-is-large").hidden = true;
    this.files.forget();
    this.show();
  }
}
