// The questions beside her account: any order, each may be left out. What she answers is in the codes of the form.

import { el, part, parts, say } from "./page.js";

/** @typedef {Record<string, string | string[] | Record<string, string>[]>} Answers */

/** @param {ParentNode} place
 * @param {string} selector
 * @returns {HTMLInputElement[]} */
const inputs = (place, selector) => Array.from(/** @type {NodeListOf<HTMLInputElement>} */ (parts(place, selector)));

/** @param {HTMLElement} question */
const chosen = (question) =>
  inputs(question, "input:checked")
    .map(({ value }) => value)
    .filter(Boolean);

/** Texts of a question, by their part.
 * @param {HTMLElement} question */
const texts = (question) =>
  inputs(question, "input[type=text]")
    .map((input) => /** @type {[string, string]} */ ([input.dataset.part ?? "", input.value.trim()]))
    .filter(([, text]) => text !== "");

/** Where and when: an event for each kind of place, and the time with that where it happened.
 * @param {HTMLElement} question */
function events(question) {
  const told = new Map(texts(question));
  const kinds = ["recruitment", "transit", "exploitation"].map((kind) => {
    /** @type {Record<string, string>} */
    const event = {};
    const place = told.get(kind);
    if (place) event.place = place;
    for (const day of kind === "exploitation" ? ["date_from", "date_to"] : []) {
      const text = told.get(day);
      if (text) event[day] = text;
    }
    return Object.keys(event).length > 0 ? { kind, ...event } : undefined;
  });
  return kinds.flatMap((event) => event ?? []);
}

/** @type {Record<string, (question: HTMLElement) => Answers[string]>} */
const READ = {
  one: (question) => chosen(question)[0] ?? "",
  many: chosen,
  words: (question) => [...chosen(question), ...texts(question).map(([, text]) => text)],
  record: events,
};

export class Questions {
  constructor() {
    this.place = el("step-questions");
    this.place.addEventListener("input", () => this.show());
    this.show();
  }

  all() {
    return Array.from(parts(this.place, "[data-field]"));
  }

  // Asked now: what follows an answer that she has not given is not.
  asked() {
    return this.all().filter(({ hidden }) => !hidden);
  }

  /** @param {HTMLElement} question */
  answer(question) {
    return READ[question.dataset.kind ?? ""](question);
  }

  // Shows what follows from an answer, and how many each group has.
  show() {
    for (const question of this.all()) {
      const { if: follows } = question.dataset;
      if (!follows) continue;
      question.hidden = !follows.split(" ").some((answer) => {
        const [field, code] = answer.split(":");
        return chosen(el(`q-${field}`)).includes(code);
      });
    }
    for (const group of parts(this.place, "[data-group]")) {
      const mine = this.asked().filter((question) => group.contains(question));
      const n = mine.filter((question) => this.answer(question).length > 0).length;
      part(group, "[data-count]").textContent = say(n === 0 ? "q-done-none" : n === 1 ? "q-done-one" : "q-done-some", {
        n,
      });
    }
  }

  // By field, and nothing of what she left out.
  answers() {
    /** @type {Answers} */
    const answers = {};
    for (const question of this.asked()) {
      const answer = this.answer(question);
      if (answer.length > 0) answers[question.dataset.field ?? ""] = answer;
    }
    return answers;
  }

  /** What she answered, as she read it: question and answers.
   * @returns {[string, string][]} */
  said() {
    const answered = this.asked().filter((question) => this.answer(question).length > 0);
    return answered.map((question) => {
      const boxes = inputs(question, "input:checked").filter(({ value }) => value !== "");
      const labels = boxes.map((box) => box.parentElement?.textContent ?? "");
      return [
        part(question, "legend").textContent ?? "",
        [...labels, ...texts(question).map(([, text]) => text)].join("; "),
      ];
    });
  }
}
