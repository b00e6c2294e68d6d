// The law beside an opened testimony: the reader ticks what a passage proves and sees what follows. The module comes when
// she asks for it; nothing that she chooses leaves this page.
import { button, h, t } from "./mesa-words.js";
import { json } from "./text.js";
import { imported } from "./turns.js";

/** @typedef {Pick<typeof import("./counsel.js"), "assess" | "report" | "search"> & law.Vocabulary} Counsel */

const SHOWN = 12;
const REPORTS = ["assessment", "evidence", "custody", "measures"];
// What only the reader knows of the frame of a filing.
const FRAME = ["authority", "file", "petitioner", "capacity", "address", "authorised", "accused", "place", "date"];
const FRAME_MAX = 400;
/** @type {Counsel | undefined} */
let module;
let attempts = 0;
let ended = new AbortController();

// Nothing of what was marked stays behind when the desk is locked.
export function forget() {
  ended.abort();
  ended = new AbortController();
}

/** Loaded once; a build without it has no such file.
 * @returns {Promise<Counsel>} */
async function load() {
  /** @type {typeof import("./counsel.js")} */
  const { default: init, ...law } = await imported(new URL("counsel.js", import.meta.url).href, attempts++);
  await init({ module_or_path: new URL("counsel_bg.wasm", import.meta.url) });
  return { ...law, ...JSON.parse(law.vocabulary()) };
}

/** @param {string} id
 * @param {string} text
 * @param {HTMLElement} control */
const label = (id, text, control) => h("div", { class: "field" }, h("label", { for: id }, text), control);
const option = (/** @type {string} */ value, /** @type {string} */ text) => h("option", { value }, text);
const plain = (/** @type {string} */ text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** @param {law.Span} one
 * @returns {Child} */
function span(one) {
  const [[kind, text]] = Object.entries(one);
  if (kind === "gap") return h("mark", {}, `[FALTA: ${text}]`);
  return kind === "strong" ? h("strong", {}, text) : kind === "code" ? h("code", {}, text) : text;
}

/** A block of a report as elements: text is set as text, whatever stands in it.
 * @param {law.Block} one */
function block({ notice, heading, subheading, annex, caption, text, point, item, quote, table, closing }) {
  if (notice !== undefined) return h("p", { class: "notice caution" }, notice);
  if (heading !== undefined || annex !== undefined) return h("h4", {}, heading ?? annex);
  if (subheading !== undefined) return h("h5", {}, subheading);
  if (text ?? caption) return h("p", {}, (text ?? caption)?.map(span));
  if (point) return h("p", {}, h("strong", {}, point.number), " ", point.spans.map(span));
  if (closing)
    return h(
      "div",
      {},
      closing.map((line) => h("p", {}, line.map(span))),
    );
  if (item) return h("p", { class: "law-item" }, item.map(span));
  if (quote)
    return h(
      "blockquote",
      {},
      quote.paragraphs.map((line) => h("p", {}, line)),
      h("footer", {}, quote.source),
    );
  const { head = [], rows = [] } = table ?? {};
  /** @param {law.Span[]} spans
   * @param {number} n */
  const cell = (spans, n) => h("td", { "data-label": head[n] }, h("span", {}, spans.map(span)));
  return h(
    "table",
    { class: "record-table" },
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        head.map((name) => h("th", { scope: "col" }, name)),
      ),
    ),
    h(
      "tbody",
      {},
      rows.map((row) => h("tr", {}, row.map(cell))),
    ),
  );
}

/** The panel of one opened document.
 * @param {string} id
 * @param {string} code
 * @param {HTMLElement} testimony shows the account
 * @param {string} account her words, in which the module looks for each passage again
 * @param {() => string} beside her answers and how the identifiers among them are read, as JSON; empty where there are none
 * @param {() => Promise<string>} record asks for what the log says of it
 * @param {(blob: Blob, name: string) => void} save hands her a file */
export function law(id, code, testimony, account, beside, record, save) {
  /** @type {{ facts: Record<string, boolean>, passages: Record<string, string[]> }} */
  const told = { facts: {}, passages: {} };
  let passage = "";
  let recorded = "";
  const at = (/** @type {string} */ name) => `law-${name}-${id}`;
  const chosen = h("p", { class: "law-passage", id: at("passage"), role: "status" }, t("desk-law-no-passage"));
  const ticked = h("ul", { class: "plain", id: at("ticked") });
  const found = h("ul", { class: "plain law-found", id: at("found") });
  const answer = h("div", { class: "law-answer", id: at("answer"), lang: "es", tabindex: "-1" });
  const search = h("input", { type: "search", id: at("search"), autocomplete: "off", oninput: () => list() });
  const first = h("input", { type: "date", id: at("first"), onchange: () => tell() });
  const last = h("input", { type: "date", id: at("last"), onchange: () => tell() });
  const entity = h("select", { id: at("entity"), onchange: () => tell() });
  const forum = h(
    "select",
    { id: at("forum"), onchange: () => tell() },
    ["unknown", "local", "federal"].map((name) => option(name, t(`desk-law-${name}`))),
  );
  const stage = h(
    "select",
    { id: at("stage"), onchange: () => tell() },
    ["consummated", "attempt"].map((name) => option(name, t(`desk-law-${name}`))),
  );
  const form = h(
    "select",
    { id: at("form") },
    [
      ["html", t("desk-law-html")],
      ["docx", t("desk-law-docx")],
    ].map(([value, text]) => option(value, text)),
  );
  const paper = h(
    "select",
    { id: at("paper") },
    [
      ["letter", t("desk-law-letter")],
      ["a4", "A4"],
    ].map(([value, text]) => option(value, text)),
  );
  const frame = FRAME.map((name) =>
    h("input", {
      type: name === "date" ? "date" : "text",
      id: at(`frame-${name}`),
      autocomplete: "off",
      maxlength: String(FRAME_MAX),
    }),
  );
  /** @type {string[]} */
  let next = [];
  // The panel is shown when the module is there.
  const counsel = () => /** @type {Counsel} */ (module);

  const question = () => {
    const dates = last.value && last.value !== first.value ? `${first.value}/${last.value}` : first.value;
    return json({
      date: dates || null,
      entity: entity.value || null,
      forum: forum.value,
      stage: stage.value,
      filing: Object.fromEntries(FRAME.map((name, n) => [name, frame[n].value.trim()]).filter(([, value]) => value)),
      ...told,
    });
  };
  const name = (/** @type {string} */ fact) => counsel().facts.find((known) => known.id === fact);

  /** @param {string} fact
   * @param {boolean} value */
  function set(fact, value) {
    told.facts[fact] = value;
    // A passage shows the one fact that it was marked for; the next begins without.
    if (passage) told.passages[fact] = [passage];
    passage = "";
    document.getSelection()?.removeAllRanges();
    chosen.textContent = t("desk-law-no-passage");
    tell();
  }
  /** @param {string} fact */
  function unset(fact) {
    delete told.facts[fact];
    delete told.passages[fact];
    tell();
  }
  function list() {
    const words = plain(search.value).split(/\s+/).filter(Boolean);
    const fits = (/** @type {law.Fact} */ fact) =>
      words.every((word) => plain(`${fact.es} ${fact.cite} ${fact.id}`).includes(word));
    // Without a word to look for, what would settle the most comes first.
    const { facts } = counsel();
    const known = (/** @type {string[]} */ ids) => ids.map(name).filter((fact) => fact !== undefined);
    // Words of daily speech find a fact, too: «me quitaron la credencial».
    const order = words.length
      ? [...known(JSON.parse(counsel().search(search.value))), ...facts.filter(fits)]
      : [...known(next), ...facts];
    const open = [...new Set(order)].filter((fact) => !(fact.id in told.facts));
    found.replaceChildren(
      ...open.slice(0, SHOWN).map((fact) =>
        h(
          "li",
          { "data-fact": fact.id },
          h(
            "span",
            { lang: "es", id: at(`name-${fact.id}`) },
            fact.es,
            " ",
            h("span", { class: "muted small" }, fact.cite),
          ),
          h(
            "span",
            { class: "law-press" },
            button(at(`yes-${fact.id}`), t("desk-law-yes"), () => set(fact.id, true)),
            button(at(`no-${fact.id}`), t("desk-law-no"), () => set(fact.id, false), "quiet"),
          ),
        ),
      ),
    );
    for (const press of found.querySelectorAll("button")) {
      press.setAttribute("aria-describedby", press.closest("li")?.querySelector("span")?.id ?? "");
    }
  }
  function tell() {
    ticked.replaceChildren(
      ...Object.entries(told.facts).map(([fact, value]) =>
        h(
          "li",
          { "data-ticked": fact },
          h("strong", { lang: "es" }, `${name(fact)?.es}: ${t(value ? "desk-law-yes" : "desk-law-no")}`),
          (told.passages[fact] ?? []).map((words) => [" ", h("q", { translate: "no" }, words)]),
          button(at(`undo-${fact}`), t("desk-law-undo"), () => unset(fact), "quiet"),
        ),
      ),
    );
    try {
      /** @type {law.Assessment} */
      const { report, prose, next: questions } = JSON.parse(counsel().assess(question(), recorded, account));
      next = questions;
      answer.replaceChildren(
        h(
          "section",
          { class: "law-prose" },
          h("h4", {}, t("desk-law-prose")),
          prose.map((text) => h("p", {}, text)),
        ),
        ...report.blocks.map(block),
      );
    } catch (error) {
      answer.replaceChildren(h("p", { class: "notice error" }, t("desk-law-wrong", { why: String(error) })));
    }
    list();
  }
  /** @param {string} kind */
  function make(kind) {
    const bytes = counsel().report(kind, question(), recorded, account, beside(), form.value, paper.value);
    const type =
      form.value === "docx" ? "application/vnd.openxmlformats-officedocument.wordprocessingml.document" : "text/html";
    save(new Blob([bytes], { type }), `${code}.${kind}.${form.value}`);
  }

  // What is marked in her words is kept while a button is pressed; what is marked elsewhere does not count.
  const marked = () => {
    const selection = document.getSelection();
    const words = selection?.toString().trim();
    if (!selection || !words || !testimony.contains(selection.anchorNode) || !testimony.contains(selection.focusNode))
      return;
    passage = words;
    chosen.textContent = t("desk-law-passage", { words });
  };
  document.addEventListener("selectionchange", marked, { signal: ended.signal });

  const content = h(
    "div",
    { class: "law-panel", hidden: true },
    h("p", { class: "notice caution" }, t("desk-law-banner")),
    h("p", {}, t("desk-law-lead")),
    h(
      "div",
      { class: "law-when" },
      label(at("first"), t("desk-law-first"), first),
      label(at("last"), t("desk-law-last"), last),
      label(at("entity"), t("desk-law-entity"), entity),
      label(at("forum"), t("desk-law-forum"), forum),
      label(at("stage"), t("desk-law-stage"), stage),
    ),
    chosen,
    label(at("search"), t("desk-law-search"), search),
    found,
    h("h4", {}, t("desk-law-ticked")),
    ticked,
    answer,
    h("h4", {}, t("desk-law-reports")),
    h("p", { class: "hint" }, t("desk-law-reports-hint")),
    h(
      "div",
      { class: "law-when" },
      label(at("form"), t("desk-law-form"), form),
      label(at("paper"), t("desk-law-paper"), paper),
    ),
    h(
      "details",
      { class: "law-frame" },
      h("summary", {}, t("desk-law-frame")),
      h("p", { class: "hint" }, t("desk-law-frame-hint")),
      FRAME.map((name, n) => label(at(`frame-${name}`), t(`desk-law-frame-${name}`), frame[n])),
    ),
    h(
      "p",
      { class: "actions" },
      REPORTS.map((kind) => button(at(kind), t(`desk-law-${kind}`), () => make(kind))),
    ),
  );
  const failed = h("p", { class: "notice error", role: "alert", hidden: true }, t("desk-law-missing"));
  const begin = button(at("begin"), t("desk-law-begin"), async () => {
    begin.disabled = true;
    try {
      module ??= await load();
      recorded = await record();
      entity.replaceChildren(
        ...[["", t("desk-law-unknown")], ...module.entities.map((one) => [one.id, one.name])].map(([value, text]) =>
          option(value, text),
        ),
      );
      content.hidden = false;
      pressing.hidden = true;
      tell();
      search.focus();
    } catch {
      failed.hidden = false;
      begin.disabled = false;
    }
  });
  const pressing = h("p", {}, begin);
  return h(
    "section",
    { class: "law", "aria-labelledby": at("h") },
    h("h3", { id: at("h") }, t("desk-law-h")),
    pressing,
    failed,
    content,
  );
}
