// The sheet that is read before anything is signed: what it does in plain words, its fields, and what went wrong.
import { coded, h, reason, t } from "./mesa-words.js";

const dialog = document.getElementById("desk-dialog");
const form = document.getElementById("desk-dialog-form");
const now = () => Math.floor(Date.now() / 1000);

function field(spec) {
  const id = `field-${spec.id}`;
  if (spec.kind === "select") {
    const options = spec.options.map(([value, text]) => h("option", { value }, text));
    return h("div", { class: "field" }, h("label", { for: id }, spec.label), h("select", { id, name: spec.id, required: true }, options));
  }
  if (spec.kind === "text") {
    return h("div", { class: "field" }, h("label", { for: id }, spec.label), h("input", { id, name: spec.id, type: "text", maxlength: 200, required: true, autocomplete: "off" }));
  }
  if (spec.kind === "day") {
    return h("div", { class: "field" }, h("label", { for: id }, spec.label), h("input", { id, name: spec.id, type: "date", value: spec.value }));
  }
  const choice = (name, value, text, checked) =>
    h("label", { class: "choice" }, h("input", { type: "checkbox", name, value, id: `${id}-${value}`, checked }), h("span", {}, text));
  if (spec.kind === "check") return choice(spec.id, "yes", spec.label, false);
  return h("fieldset", {}, h("legend", {}, spec.label), spec.options.map(([value, text, checked]) => choice(spec.id, value, text, checked)));
}

function values(fields) {
  const data = new FormData(form);
  const read = { select: (id) => data.get(id), text: (id) => data.get(id).trim(), day: (id) => data.get(id) || null, check: (id) => data.has(id), checks: (id) => data.getAll(id) };
  return Object.fromEntries(fields.map((spec) => [spec.id, read[spec.kind](spec.id)]));
}

// The statement itself, as the bytes that are signed. It is made when somebody wants to see it, and then sent as shown.
function exact(fields, preview) {
  const shown = h("pre", { class: "exact", id: "sheet-statement", tabindex: "0", role: "group", "aria-label": t("desk-sign-exact") });
  const part = h("details", { id: "sheet-exact" }, h("summary", {}, t("desk-sign-exact")), shown);
  const fill = async () => {
    if (!part.open) return;
    try {
      shown.textContent = (await preview(values(fields))).split("\n").map((line) => JSON.stringify(JSON.parse(line), null, 1)).join("\n");
    } catch (why) {
      shown.textContent = reason(why.code ? why : { code: "internal" }, now());
    }
  };
  part.addEventListener("toggle", fill);
  form.onchange = fill;
  return part;
}

// Shows a sheet and does the act when it is signed. Gives `{value}`, or null when it was put aside.
export function sign({ text, fields = [], otherwise = null, preview = null }, perform) {
  return new Promise((done) => {
    let evenSo = false;
    const failure = h("p", { class: "notice error", role: "alert", id: "sheet-failure", tabindex: "-1", hidden: true });
    const words = h("p", { id: "sheet-text" }, coded(text));
    const press = h("button", { type: "submit", class: "button primary", id: "sheet-sign" }, t("desk-sign"));
    const cancel = h("button", { type: "button", class: "button", id: "sheet-cancel" }, t("desk-cancel"));
    let result = null;
    form.replaceChildren(h("h2", { id: "desk-dialog-h" }, t("desk-sign-h")), words, ...fields.map(field), ...(preview ? [exact(fields, preview)] : []), failure, h("p", { class: "actions" }, press, cancel));
    cancel.onclick = () => dialog.close();
    form.onsubmit = async (event) => {
      event.preventDefault();
      press.disabled = true;
      failure.hidden = true;
      dialog.setAttribute("aria-busy", "true");
      try {
        result = { value: await perform({ ...values(fields), even_so: evenSo }) };
        dialog.close();
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
      form.onchange = null;
      form.replaceChildren();
      done(result);
    };
    dialog.showModal();
  });
}
