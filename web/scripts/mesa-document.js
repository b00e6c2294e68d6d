// Opened documents: shown from the page's memory by blob: addresses, saved by a button, covered while nobody looks.
import { forget, law } from "./mesa-law.js";
import { kindOf, whyNot } from "./media.js";
import { button, coded, compartment, h, language, t } from "./mesa-words.js";
import { el } from "./page.js";
import { json, visible, wellFormed, within } from "./text.js";
import { imported } from "./turns.js";

/** An opened compartment, and its place among them. @typedef {desk.Opened & { place: number }} Part */

const place = el("desk-documents");
// The compartment that says what happened.
const ACCOUNT = 1;
/** @type {string[]} */
let addresses = [];
/** @type {Set<string>} */
let drawn = new Set();
let attempts = 0;
const KINDS = ["phone", "email", "plate", "account", "handle"];

/** Saves bytes under a name.
 * @param {Blob} blob
 * @param {string} name */
export function save(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = h("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** @param {number} bytes */
const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

/** The picture, sound or film itself. What this browser cannot show says so, and how to look at it.
 * @param {desk.File} told
 * @param {{ as: "img" | "audio" | "video", type: string }} kind
 * @param {string} address */
function player(told, { as, type }, address) {
  /** @returns {void} */
  const failed = () => element.replaceWith(h("p", { class: "notice", "data-not-shown": told.name }, t(whyNot(type))));
  const attributes = { src: address, onerror: failed };
  /** @type {HTMLElement} */
  const element =
    as === "img"
      ? h("img", { ...attributes, alt: t("desk-opened-image", { name: told.name }) })
      : h(as, { ...attributes, controls: true });
  // A film of which only the sound can be played.
  element.addEventListener("loadedmetadata", () => {
    if (element instanceof HTMLVideoElement && element.videoWidth === 0)
      element.after(h("p", { class: "notice" }, t(whyNot(type))));
  });
  return element;
}

/** A file with its picture, sound or film, and a button that saves it.
 * @param {desk.File} told
 * @param {Blob} bytes */
function figure(told, bytes) {
  // Any other type is never given to the browser: the file could be a page with scripts.
  const kind = kindOf(told.media_type, told.name);
  const address = URL.createObjectURL(bytes.slice(0, bytes.size, kind?.type ?? "application/octet-stream"));
  addresses.push(address);
  return h(
    "figure",
    { class: "opened-file", "data-file": told.name },
    kind ? player(told, kind, address) : h("p", { class: "hint" }, t("desk-opened-not-shown")),
    h(
      "figcaption",
      {},
      h("bdi", { class: "file-name" }, visible(told.name)),
      ` · ${size(told.size)} · ${t(told.is_copy ? "desk-opened-file-copy" : "desk-opened-file-original")} · `,
      h(
        "span",
        { class: told.is_as_told ? "stamp ok" : "stamp" },
        t(told.is_as_told ? "desk-opened-verified" : "desk-opened-unverified"),
      ),
    ),
    h(
      "p",
      {},
      h(
        "a",
        { class: "button", href: address, download: visible(told.name) },
        `${t("desk-opened-save")} ${within(told.name)}`,
      ),
    ),
  );
}

/** An original stays behind a step that says what its custody asks for; its bytes come when the step is taken.
 * @param {desk.File} told
 * @param {() => Promise<Blob>} bytes */
function original(told, bytes) {
  const inside = h("div", {}, h("p", { class: "notice" }, t("desk-opened-custody")));
  const step = h(
    "details",
    { class: "opened-original", "data-original": told.name },
    h("summary", {}, `${t("desk-opened-original")} ${within(told.name)} · ${size(told.size)}`),
    inside,
  );
  step.addEventListener("toggle", async () => inside.append(figure(told, await bytes())), { once: true });
  return step;
}

/** @type {Promise<typeof import("./identifiers.js")> | undefined} */
let reading;

async function identifiers() {
  reading ??= (async () => {
    /** @type {typeof import("./identifiers.js")} */
    const module = await imported(new URL("identifiers.js", import.meta.url).href, attempts++);
    await module.default({ module_or_path: new URL("identifiers_bg.wasm", import.meta.url) });
    return module;
  })();
  try {
    return await reading;
  } catch {
    // Another account asks again; her answers show what she wrote.
    reading = undefined;
    return undefined;
  }
}

/** How each identifier of who hurt her is read, once the module is there. It is fetched with every account that is opened: fetched
 * for some alone, it would tell the service which of them name somebody. Gives the place where it is shown, and for a report
 * the answers with what was read so far.
 * @param {desk.Document["told"]} told */
function identified(told) {
  const place = h("div", {});
  const text = (/** @type {unknown} */ value) => (typeof value === "string" ? value : "");
  // Those that `testimony::named` takes, in the same order: a report counts them so.
  const isOne = (/** @type {any} */ one) => KINDS.includes(one?.kind) && typeof one.text === "string";
  const list = Array.isArray(told?.identifiers) ? told.identifiers.filter(isOne) : [];
  /** @type {(string | null)[]} */
  let normal = [];
  identifiers().then((module) => {
    if (!module || list.length === 0) return;
    normal = list.map(({ kind, of, text: own }) => {
      try {
        return module.normal(text(kind), text(of) || undefined, wellFormed(text(own)));
      } catch {
        return null;
      }
    });
    const rows = list.map((one, n) =>
      h("div", {}, h("dt", {}, text(one.text)), h("dd", {}, normal[n] ?? t("desk-opened-no-normal"))),
    );
    place.append(
      h("h3", {}, t("desk-opened-identifiers")),
      h("dl", { class: "facts identified", translate: "no" }, rows),
    );
  });
  return { place, beside: () => (told ? json({ answers: told, normal }) : "") };
}

/** @param {Part} part
 * @param {desk.Ask} ask */
async function sheet(part, ask) {
  const shown = await ask("shown", { place: part.place });
  const bytes = (/** @type {number} */ file) => ask("file", { place: part.place, file });
  const files = shown.files.map((told, n) => ({ told, n }));
  const copies = await Promise.all(
    files.filter(({ told }) => told.is_copy).map(async ({ told, n }) => figure(told, await bytes(n))),
  );
  const originals = files.filter(({ told }) => !told.is_copy).map(({ told, n }) => original(told, () => bytes(n)));
  const id = `opened-${part.request}-${part.name}`;
  const { answers } = shown;
  const named = part.name === ACCOUNT ? identified(shown.told) : undefined;
  const text = new Blob([shown.text], { type: "text/plain;charset=utf-8" });
  const words = h(
    "div",
    { class: "testimony", translate: "no", tabindex: "0", role: "group", "aria-label": t("desk-opened-text") },
    shown.text,
  );
  const record = () => ask("record", { place: part.place });
  const uncover = button(`uncover-${id}`, t("desk-uncover"), () => place.classList.remove("covered"), "primary");
  return h(
    "article",
    { class: "opened", id, "aria-labelledby": `${id}-h`, "data-compartment": part.name },
    h(
      "h2",
      { id: `${id}-h`, tabindex: "-1" },
      coded(`${t("desk-opened-h")} · ${shown.code} · ${compartment(shown.name)}`),
    ),
    h("div", { class: "opened-cover" }, h("p", {}, t("desk-cover")), uncover),
    h(
      "div",
      { class: "opened-content" },
      h("p", { class: "muted" }, t("desk-opened-once")),
      shown.part && h("p", { class: "notice", "data-part": shown.part }, t(`desk-opened-by-${shown.part}`)),
      shown.bad.map((x) => h("p", { class: "notice caution" }, t("desk-opened-bad", { x }))),
      shown.unopened.map(({ object, kind, why }) =>
        h(
          "p",
          { class: "notice caution", "data-unopened": why },
          t(`desk-unopened-${kind}`),
          " ",
          t(`desk-unopened-${why}`),
          " ",
          h("code", {}, object.slice(0, 16)),
        ),
      ),
      shown.unopened.some(({ why }) => why !== "does-not-open") &&
        h("p", { class: "notice" }, t("desk-unopened-again")),
      [...new Set(shown.remarks)].map((remark) => h("p", { class: "notice caution" }, t(`desk-opened-${remark}`))),
      h("h3", {}, t("desk-opened-text")),
      words,
      h(
        "p",
        {},
        button(`save-text-${id}`, t("desk-opened-save-text"), () => save(text, `${shown.code}.txt`)),
      ),
      answers.length > 0 && [
        h("h3", {}, t("desk-opened-answers")),
        h(
          "dl",
          { class: "facts", translate: "no" },
          answers.map(({ field, answer }) => h("div", {}, h("dt", {}, field[language]), h("dd", {}, answer[language]))),
        ),
      ],
      named?.place,
      files.length > 0 && [h("h3", {}, t("desk-opened-files")), copies, originals],
      named && law(id, shown.code, words, shown.text, named.beside, record, save),
      // Stays at the edge of the window, so that a picture of the screen says which request it came from.
      h("p", { class: "opened-mark" }, `${shown.code} · ${part.request.slice(0, 16)}`),
    ),
  );
}

/** Shows what is open, each part once; nothing open clears the place.
 * @param {Part[]} parts
 * @param {desk.Ask} ask */
export async function documents(parts, ask) {
  if (parts.length === 0) {
    place.classList.remove("covered");
    for (const address of addresses) URL.revokeObjectURL(address);
    addresses = [];
    drawn = new Set();
    forget();
    place.replaceChildren();
    return;
  }
  for (const part of parts) {
    const key = `${part.request}-${part.name}-${part.unopened}`;
    if (drawn.has(key)) continue;
    drawn.add(key);
    const drawing = await sheet(part, ask);
    const before = document.getElementById(drawing.id);
    // Opened again, when more of it has come.
    if (before === null) place.append(drawing);
    else before.replaceWith(drawing);
  }
}

function cover() {
  if (place.hasChildNodes()) place.classList.add("covered");
}
addEventListener("blur", cover);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) cover();
});
