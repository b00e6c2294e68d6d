// The files that she chose or dropped. They stay where they are until they are sealed; this holds their handles only. Each
// keeps its row, and what is wrong with it, until she removes it.

import { el, fill, part, say, size } from "./page.js";
import { visible } from "./text.js";

/** A file with its row, and what is wrong with it. One that was recorded here carries nothing beside what it is; `gone` is called
 * when it is removed.
 * @typedef {{ file: File, row: HTMLElement, fault: string, ready: string, wasRead?: boolean, isRecorded: boolean, gone?: () => void }} Item */
/** What is sealed: the files with copies without place and time, or these alone. `plain` says of each whether it carries nothing
 * beside what it is, and needs no copy.
 * @typedef {{ files: File[], plain: boolean[], onlyCopies: boolean }} Chosen */

export class Files {
  /** @param {(chosen: Chosen) => void} changed
   * @param {HTMLButtonElement} next goes on, once they fit */
  constructor(changed, next) {
    this.next = next;
    /** @type {Item[]} */
    this.list = [];
    this.isPicking = false;
    // What is said of a file that does not fit alone.
    this.tooLarge = "evidence-too-large";
    this.changed = changed;
    this.input = el("files");
    el("copies-only").addEventListener("change", () => this.show());
    this.offer(this.input);
    this.offer(el("voice-file"));
  }

  /** Takes what she chooses there.
   * @param {HTMLInputElement} input */
  offer(input) {
    input.addEventListener("click", () => {
      this.isPicking = true;
    });
    input.addEventListener("cancel", () => {
      this.isPicking = false;
    });
    input.addEventListener("change", () => {
      this.isPicking = false;
      this.take(input.files ?? []);
      // The same file may be chosen again after it was removed.
      input.value = "";
    });
  }

  /** @returns {Chosen} */
  chosen() {
    return {
      files: this.list.map(({ file }) => file),
      plain: this.list.map(({ isRecorded }) => isRecorded),
      onlyCopies: el("copies-only").checked,
    };
  }

  // Asks the worker once more whether all of it fits.
  check() {
    if (this.list.length > 0) this.changed(this.chosen());
  }

  /** @param {Iterable<File>} files */
  take(files) {
    const added = Array.from(files, (file) => this.add(file));
    el("live").textContent = added.map(({ file }) => say("sr-file-added", { name: visible(file.name) })).join(" ");
    this.show();
    this.look(added);
    return added;
  }

  /** What she recorded in the page.
   * @param {File} file
   * @param {() => void} gone */
  takeRecording(file, gone) {
    const item = this.add(file, { isRecorded: true, gone });
    this.show();
    return item;
  }

  /** @param {File} file
   * @param {{ isRecorded: boolean, gone?: () => void }} kind */
  add(file, kind = { isRecorded: false }) {
    const row = /** @type {HTMLElement} */ (el("file-row").content.firstElementChild?.cloneNode(true));
    const name = visible(file.name);
    part(row, ".file-name").textContent = name;
    part(row, ".file-size").textContent = size(file.size);
    const remove = part(row, ".file-remove");
    part(remove, ".hidden").textContent = `: ${name}`;
    /** @type {Item} */
    const item = { file, row, fault: "", ready: "evidence-ready", ...kind };
    remove.addEventListener("click", () => this.remove(item));
    this.list.push(item);
    el("file-list").append(row);
    if (file.size === 0) this.mark(item, "evidence-empty-file");
    return item;
  }

  // Reads the first byte of each: whether it can be read, and whether it is still the one that was chosen. Gives true if
  // nothing is wrong with any.
  async look(items = this.list) {
    await Promise.all(
      items.map(async (item) => {
        if (item.fault && item.fault !== "evidence-unreadable") return;
        try {
          await item.file.slice(0, 1).arrayBuffer();
          item.wasRead = true;
          if (item.fault === "evidence-unreadable") this.mark(item, "");
        } catch {
          this.mark(item, item.wasRead ? "evidence-changed" : "evidence-unreadable");
        }
      }),
    );
    return this.isSound();
  }

  /** What is wrong with a file stands beside its name, and stays there.
   * @param {Item} item
   * @param {string} fault */
  mark(item, fault) {
    if (item.fault === fault) return;
    item.fault = fault;
    item.row.toggleAttribute("data-fault", fault !== "");
    this.state(item);
    if (fault) el("live").textContent = `${visible(item.file.name)}: ${say(fault)}`;
  }

  /** @param {Item} item */
  state({ row, fault, ready }) {
    part(row, ".file-state").textContent = say(fault || ready);
  }

  /** The worker could not read it.
   * @param {number} place
   * @param {string} fault */
  failed(place, fault) {
    this.mark(this.list[place], fault);
  }

  isSound() {
    return this.list.every(({ fault }) => !fault);
  }

  // Why she cannot go on, and the first file to remove.
  ask() {
    el("files-error").textContent = say("evidence-remove-first");
    const [first] = this.list.filter(({ fault }) => fault);
    (first ? part(first.row, ".file-remove") : this.input).focus();
  }

  /** @param {Item} item */
  remove(item) {
    const at = this.list.indexOf(item);
    this.list.splice(at, 1);
    item.row.remove();
    item.gone?.();
    el("files-error").textContent = "";
    el("live").textContent = say("sr-file-removed", { name: visible(item.file.name) });
    const neighbour = this.list[Math.min(at, this.list.length - 1)];
    (neighbour ? part(neighbour.row, ".file-remove") : this.input).focus();
    this.show();
  }

  show() {
    for (const id of ["file-list-h", "copies-choice"]) el(id).hidden = this.list.length === 0;
    if (this.list.length === 0)
      this.room({ fits: true, isLarge: false, bytes: 0, alone: [], copies: [], files: 0, most: 0 });
    else this.changed(this.chosen());
  }

  /** What the worker says of them: whether they fit, which does not even alone, and how much will be sent.
   * @param {declaring.Room} room */
  room({ fits, bytes, alone, copies, files, most }) {
    // Of those that were there when it was asked.
    if (alone.length !== this.list.length) return;
    for (const [at, item] of this.list.entries()) {
      this.cleans(item, copies[at]);
      if (!alone[at] && !item.fault) this.mark(item, this.tooLarge);
    }
    const total = this.list.reduce((sum, { file }) => sum + file.size, 0);
    const isMany = this.list.length > files;
    const over = isMany
      ? say("evidence-too-many", { n: files, more: this.list.length - files })
      : say("evidence-too-much", { total: size(total), most: size(most) });
    el("files-error").textContent = fits || !alone.every(Boolean) ? "" : over;
    el("files-data").textContent = bytes > 0 && fits ? fill(el("files-data").dataset.text, { size: size(bytes) }) : "";
    this.next.disabled = !fits && alone.every(Boolean);
  }

  /** Beside each file stands what becomes of the data that it carries.
   * @param {Item} item
   * @param {declaring.Cleaned} copy without them, or why there is none */
  cleans(item, copy) {
    const onlyCopies = el("copies-only").checked && !item.isRecorded;
    const can = "size" in copy;
    if (item.isRecorded) item.ready = "evidence-ready-recorded";
    else if (can) item.ready = onlyCopies ? "evidence-ready-copy" : "evidence-ready-both";
    else item.ready = copy.why === "large" ? "evidence-whole-large" : "evidence-ready-whole";
    if (["evidence-no-copy", this.tooLarge].includes(item.fault)) this.mark(item, "");
    if (onlyCopies && !can && !item.fault) this.mark(item, "evidence-no-copy");
    this.state(item);
  }

  forget() {
    for (const { gone } of this.list) gone?.();
    this.list = [];
    this.input.value = "";
    el("file-list").replaceChildren();
    this.show();
  }
}
