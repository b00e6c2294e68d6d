// The sheet that is read before anything is signed: what it does in plain words, its fields, and what went wrong.
import { lettersLeft, utf8, visible } from "./text.js";
import { coded, facts, h, reason, t } from "./mesa-words.js";

const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("desk-dialog"));
const form = /** @type {HTMLFormElement} */ (document.getElementById("desk-dialog-form"));
// Bytes of a text in a statement (§22).
const LINE_MAX = 200;
// What is left is said from here on, in letters.
const LITTLE = 40;
const now = () => Math.floor(Date.now() / 1000);

// A line of text for a statement: how much is left when little is, and what does not go in, in words and at once.
function line(spec, id) {
  const told = h("p", { class: "hint", id: `${id}-letters`, role: "status" });
  const input = h("input", {
    id,
    name: spec.id,
    type: "text",
    required: true,
    autocomplete: "off",
    "aria-describedby": told.id,
    oninput: () => {
      const text = input.value.trim();
      const left = lettersLeft(text, LINE_MAX, utf8);
      const n = Math.abs(left);
      const wrong = visible(text) !== text ? t("desk-field-hidden") : left < 0 ? t("desk-field-over", { n }) : "";
      input.setCustomValidity(wrong);
      told.textContent = wrong || (n <= LITTLE ? t("desk-field-left", { n }) : "");
      told.className = wrong ? "field-error" : "hint";
    },
  });
  return h("div", { class: "field" }, h("label", { for: id }, spec.label), input, told);
}

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
  if (spec.kind === "text") return line(spec, id);
  if (spec.kind === "day") {
    return h(
      "div",
      { class: "field" },
      h("label", { for: id }, spec.label),
      h("input", { id, name: spec.id, type: "date", value: spec.value }),
    );
  }
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

function values(fields) {
  const data = new FormData(form);
  const read = {
    select: (id) => data.get(id),
    text: (id) => String(data.get(id)).trim(),
    day: (id) => data.get(id) || null,
    check: (id) => data.has(id),
    checks: (id) => data.getAll(id),
  };
  return Object.fromEntries(fields.map((spec) => [spec.id, read[spec.kind](spec.id)]));
}

// The statement itself, as the bytes that are signed. It is made when somebody wants to see it, and then sent as shown.
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
      shown.textContent = reason(why.code ? why : { code: "internal" }, now());
    }
  };
  part.addEventListener("toggle", fill);
  form.onchange = fill;
  return part;
}

// What was filled in, once nothing may change any more.
function told(fields) {
  const shown = {
    select: (part) => part.options[part.selectedIndex].textContent,
    text: (part) => part.value.trim(),
    day: (part) => part.value,
  };
  const pairs = fields.map((spec) => {
    if (spec.kind === "check")
      return /** @type {any} */ (form.elements)[spec.id].checked ? h("p", { class: "queue-mark" }, spec.label) : null;
    const value =
      spec.kind === "checks"
        ? spec.options
            .filter(([at]) => /** @type {HTMLInputElement} */ (form.querySelector(`#field-${spec.id}-${at}`)).checked)
            .map(([, text]) => text)
            .join(", ")
        : shown[spec.kind](/** @type {any} */ (form.elements)[spec.id]);
    return [spec.label.replace(/ \(.*\)$/, ""), value];
  });
  return [facts(pairs.filter(Array.isArray)), ...pairs.filter((pair) => pair && !Array.isArray(pair))];
}

// Shows a sheet and does the act when it is signed. Gives `{value}`, or null when it was put aside. `keep` makes and saves
// the file without which the act would be of no use; only then is there something to sign. The act waits for `before`.
/** @param {any} sheet */
export function sign({ text, fields = [], otherwise = null, preview = null, keep = null, before = null }, perform) {
  return new Promise((done) => {
    let evenSo = false;
    /** @type {any} */
    let kept = null;
    /** @type {{ value: any } | null} */
    let result = null;
    const failure = h("p", { class: "notice error", role: "alert", id: "sheet-failure", tabindex: "-1", hidden: true });
    const head = h("h2", { id: "desk-dialog-h", tabindex: "-1" }, t("desk-sign-h"));
    const words = h("p", { id: "sheet-text" }, coded(text));
    const asked = h("div", {}, fields.map(field));
    const press = h(
      "button",
      { type: "submit", class: "button primary", id: keep ? "sheet-keep" : "sheet-sign" },
      t(keep ? "desk-keep" : "desk-sign"),
    );
    const cancel = h("button", { type: "button", class: "button", id: "sheet-cancel" }, t("desk-cancel"));
    const statement = preview ? exact(async () => kept?.lines ?? preview(values(fields))) : null;
    form.replaceChildren(
      head,
      words,
      asked,
      ...(statement ? [statement] : []),
      failure,
      h("p", { class: "actions" }, press, cancel),
    );

    // The file was saved: what is signed stands, and she says herself that she has the file.
    async function keepFirst() {
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
      statement.dispatchEvent(new Event("toggle"));
      head.textContent = t("desk-kept-h");
      const [before, after] = t("desk-kept", { name: "\n" }).split("\n");
      words.replaceChildren(before, h("strong", {}, file.name), after);
      press.id = "sheet-sign";
      press.textContent = t("desk-kept-sign");
      press.after(again);
      head.focus();
    }

    cancel.onclick = () => dialog.close();
    form.onsubmit = async (event) => {
      event.preventDefault();
      press.disabled = true;
      failure.hidden = true;
      dialog.setAttribute("aria-busy", "true");
      try {
        if (keep && !kept) {
          await keepFirst();
        } else {
          await before?.();
          // Put aside meanwhile.
          if (!press.isConnected) return;
          result = { value: await perform({ ...(kept?.chosen ?? values(fields)), even_so: evenSo }) };
          dialog.close();
        }
      } catch (why) {
        failure.textContent = reason(why.code ? why : { code: "internal" }, now());
        failure.dataset.code = why.code ?? "internal";
        failure.hidden = false;
        failure.focus();
        if (otherwise && why.code === otherwise.code) {
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
