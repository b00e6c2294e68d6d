// The few things that every script of the page does with it.

/** An element that the page has; elements.d.ts says which are more than any element.
 * @template {string} Id
 * @param {Id} id
 * @returns {Id extends keyof Elements ? Elements[Id] : HTMLElement} */
export const el = (id) => /** @type {never} */ (document.getElementById(id));

/** The first within `place` that fits; it is there.
 * @template {string} Name
 * @param {ParentNode} place
 * @param {Name} selector
 * @returns {Name extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[Name] : HTMLElement} */
export const part = (place, selector) => /** @type {never} */ (place.querySelector(selector));

/** All within `place` that fit.
 * @param {ParentNode} place
 * @param {string} selector
 * @returns {NodeListOf<HTMLElement>} */
export const parts = (place, selector) => place.querySelectorAll(selector);

/** Puts values in the place of `{name}`.
 * @param {string} text
 * @param {Record<string, unknown>} values */
export const fill = (text = "", values = {}) =>
  text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));

/** A sentence that the page wrote, with its variables.
 * @param {string} id
 * @param {Record<string, unknown>} [values] */
export function say(id, values) {
  const sentence = document.querySelector(`#says [data-say="${id}"]`);
  return sentence ? fill(sentence.textContent, values) : "";
}

/** Lists words, each with its number.
 * @param {HTMLElement} place
 * @param {string[]} words */
export function showWords(place, words) {
  const rows = words.map((word) => {
    const row = document.createElement("li");
    row.textContent = word;
    return row;
  });
  place.replaceChildren(...rows);
}

/** Sets the state of a row in a list of states. Gives what there is to tell.
 * @param {string} name
 * @param {RowState} state */
export function setState(name, state) {
  const row = part(el("states"), `[data-state="${name}"]`);
  const word = say(`seal-state-${state}`);
  row.dataset.is = state;
  part(row, "b").textContent = word;
  return state === "now" ? `${part(row, "span").textContent}: ${word}` : "";
}

/** Bytes as people read them.
 * @param {number} bytes */
export function size(bytes) {
  const isSmall = bytes < 1_000_000;
  const number = isSmall ? Math.max(bytes / 1000, bytes > 0 ? 1 : 0) : bytes / 1_000_000;
  const text = number.toLocaleString(document.documentElement.lang, { maximumFractionDigits: isSmall ? 0 : 1 });
  return `${text} ${isSmall ? "kB" : "MB"}`;
}

/** Changes what stands above without moving what she writes in or looks at.
 * @param {() => void} change */
export function still(change) {
  const field = document.activeElement?.closest("textarea, input");
  const held = field ?? document.elementFromPoint(innerWidth / 2, innerHeight / 2);
  // Where the browser would do the same, both would move it.
  document.documentElement.style.overflowAnchor = "none";
  const before = held?.getBoundingClientRect().top ?? 0;
  change();
  if (held?.getClientRects().length && !held.closest(".strip")) scrollBy(0, held.getBoundingClientRect().top - before);
}
