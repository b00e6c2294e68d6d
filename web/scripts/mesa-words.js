// Words, dates and elements of the desk. Everything is set as text; nothing is ever read as HTML, and no character acts on
// what stands around it.
import { h, LINES } from "./dom.js";
import { el, parts } from "./page.js";
import { within } from "./text.js";
import { zoned } from "./when.js";

export { h };

/** @type {Map<string | undefined, string>} */
const words = new Map();
for (const word of parts(el("desk-words").content, "[data-id]")) words.set(word.dataset.id, word.textContent);

/** What assistance is called, by its name in the law files: the law's own words.
 * @type {Map<string, string>} */
export const measures = new Map();
for (const one of parts(el("desk-measures").content, "[data-id]")) measures.set(one.dataset.id ?? "", one.textContent);
/** A measure in words; one that no law file has as its reader wrote it.
 * @param {string} name */
export const measure = (name) =>
  measures.get(name) ?? (name === "x-other" ? t("desk-measure-other") : name.replace(/^x-/, ""));

/** @type {"es" | "en"} */
export const language = el("desk-page").dataset.language === "en" ? "en" : "es";
/** @param {string} id */
export const has = (id) => words.has(id);

/** A message with its variables.
 * @param {string} id
 * @param {object} [values] named in it; what else they hold is not read */
export function t(id, values = {}) {
  const known = /** @type {Record<string, unknown>} */ (values);
  const text = words.get(id) ?? id;
  return text.replace(/\{\$([a-z_]+)\}/g, (whole, name) =>
    name in known ? within(String(known[name]), LINES) : whole,
  );
}

/** What the public half of an act says that was done.
 * @param {desk.Twin} twin */
export const twinned = ({ act, outcome }) => t(`desk-twin-${(outcome ?? act).replace(":", "-")}`);

const exact = zoned(language, { dateStyle: "medium", timeStyle: "short" });
const toSecond = zoned(language, { dateStyle: "medium", timeStyle: "medium" });

/** A moment of the log. Seconds only where waiting times are that short (a demo).
 * @param {number} seconds */
export const time = (seconds, fine = false) => (fine ? toSecond : exact)(new Date(seconds * 1000));

const whole = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" });
/** A day of the protocol: it has no hour and no zone.
 * @param {string} text */
export const day = (text) => whole.format(new Date(`${text}T00:00:00Z`));

/** How long until then, seen from `now`.
 * @param {number} until
 * @param {number} now */
export function left(until, now) {
  const s = until - now;
  if (s <= 0) return t("desk-left-now");
  if (s < 120) return t("desk-left-seconds", { n: s });
  if (s < 7200) return t("desk-left-minutes", { n: Math.round(s / 60) });
  if (s < 172800) return t("desk-left-hours", { n: Math.round(s / 3600) });
  return t("desk-left-days", { n: Math.round(s / 86400) });
}

/** A text whose handles do not break at the end of a line.
 * @param {string} text */
export const coded = (text) =>
  text.split(/(R-[0-9A-Z]{4}-[0-9A-Z]{4})/).map((part, n) => (n % 2 ? h("span", { class: "handle" }, part) : part));

/** @param {string} id
 * @param {string} text
 * @param {() => unknown} press */
export const button = (id, text, press, kind = "") =>
  h("button", { type: "button", class: `button ${kind}`.trim(), id, onclick: press }, text);

/** Pairs of term and value; what is no pair is left out.
 * @param {([string, ...Child[]] | false | null)[]} pairs */
export const facts = (pairs) =>
  h(
    "dl",
    { class: "facts" },
    pairs
      .filter((pair) => pair !== false && pair !== null)
      .map(([term, ...value]) => h("div", {}, h("dt", {}, term), h("dd", {}, ...value))),
  );

/** @param {string} digest */
export const short = (digest) => digest.slice(0, 8);
/** @param {number} n */
export const compartment = (n) =>
  t(["", "desk-account", "desk-identity", "desk-consent", "desk-match"][n] ?? "desk-account");
/** @param {number[]} list */
export const compartments = (list) => list.map(compartment).join(", ");

/** Eight words to be compared, in order, in both lists: the other side may have them in the other language.
 * @param {Fingerprint} lists
 * @param {string} label */
export const fingerprint = (lists, label) =>
  /** @type {const} */ ([
    ["es", t("desk-words-es")],
    ["en", t("desk-words-en")],
  ]).flatMap(([tag, name]) => [
    h("p", { class: "small muted" }, name),
    h(
      "ol",
      { class: "words", translate: "no", lang: tag, "aria-label": `${label}, ${name}` },
      lists[tag].split(" ").map((word) => h("li", {}, word)),
    ),
  ]);

/** What was thrown, as a failure: the worker's own, or that something broke here.
 * @param {unknown} why
 * @returns {Failure} */
export const failureOf = (why) =>
  typeof why === "object" && why !== null && "code" in why ? /** @type {Failure} */ (why) : { code: "internal" };

/** What a rule or a failure says, in words.
 * @param {Failure} failure
 * @param {number} now */
export function reason(failure, now) {
  const id = `desk-err-${failure.code}`;
  const until = failure.until && time(failure.until, true);
  const kinds = Array.isArray(failure.asks) ? failure.asks : [];
  const asks = kinds.map((kind) => t(`desk-asks-${kind}`)).join(", ");
  const text = has(id) ? t(id, { ...failure, until, asks }) : t("desk-err-other", { code: failure.code });
  if (!failure.from) return text;
  return `${text} ${t("desk-err-from", { time: time(failure.from, failure.from - now < 7200), left: left(failure.from, now) })}`;
}
