// The sheet that is read before anything is signed: what it does in plain words, its fields, and what went wrong.
import { lettersLeft, utf8, visible } from "./text.js";
import { el } from "./page.js";
import { coded, day, facts, failureOf, h, reason, t, twinned } from "./mesa-words.js";

const dialog = el("desk-dialog");
const form = el("desk-dialog-form");
// Bytes of a text in a statement (§22): a line, and a message to her.
const LINE_MAX = 200;
const MESSAGE_MAX = 1500;
// What is left is said from here on, in letters.
const LITTLE = 40;
const now = () => Math.floor(Date.now() / 1000);

/** A text for a statement, in a line or in several: how much is left when little is, and what does not go in, in words and
 * at once.
 * @param {desk.Field} spec
 * @param {string} id */
function written(spec, id) {
  const isMessage = spec.kind === "message";
  const told = h("p", { class: "hint", id: `${id}-letters`, role: "status" });
  const input = h(isMessage ? "textarea" : "input", {
    id,
    name: spec.id,
    type: isMessage ? null : "text",
    rows: isMessage ? 8 : null,
    required: true,
    autocomplete: "off",
    "aria-describedby": told.id,
    oninput: () => {
      const text = input.value.trim();
      const left = lettersLeft(text, isMessage ? MESSAGE_MAX : LINE_MAX, utf8);
      const n = Math.abs(left);
      const isHidden = visible(text, isMessage ? "\n" : "") !== text;
      const wrong = isHidden ? t("desk-field-hidden") : left < 0 ? t("desk-field-over", { n }) : "";
      input.setCustomValidity(wrong);
      told.textContent = wrong || (n <= LITTLE ? t("desk-field-left", { n }) : "");
      told.className = wrong ? "field-error" : "hint";
    },
  });
  const label = h("label", { for: id }, spec.label);
  if (!isMessage || spec.templates.length === 0) return h("div", { class: "field" }, label, input, told);
  const texts = h(
    "select",
    {
      id: `${id}-template`,
      onchange: () => {
        input.value = spec.templates[Number(texts.value)]?.[1] ?? "";
        input.dispatchEvent(new Event("input", { bubbles: true }));
      },
    },
    h("option", { value: "" }, t("desk-template-none")),
    spec.templates.map(([name], place) => h("option", { value: place }, name)),
  );
  return h(
    "div",
    { class: "field" },
    h("label", { for: texts.id }, t("desk-field-template")),
    texts,
    label,
    input,
    told,
  );
}

/** @param {desk.Field} spec */
function field(spec) {
  const id = `field-${spec.id}`;
  if (spec.kind === "select") {
    const options = spec.options.map(([value, text]) => h("option", { value }, text));
    return h(
      "div",
      { class: "field" },
      h("label", { for: id }, spec.label),
      h("select", { id, name: spec.id, required: true }, options),
    );
  }
  if (spec.kind === "text" || spec.kind === "message") return written(spec, id);
  if (spec.kind === "day") {
    return h(
      "div",
      { class: "field" },
      h("label", { for: id }, spec.label),
      h("input", { id, name: spec.id, type: "date", value: spec.value }),
    );
  }
  /** @param {string} name
   * @param {string | number} value
   * @param {string} text
   * @param {boolean} checked */
  const choice = (name, value, text, checked) =>
    h(
      "label",
      { class: "choice" },
      h("input", { type: "checkbox", name, value, id: `${id}-${value}`, checked }),
      h("span", {}, text),
    );
  if (spec.kind === "check") return choice(spec.id, "yes", spec.label, false);
  return h(
    "fieldset",
    {},
    h("legend", {}, spec.label),
    spec.options.map(([value, text, checked]) => choice(spec.id, value, text, checked)),
  );
}

/** @param {desk.Field[]} fields
 * @returns {desk.Values} */
function values(fields) {
  const data = new FormData(form);
  /** @type {Record<desk.Field["kind"], (id: string) => desk.Values[string]>} */
  const read = {
    select: (id) => String(data.get(id)),
    text: (id) => String(data.get(id)).trim(),
    // A form hands out CR LF for each end of a line; a message has LF.
    message: (id) => String(data.get(id)).replace(/\r\n?/g, "\n").trim(),
    day: (id) => String(data.get(id) ?? "") || null,
    check: (id) => data.has(id),
    checks: (id) => data.getAll(id).map(String),
  };
  return Object.fromEntries(fields.map((spec) => [spec.id, read[spec.kind](spec.id)]));
}

/** The statement itself, as the bytes that are signed. It is made when somebody wants to see it, and then sent as shown.
 * @param {() => Promise<string>} read */
function exact(read) {
  const shown = h("pre", {
    class: "exact",
    id: "sheet-statement",
    tabindex: "0",
    role: "group",
    "aria-label": t("desk-sign-exact"),
  });
  const part = h("details", { id: "sheet-exact" }, h("summary", {}, t("desk-sign-exact")), shown);
  const fill = async () => {
    if (!part.open) return;
    try {
      const lines = (await read())
        .split("\n")
        .map((line) => JSON.stringify(JSON.parse(line), null, 1))
        .join("\n");
      shown.textContent = visible(lines, "\n");
    } catch (why) {
      shown.textContent = reason(failureOf(why), now());
    }
  };
  part.addEventListener("toggle", fill);
  form.onchange = fill;
  return part;
}

/** What an act makes public, a sentence each; the same for whatever is signed.
 * @param {desk.MadePublic} made */
function publicLines({ at_once: atOnce, counted, if_late: late, docket }) {
  const count = (/** @type {string} */ name) => t(`desk-count-${name.replaceAll("_", "-")}`);
  const lines = [t(`desk-public-${atOnce}`)];
  if (counted) lines.push(t("desk-public-counted", { what: count(counted) }));
  if (late) lines.push(t("desk-public-if-late", { what: count(late) }));
  if (docket.shows !== "twin") return [...lines, t(`desk-public-${docket.shows}`)];
  const first = new Date(docket.from * 1000).toISOString().slice(0, 10);
  lines.push(t("desk-public-twin", { day: day(first), what: twinned(docket), x: docket.seat, week: docket.week }));
  if (docket.due) lines.push(t("desk-public-due", { day: day(docket.due) }));
  if (docket.urgent) lines.push(t("desk-public-urgent"));
  if (!docket.is_chosen) lines.push(t("desk-public-if-chosen"));
  if (!docket.is_open) lines.push(t("desk-public-not-open"));
  return lines;
}

/** What becomes public, before it is done; it follows what is filled in.
 * @param {() => Promise<desk.MadePublic[]>} read */
function publicPart(read) {
  const list = h("ul", {});
  const part = h("section", { id: "sheet-public", hidden: true }, h("h3", {}, t("desk-public-h")), list);
  const fill = async () => {
    try {
      const made = await read();
      const isTold = made.some((one) => one.counted || one.docket.shows === "twin");
      const alone = isTold ? [t("desk-public-alone")] : [];
      const lines = [...new Set(made.flatMap(publicLines)), ...alone, t("desk-public-never")];
      list.replaceChildren(...lines.map((line) => h("li", {}, line)));
      part.hidden = made.length === 0;
    } catch {
      // What does not allow the act is said when it is signed.
      part.hidden = true;
    }
  };
  return { part, fill };
}

/** What was filled in, once nothing may change any more.
 * @param {desk.Field[]} fields */
function told(fields) {
  const control = (/** @type {string} */ id) =>
    /** @type {HTMLInputElement} */ (document.getElementById(`field-${id}`));
  /** @param {desk.Field} spec */
  const chosen = (spec) => {
    if (spec.kind === "checks") {
      const checked = spec.options.filter(([value]) => control(`${spec.id}-${value}`).checked);
      return checked.map(([, text]) => text).join(", ");
    }
    if (spec.kind !== "select") return control(spec.id).value.trim();
    const value = control(spec.id).value;
    return spec.options.find(([option]) => String(option) === value)?.[1] ?? value;
  };
  const marks = fields.filter((spec) => spec.kind === "check" && control(`${spec.id}-yes`).checked);
  const others = fields.filter((spec) => spec.kind !== "check");
  return [
    facts(others.map((spec) => [spec.label.replace(/ \(.*\)$/, ""), chosen(spec)])),
    ...marks.map((spec) => h("p", { class: "queue-mark" }, spec.label)),
  ];
}

/** Shows a sheet and does the act when it is signed. Gives `{value}`, or null when it was put aside. `keep` makes and saves
 * the file without which the act would be of no use; only then is there something to sign. The act waits for `before`.
 * @template T
 * @param {desk.Sheet} sheet
 * @param {(values: desk.Values) => Promise<T>} perform
 * @returns {Promise<{ value: T } | null>} */
export function sign(
  { text, lines = [], fields = [], otherwise = null, publishes = null, preview = null, keep = null, before = null },
  perform,
) {
  return new Promise((done) => {
    let evenSo = false;
    /** @type {desk.Saved & { lines: string, chosen: desk.Values } | null} */
    let kept = null;
    /** @type {{ value: T } | null} */
    let result = null;
    const failure = h("p", { class: "notice error", role: "alert", id: "sheet-failure", tabindex: "-1", hidden: true });
    const head = h("h2", { id: "desk-dialog-h", tabindex: "-1" }, t("desk-sign-h"));
    const words = h("p", { id: "sheet-text" }, coded(text));
    // What is written anew is asked about anew.
    const restart = () => {
      if (!evenSo) return;
      evenSo = false;
      words.replaceChildren(...coded(text));
      press.textContent = t("desk-sign");
      press.classList.add("primary");
    };
    const asked = h("div", { oninput: restart }, fields.map(field));
    const press = h(
      "button",
      { type: "submit", class: "button primary", id: keep ? "sheet-keep" : "sheet-sign" },
      t(keep ? "desk-keep" : "desk-sign"),
    );
    const cancel = h("button", { type: "button", class: "button", id: "sheet-cancel" }, t("desk-cancel"));
    const shown = publishes ? publicPart(() => publishes(values(fields))) : null;
    const statement = preview ? exact(async () => kept?.lines ?? preview(values(fields))) : null;
    form.replaceChildren(
      head,
      words,
      ...(lines.length
        ? [
            h(
              "ul",
              { id: "sheet-lines" },
              lines.map((line) => h("li", {}, coded(line))),
            ),
          ]
        : []),
      asked,
      ...(shown ? [shown.part] : []),
      ...(statement ? [statement] : []),
      failure,
      h("p", { class: "actions" }, press, cancel),
    );

    // The file was saved: what is signed stands, and she says herself that she has the file.
    /** @param {NonNullable<desk.Sheet["keep"]>} keep */
    async function keepFirst(keep) {
      const chosen = values(fields);
      const file = await keep(chosen);
      const again = h(
        "button",
        { type: "button", class: "button", id: "sheet-again", onclick: file.save },
        t("desk-kept-again"),
      );
      kept = { ...file, chosen };
      asked.replaceChildren(...told(fields));
      form.onchange = null;
      statement?.dispatchEvent(new Event("toggle"));
      head.textContent = t("desk-kept-h");
      const [before, after] = t("desk-kept", { name: "\n" }).split("\n");
      words.replaceChildren(before, h("strong", {}, file.name), after);
      press.id = "sheet-sign";
      press.textContent = t("desk-kept-sign");
      press.after(again);
      head.focus();
    }

    if (shown) {
      asked.addEventListener("change", shown.fill);
      shown.fill();
    }
    cancel.onclick = () => dialog.close();
    form.onsubmit = async (event) => {
      event.preventDefault();
      press.disabled = true;
      failure.hidden = true;
      dialog.setAttribute("aria-busy", "true");
      try {
        if (keep && !kept) {
          await keepFirst(keep);
        } else {
          await before?.();
          // Put aside meanwhile.
          if (!press.isConnected) return;
          result = { value: await perform({ ...(kept?.chosen ?? values(fields)), even_so: evenSo }) };
          dialog.close();
        }
      } catch (why) {
        const told = failureOf(why);
        failure.textContent = reason(told, now());
        failure.dataset.code = told.code;
        failure.hidden = false;
        failure.focus();
        if (otherwise && told.code === otherwise.code) {
          evenSo = true;
          words.textContent = otherwise.text;
          press.textContent = otherwise.press;
          press.classList.remove("primary");
        }
      }
      press.disabled = false;
      dialog.removeAttribute("aria-busy");
    };
    dialog.onclose = () => {
      dialog.removeAttribute("aria-busy");
      form.onchange = null;
      form.replaceChildren();
      done(result);
    };
    dialog.showModal();
  });
}
