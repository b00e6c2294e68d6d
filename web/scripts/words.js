// Eight fields for eight words. All of them may be typed or pasted into one: each word moves to its own field. What the
// list does not hold is said at the word. Which words there are the module knows, not this script.

import { el, say } from "./page.js";
import { within } from "./text.js";

// What stands between words; a part without a letter is none. The module reads the same (protocol, §4 «Reading»).
const BETWEEN = /[\s,;/\\|_+·•\-\u2010-\u2015\u2212]+/u;
const hasLetter = (/** @type {string} */ part) => /\p{L}/u.test(part);

export class Words {
  /** @param {(words: string[]) => void} check asks which of the words no list holds; the answer comes by `told`
   * @param {(words: string) => void} open
   * @param {() => void} touched she writes */
  constructor(check, open, touched) {
    this.check = check;
    this.openWith = open;
    this.touched = touched;
    /** @type {HTMLInputElement[]} */
    this.fields = Array.from(document.querySelectorAll("[data-word]"));
    for (const [place, field] of this.fields.entries()) {
      field.addEventListener("input", (event) => this.wrote(place, /** @type {InputEvent} */ (event).isComposing));
      field.addEventListener("compositionend", () => this.wrote(place, false));
      // A field has one line: of a text with several it would glue the words together.
      field.addEventListener("paste", (event) => {
        const text = event.clipboardData?.getData("text") ?? "";
        if (!BETWEEN.test(text.trim())) return;
        event.preventDefault();
        this.put(place, text);
      });
      field.addEventListener("change", () => this.look());
      field.addEventListener("keydown", (event) => {
        const next = this.fields[place + 1];
        if (event.key !== "Enter" || event.isComposing || !next || next.value.trim()) return;
        event.preventDefault();
        next.focus();
      });
    }
    el("words-form").addEventListener("submit", (event) => {
      event.preventDefault();
      el("words-error").textContent = "";
      this.openWith(this.written().join(" "));
    });
  }

  written() {
    return this.fields.map((field) => field.value.trim());
  }

  isEmpty() {
    return this.written().every((word) => word === "");
  }

  look() {
    if (!this.isEmpty()) this.check(this.written());
  }

  /** @param {number} place
   * @param {boolean} isComposing */
  wrote(place, isComposing) {
    this.touched();
    this.clear(place);
    el("words-error").textContent = "";
    const text = this.fields[place].value;
    if (!isComposing && BETWEEN.test(text.trimStart())) this.put(place, text);
  }

  /** Each word of a text moves to its own field, from this one on.
   * @param {number} place
   * @param {string} text */
  put(place, text) {
    const parts = text.split(BETWEEN).filter(hasLetter);
    const goesOn = BETWEEN.test(text.at(-1) ?? "");
    // The last field has nothing to pass on to: what is too much is said, and nothing of it is lost.
    if (place === this.fields.length - 1 && parts.length < this.fields.length) {
      this.fields[place].value = text;
      return;
    }
    // All eight at once begin with the first, wherever they are put.
    const from = parts.length >= this.fields.length ? 0 : place;
    const room = this.fields.length - from;
    const kept = parts.length > room ? [...parts.slice(0, room - 1), parts.slice(room - 1).join(" ")] : parts;
    for (const [n, part] of kept.entries()) this.fields[from + n].value = part;
    if (kept.length === 0) this.fields[place].value = "";
    if (kept.length > 1) this.look();
    const last = Math.max(from + kept.length - 1, from);
    const next = this.fields[last + 1];
    if (kept.length > 0 && goesOn && next) next.focus();
    else if (kept.length > 1) this.fields[last].focus();
  }

  // ── what the module says ──

  /** The words that no list holds. The one that she is writing is not judged yet.
   * @param {inbox.Unknown[]} words */
  told(words) {
    for (const place of this.fields.keys()) {
      const unknown = words.find((word) => word.place === place + 1);
      if (unknown && document.activeElement !== this.fields[place]) this.mark(place, unknown.near);
      else this.clear(place);
    }
  }

  /** @param {inbox.Unread} why */
  refused(why) {
    const fields = this.fields;
    let sentence = say("return-checksum");
    let at = 0;
    if (why.code === "count") {
      sentence = say(why.n < fields.length ? "return-too-few" : "return-too-many", { n: why.n });
      at = Math.max(
        fields.findIndex((field) => field.value.trim() === ""),
        0,
      );
    } else if (why.code === "unknown") {
      sentence = say("return-unknown-some");
      fields[0].focus();
      for (const { place, near } of why.words) this.mark(place - 1, near);
      at = why.words[0].place - 1;
    } else if (why.code === "memory") {
      sentence = say("err-memory");
    }
    this.failed(sentence, at);
  }

  /** Says what is wrong with all of them together.
   * @param {string} sentence */
  failed(sentence, at = 0) {
    el("words-error").textContent = sentence;
    this.fields[at].focus();
  }

  /** @param {number} place
   * @param {string[]} near */
  mark(place, near) {
    const field = this.fields[place];
    const about = document.createElement("p");
    const word = within(field.value.trim());
    about.textContent = near.length
      ? say("return-unknown-word", { word, suggestion: near[0] })
      : say("return-unknown-plain", { word });
    /** @type {HTMLElement[]} */
    const parts = [about];
    if (near.length) {
      const use = document.createElement("button");
      use.type = "button";
      use.className = "button";
      use.textContent = say("return-use", { word: near[0] });
      use.addEventListener("click", () => {
        field.value = near[0];
        this.clear(place);
        (this.fields[place + 1] ?? el("words-open")).focus();
        this.look();
      });
      parts.push(use);
    }
    field.setAttribute("aria-invalid", "true");
    el(`${field.id}-error`).replaceChildren(...parts);
  }

  /** @param {number} place */
  clear(place) {
    const field = this.fields[place];
    field.removeAttribute("aria-invalid");
    el(`${field.id}-error`).replaceChildren();
  }

  // Nothing of them stays in the page.
  forget() {
    for (const [place, field] of this.fields.entries()) {
      field.value = "";
      this.clear(place);
    }
    el("words-error").textContent = "";
  }
}
