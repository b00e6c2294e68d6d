// The files that she chose. They stay where they are until they are sealed; this holds their handles only.

import { el, fill, say, size } from "./page.js";

export class Files {
  constructor(changed) {
    this.list = [];
    this.isPicking = false;
    this.changed = changed;
    this.input = el("files");
    this.input.addEventListener("click", () => {
      this.isPicking = true;
    });
    this.input.addEventListener("cancel", () => {
      this.isPicking = false;
    });
    this.input.addEventListener("change", () => this.take());
  }

  sizes() {
    return this.list.map(({ file }) => file.size);
  }

  // Asks the worker once more whether all of it fits.
  check() {
    if (this.list.length > 0) this.changed();
  }

  take() {
    this.isPicking = false;
    el("files-error").textContent = "";
    for (const file of this.input.files) {
      if (file.size === 0) {
        el("files-error").textContent = say("evidence-empty-file");
        continue;
      }
      this.add(file);
    }
    // The same file may be chosen again after it was removed.
    this.input.value = "";
    this.show();
  }

  add(file) {
    const row = el("file-row").content.firstElementChild.cloneNode(true);
    row.querySelector(".file-name").textContent = file.name;
    row.querySelector(".file-size").textContent = size(file.size);
    const remove = row.querySelector(".file-remove");
    remove.querySelector(".hidden").textContent = `: ${file.name}`;
    remove.addEventListener("click", () => this.remove(row));
    this.list.push({ file, row });
    el("file-list").append(row);
    el("live").textContent = say("sr-file-added", { name: file.name });
  }

  remove(row) {
    const at = this.list.findIndex((item) => item.row === row);
    const [{ file }] = this.list.splice(at, 1);
    row.remove();
    el("files-error").textContent = "";
    el("live").textContent = say("sr-file-removed", { name: file.name });
    const neighbour = this.list[Math.min(at, this.list.length - 1)];
    (neighbour?.row.querySelector(".file-remove") ?? this.input).focus();
    this.show();
  }

  show() {
    el("file-list-h").hidden = this.list.length === 0;
    if (this.list.length === 0) this.room(true, 0);
    else this.changed();
  }

  // What the worker says of them: whether they fit, and how much will be sent.
  room(fits, bytes) {
    el("files-error").textContent = fits ? "" : say("evidence-too-much");
    el("files-data").textContent = bytes > 0 && fits ? fill(el("files-data").dataset.text, { size: size(bytes) }) : "";
    el("evidence-next").disabled = !fits;
  }

  forget() {
    this.list = [];
    this.input.value = "";
    el("file-list").replaceChildren();
  }
}
