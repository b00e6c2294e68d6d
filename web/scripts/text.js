// Text of hers and of other people: how it is shown, counted, and handed to the modules.

// Controls and what turns the direction of writing: `protocol::text::is_hidden`, character by character.
const HIDDEN = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
// Letters that are written from right to left.
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
// Nothing that anybody could see.
const BLANK = /[\p{C}\p{Z}\p{M}\u115f\u1160\u2800\u3164\uffa0]/gu;

/** A text whose hidden characters are marked (`⟨U+202E⟩`), except those of `kept`.
 * @param {string} text */
export function visible(text, kept = "") {
  const mark = (/** @type {string} */ hidden) =>
    `⟨U+${Number(hidden.codePointAt(0)).toString(16).toUpperCase().padStart(4, "0")}⟩`;
  return text.replace(HIDDEN, (hidden) => (kept.includes(hidden) ? hidden : mark(hidden)));
}

/** As `visible`, for a place within a sentence: what is written from right to left does not turn what follows.
 * @param {string} text */
export function within(text, kept = "") {
  const shown = visible(text, kept);
  return RIGHT_TO_LEFT.test(shown) ? `\u2068${shown}\u2069` : shown;
}

/** @param {string} text */
export const isBlank = (text) => text.replace(BLANK, "") === "";

/** A text without halves of characters, which a broken emoji or a cut name leaves; nothing else is changed.
 * @param {string} text */
export const wellFormed = (text) => text.replace(/\p{Cs}/gu, "\ufffd");

/** JSON for a module: halves of characters would make it unreadable.
 * @param {unknown} value */
export const json = (value) => JSON.stringify(value, (_, part) => (typeof part === "string" ? wellFormed(part) : part));

/** Letters as people count them: an accent is none of its own.
 * @param {string} text */
export const letters = (text) => (text.match(/\P{M}/gu) ?? []).length;

/** How many letters more fit into so many bytes, about; below zero, how many are too many. `bytesOf` says what a text takes.
 * @param {string} text
 * @param {number} most
 * @param {(text: string) => number} bytesOf */
export function lettersLeft(text, most, bytesOf = utf8) {
  const bytes = bytesOf(text);
  if (bytes <= most) return Math.floor((most - bytes) / Math.max(1, bytes / Math.max(1, letters(text))));
  // The longest beginning that fits.
  const parts = Array.from(text);
  let [fits, over] = [0, parts.length];
  while (over - fits > 1) {
    const middle = (fits + over) >> 1;
    if (bytesOf(parts.slice(0, middle).join("")) <= most) fits = middle;
    else over = middle;
  }
  return -Math.max(1, letters(parts.slice(fits).join("")));
}

const encoder = new TextEncoder();

/** @param {string} text */
export const utf8 = (text) => encoder.encode(text).length;
