// The few things that every script of the page does with it.

/** An element that the page has.
 * @returns {any} */
export const el = (id) => document.getElementById(id);

// Puts values in the place of `{name}`.
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

// A sentence that the page wrote, with its variables.
export function say(id, values = {}) {
  const sentence = document.querySelector(`#says [data-say="${id}"]`);
  return sentence ? fill(sentence.textContent, values) : "";
}

// Sets the state of a row in a list of states: `wait`, `now` or `done`. Gives what there is to tell.
export function setState(name, state) {
  const row = el("states").querySelector(`[data-state="${name}"]`);
  const word = say(`seal-state-${state}`);
  row.dataset.is = state;
  row.querySelector("b").textContent = word;
  return state === "now" ? `${row.querySelector("span").textContent}: ${word}` : "";
}

// Bytes as people read them.
export function size(bytes) {
  const [unit, by, digits] = bytes < 1_000_000 ? ["kB", 1000, 0] : ["MB", 1_000_000, 1];
  const number = Math.max(bytes / by, bytes > 0 && unit === "kB" ? 1 : 0);
  return `${number.toLocaleString(document.documentElement.lang, { maximumFractionDigits: digits })} ${unit}`;
}

// Changes what stands above without moving what she writes in or looks at.
export function still(change) {
  const field = document.activeElement?.closest("textarea, input");
  const held = field ?? document.elementFromPoint(innerWidth / 2, innerHeight / 2);
  // Where the browser would do the same, both would move it.
  document.documentElement.style.overflowAnchor = "none";
  const before = held?.getBoundingClientRect().top ?? 0;
  change();
  if (held?.getClientRects().length && !held.closest(".strip")) scrollBy(0, held.getBoundingClientRect().top - before);
}
