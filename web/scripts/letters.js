// Whether what she writes fits, said in letters, before she seals: what is left when little is left, and what is too much.

import { el, parts, say } from "./page.js";
import { json, letters, lettersLeft, utf8 } from "./text.js";

// What a document holds (§19), and what is left of it for answers, a file's entry, and the names of her fields.
const DOCUMENT_MAX = 256 << 10;
const ANSWERS = 12 << 10;
const FILE = 1 << 10;
const LANGUAGE_MAX = 200;
const DESCRIPTION_MAX = 2000;
// What is left is said when it is less than this part of all.
const LITTLE = 0.1;

/** @typedef {"account" | "language" | "offender-description" | "name" | "reach" | "not-safe" | "trusted"} FieldId */
/** @typedef {{ step: string, id: FieldId, most: () => number, bytesOf: (text: string) => number }} Field */

export class Letters {
  /** @param {() => number} files How many files there are.
   * @param {() => number} person What the document takes for whom she names, in bytes. */
  constructor(files, person) {
    const written = (/** @type {string} */ text) => utf8(json(text));
    const signs = (/** @type {string} */ text) => Array.from(text).length;
    // Who she is is one document: of its fields the longest is the one to shorten.
    const identity = () =>
      Array.from(parts(document, "[data-identity]"), (field) => /** @type {HTMLInputElement} */ (field).value);
    const room = (/** @type {FieldId} */ id) => {
      const own = el(id).value;
      const others = written(identity().join("\n")) - written(own);
      return identity().some((text) => text.length > own.length)
        ? Number.POSITIVE_INFINITY
        : DOCUMENT_MAX - ANSWERS - others;
    };
    /** @type {Field[]} */
    this.fields = [
      {
        step: "account",
        id: "account",
        most: () => DOCUMENT_MAX - ANSWERS - FILE * files() - person(),
        bytesOf: written,
      },
      { step: "account", id: "language", most: () => LANGUAGE_MAX, bytesOf: signs },
      { step: "person", id: "offender-description", most: () => DESCRIPTION_MAX, bytesOf: signs },
      .../** @type {const} */ (["name", "reach", "not-safe", "trusted"]).map((id) => ({
        step: "identity",
        id,
        most: () => room(id),
        bytesOf: written,
      })),
    ];
    for (const field of this.fields) el(field.id).addEventListener("input", () => this.tell(field));
  }

  /** What she has chosen not to give is not sealed, however long it is.
   * @param {string} step */
  isGiven(step) {
    return step !== "identity" || el("identity-give").checked;
  }

  /** Says it where there is something to say. True if it fits.
   * @param {Field} field */
  tell({ id, most, bytesOf }) {
    const text = el(id).value;
    // A letter takes six bytes at most: this is far from any limit, and asked at every stroke.
    if (text.length * 6 < most() && !document.getElementById(`${id}-letters`)) return true;
    const left = lettersLeft(text, most(), bytesOf);
    const place = this.place(id);
    const n = Math.abs(left).toLocaleString(document.documentElement.lang);
    const isLittle = left < LITTLE * letters(text);
    place.textContent = left < 0 ? say("letters-over", { n }) : isLittle ? say("letters-left", { n }) : "";
    place.className = left < 0 ? "field-error" : "hint";
    return left >= 0;
  }

  /** True if all of a step fits; else the focus is on what does not, after `show`.
   * @param {string} step */
  areFew(step, show = () => {}) {
    const given = this.fields.filter((field) => field.step === step && this.isGiven(step));
    const over = given.find((field) => !this.tell(field));
    if (!over) return true;
    show();
    el(over.id).focus();
    return false;
  }

  /** Under the field, made when it is first needed.
   * @param {string} id */
  place(id) {
    const known = document.getElementById(`${id}-letters`);
    if (known) return known;
    const place = document.createElement("p");
    place.id = `${id}-letters`;
    place.setAttribute("role", "status");
    el(id).after(place);
    const told = el(id).getAttribute("aria-describedby");
    el(id).setAttribute("aria-describedby", told ? `${told} ${place.id}` : place.id);
    return place;
  }
}
