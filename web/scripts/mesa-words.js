// Words, dates and elements of the desk. Everything is set as text; nothing is ever read as HTML, and no character acts on
// what stands around it.
import { h, LINES } from "./dom.js";
import { within } from "./text.js";
import { zoned } from "./when.js";

export { h };

const page = /** @type {HTMLElement} */ (document.getElementById("desk-page"));
const words = new Map();
const sentences = /** @type {HTMLTemplateElement} */ (document.getElementById("desk-words")).content;
for (const word of /** @type {Iterable<HTMLElement>} */ (sentences.children))
  words.set(word.dataset.id, word.textContent);

export const language = page.dataset.language ?? "es";
export const has = (id) => words.has(id);

// A message with its variables.
export function t(id, values = {}) {
  const text = words.get(id) ?? id;
  return text.replace(/\{\$([a-z_]+)\}/g, (whole, name) =>
    name in values ? within(String(values[name]), LINES) : whole,
  );
}

const exact = zoned(language, { dateStyle: "medium", timeStyle: "short" });
const toSecond = zoned(language, { dateStyle: "medium", timeStyle: "medium" });

// A moment of the log. Seconds only where waiting times are that short (a demo).
export const time = (seconds, fine = false) => (fine ? toSecond : exact)(new Date(seconds * 1000));

// How long until then, seen from `now`.
export function left(until, now) {
  const s = until - now;
  if (s <= 0) return t("desk-left-now");
  if (s < 120) return t("desk-left-seconds", { n: s });
  if (s < 7200) return t("desk-left-minutes", { n: Math.round(s / 60) });
  if (s < 172800) return t("desk-left-hours", { n: Math.round(s / 3600) });
  return t("desk-left-days", { n: Math.round(s / 86400) });
}

// A text whose handles do not break at the end of a line.
export const coded = (text) =>
  text.split(/(R-[0-9A-Z]{4}-[0-9A-Z]{4})/).map((part, n) => (n % 2 ? h("span", { class: "handle" }, part) : part));

export const button = (id, text, press, kind = "") =>
  h("button", { type: "button", class: `button ${kind}`.trim(), id, onclick: press }, text);

// Pairs of term and value.
export const facts = (pairs) =>
  h(
    "dl",
    { class: "facts" },
    pairs.filter(Boolean).map(([term, ...value]) => h("div", {}, h("dt", {}, term), h("dd", {}, ...value))),
  );

export const short = (digest) => digest.slice(0, 8);
export const compartment = (n) =>
  t(["", "desk-account", "desk-identity", "desk-consent", "desk-match"][n] ?? "desk-account");
export const compartments = (list) => list.map(compartment).join(", ");

// Eight words to be compared, in order, in both lists: the other side may have them in the other language.
export const fingerprint = (lists, label) =>
  [
    ["es", t("desk-words-es")],
    ["en", t("desk-words-en")],
  ].flatMap(([tag, name]) => [
    h("p", { class: "small muted" }, name),
    h(
      "ol",
      { class: "words", translate: "no", lang: tag, "aria-label": `${label}, ${name}` },
      lists[tag].split(" ").map((word) => h("li", {}, word)),
    ),
  ]);

// What a rule or a failure says, in words.
export function reason(failure, now) {
  const id = `desk-err-${failure.code}`;
  const until = failure.until && time(failure.until, true);
  const text = has(id) ? t(id, { ...failure, until }) : t("desk-err-other", { code: failure.code });
  if (!failure.from) return text;
  return `${text} ${t("desk-err-from", { time: time(failure.from, failure.from - now < 7200), left: left(failure.from, now) })}`;
}
