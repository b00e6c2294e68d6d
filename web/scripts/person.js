// Who hurt her: up to eight identifiers, each a row of its kind, and what the person is like. What she wrote is sealed as she
// wrote it; how it is read is shown as she leaves the field, and a text that cannot be read stands in nobody's way.

import { el, fill, part, parts, say } from "./page.js";
import { isBlank, json, within } from "./text.js";

/** @typedef {{ kind: string, of?: string, text: string }} Named */
/** @typedef {HTMLInputElement | HTMLSelectElement} Control */

const MOST = 8;

/** @param {HTMLElement} row */
const textOf = (row) => /** @type {HTMLInputElement} */ (part(row, "input"));
/** @param {HTMLElement} row */
const choiceOf = (row) => /** @type {HTMLSelectElement | null} */ (row.querySelector("select"));

/** @param {HTMLElement} row
 * @returns {Named} */
function read(row) {
  const of = choiceOf(row)?.value;
  return { kind: row.dataset.kind ?? "", ...(of ? { of } : {}), text: textOf(row).value };
}

/** A normal form as people write it.
 * @param {HTMLElement} row
 * @param {string} normal */
function spoken(row, normal) {
  const mexican = /^\+52(55|56|33|81|\d{3})(\d{3,4})(\d{4})$/.exec(normal);
  if (mexican) return `+52 ${mexican.slice(1).join(" ")}`;
  if (row.dataset.kind === "account") return normal.replace(/\d{4}(?=\d)/g, "$& ");
  const [code, name] = normal.split(":");
  const options = Array.from(choiceOf(row)?.options ?? []);
  const option = options.find(({ value }) => value !== "" && value.toLowerCase() === code.toLowerCase());
  return option && name ? `${name} (${option.text})` : normal;
}

export class Person {
  /** @param {(asked: declaring.Identify | declaring.Identifiers) => void} ask what reads a text
   * @param {(text: string) => void} live
   * @param {() => void} changed one more is read */
  constructor(ask, live, changed) {
    this.ask = ask;
    this.live = live;
    this.changed = changed;
    this.place = el("person-rows");
    // Of all rows that ever were: an answer to one that is gone finds none.
    this.made = 0;
    for (const button of parts(el("person-add"), "[data-kind]")) {
      button.addEventListener("click", () => this.add(button.dataset.kind ?? "", true));
    }
    // What a draft brought back, or nothing.
    el("identifiers").addEventListener("input", () => this.restore());
  }

  rows() {
    return Array.from(parts(this.place, ".person"));
  }

  /** Those with a text. */
  named() {
    return this.rows()
      .map(read)
      .filter(({ text }) => !isBlank(text));
  }

  /** Answers of the form. */
  answers() {
    const identifiers = this.named();
    const description = el("offender-description").value.trim();
    return {
      ...(identifiers.length > 0 ? { identifiers } : {}),
      ...(description ? { offender_description: description } : {}),
    };
  }

  /** What she wrote, as the check shows it: a label and a text.
   * @returns {[string, string][]} */
  said() {
    const rows = this.rows().filter((row) => !isBlank(textOf(row).value));
    const said = rows.map((row) => {
      const choice = choiceOf(row);
      const of = choice?.value ? ` (${choice.selectedOptions[0].text})` : "";
      const told = part(row, ".person-told").textContent;
      return /** @type {[string, string]} */ ([
        `${part(row, ".person-kind").textContent}${of}`,
        `${within(textOf(row).value)}${told ? ` – ${told}` : ""}`,
      ]);
    });
    const description = el("offender-description").value.trim();
    return description
      ? [...said, [part(el("step-person"), "[for=offender-description]").textContent ?? "", description]]
      : said;
  }

  /** @param {string} kind */
  add(kind, isNew = false, of = "", text = "") {
    if (this.rows().length >= MOST) return;
    const template = /** @type {HTMLTemplateElement} */ (part(el("step-person"), `template[data-kind="${kind}"]`));
    const row = /** @type {HTMLElement} */ (part(template.content, ".person").cloneNode(true));
    this.made += 1;
    row.dataset.row = String(this.made);
    for (const each of parts(row, "[id], [for], [aria-describedby]")) {
      for (const name of ["id", "for", "aria-describedby"]) {
        const value = each.getAttribute(name);
        if (value) each.setAttribute(name, value.replace(/[^ ]+/g, `$&-${this.made}`));
      }
    }
    const choice = choiceOf(row);
    if (choice) choice.value = of;
    textOf(row).value = text;
    for (const control of parts(row, "input, select")) {
      control.addEventListener("input", () => {
        part(row, ".person-told").textContent = "";
        this.keep();
      });
      control.addEventListener("change", () => this.look(row));
    }
    part(row, "button").addEventListener("click", () => this.remove(row));
    this.place.append(row);
    this.keep();
    if (!isNew) return;
    (choice ?? textOf(row)).focus();
  }

  /** @param {HTMLElement} row */
  remove(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    this.keep();
    this.live(say("person-removed"));
    const to = next ? part(next, "button") : part(el("person-add"), "button");
    to.focus();
  }

  // For a draft, and what follows from how many there are.
  keep() {
    const rows = this.rows();
    el("identifiers").value = rows.length > 0 ? json(rows.map(read)) : "";
    const isFull = rows.length >= MOST;
    el("person-max").hidden = !isFull;
    for (const button of parts(el("person-add"), "button")) /** @type {HTMLButtonElement} */ (button).disabled = isFull;
  }

  restore() {
    const saved = el("identifiers").value;
    const rows = this.rows();
    if (saved === (rows.length > 0 ? json(rows.map(read)) : "")) return;
    this.place.replaceChildren();
    const kinds = Array.from(parts(el("person-add"), "[data-kind]"), ({ dataset }) => dataset.kind);
    for (const { kind, of, text } of /** @type {Named[]} */ (saved ? JSON.parse(saved) : [])) {
      if (kinds.includes(kind)) this.add(kind, false, of, text);
    }
    this.keep();
  }

  // She is where rows are shown. What reads them is fetched by everybody who comes here, and before that by nobody, whatever a
  // draft brought back: else the service would see who names somebody.
  begin() {
    this.ask({ do: "identifiers" });
    for (const row of this.rows()) if (part(row, ".person-told").textContent === "") this.look(row);
  }

  // Asks how a row is read.
  /** @param {HTMLElement} row */
  look(row) {
    const { kind, of, text } = read(row);
    if (isBlank(text)) return;
    this.ask({ do: "identify", row: Number(row.dataset.row), kind, of, text });
  }

  /** How a row is read, unless she has changed it since.
   * @param {declaring.Identified} told */
  told({ row: number, of, text, normal, why }) {
    const row = this.rows().find(({ dataset }) => Number(dataset.row) === number);
    if (!row) return;
    const now = read(row);
    if (now.text !== text || now.of !== of) return;
    const place = part(row, ".person-told");
    const sentence = normal
      ? fill(say("person-as"), { normal: spoken(row, normal) })
      : `${say("person-kept")} ${why ? say(`identifier-${why}`) : ""}`.trim();
    place.dataset.is = normal ? "normal" : "kept";
    if (place.textContent === sentence) return;
    place.textContent = sentence;
    this.changed();
  }

  forget() {
    this.place.replaceChildren();
    el("identifiers").value = "";
    el("offender-description").value = "";
  }
}
