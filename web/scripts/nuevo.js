// The declarant's way in one document: steps are shown and hidden, nothing is stored, nothing touches the history. What
// takes long is the worker's. This script has no words of its own; the page wrote them.

import { Filing } from "./filing.js";
import { Files } from "./files.js";
import { coverWhenHidden } from "./cover.js";
import { el, fill, part, parts, say, setState, showWords, size } from "./page.js";
import { takeDrops } from "./drop.js";
import { Later } from "./later.js";
import { Letters } from "./letters.js";
import { hush } from "./listen.js";
import { Person } from "./person.js";
import { askBeforeLeaving } from "./stay.js";
import { Questions } from "./questions.js";
import { Slow } from "./slow.js";
import { start } from "./start.js";
import { Strip } from "./strip.js";
import { isBlank, json, utf8, visible, within } from "./text.js";
import { Voice } from "./voice.js";
import { zoned } from "./when.js";

const STEPS = [
  "before",
  "who",
  "account",
  "questions",
  "evidence",
  "person",
  "identity",
  "check",
  "seal",
  "words",
  "receipt",
];
const CONFIRMED = 2;

const way = el("way");
if (way) start(way, () => new Way().go("before", { focus: false }));

/** Fields that she writes in.
 * @returns {NodeListOf<HTMLInputElement>} */
const fields = (selector = "textarea, input[type=text]:not([data-word])") => way.querySelectorAll(selector);

class Way {
  constructor() {
    this.step = "";
    /** @type {council.Members | null} */
    this.members = null;
    this.isPromised = false;
    this.hasLeft = false;
    this.returnTo = "";
    /** @type {string[]} */
    this.words = [];
    /** @type {string[] | null} Words of an inbox that holds nothing, until she has seen them. */
    this.others = null;
    this.hasKept = false;
    /** @type {number[]} Places of the words that are asked for. */
    this.asked = [];
    this.quarter = -1;
    this.files = new Files((chosen) => this.filing.room(chosen), el("evidence-next"));
    this.voice = new Voice(this.files, () => this.asksLanguage());
    this.filing = new Filing(way.dataset, this);
    this.net = new Strip(
      (text) => this.live(text),
      () => this.filing.now(),
    );
    this.slow = new Slow();
    this.questions = new Questions();
    this.person = new Person(
      (asked) => this.filing.identify(asked),
      (text) => this.live(text),
      () => this.describe("check-person", this.person.said()),
    );
    this.letters = new Letters(
      () => this.files.list.length,
      () => utf8(json(this.person.answers())),
    );
    this.later = new Later(way.dataset, this, () => this.files.list.length);
    this.listen();
  }

  // ── moving ──

  /** @param {string} step */
  go(step, { focus = true } = {}) {
    this.step = step;
    hush();
    for (const section of parts(way, "[data-step]")) section.hidden = section.dataset.step !== step;
    const isEarly = this.isEarly();
    // What is beside the way has no number.
    const number = isEarly && step === "words" ? 0 : STEPS.indexOf(step) + 1;
    if (number > 0) document.title = fill(way.dataset.title, { step: number });
    el("step-of").textContent = number > 0 ? fill(el("step-of").dataset.text, { step: number }) : "";
    el("back").hidden = !this.before();
    // Without the council nothing can be sealed: that is said at every step.
    if (this.members) el("trouble").hidden = true;
    // Another language is another document: what she wrote would be lost with this one.
    const languages = /** @type {HTMLElement | null} */ (document.querySelector(".languages"));
    if (languages) languages.hidden = number > 2 || number === 0 || this.later.entropy !== undefined;
    if (step === "questions") this.questions.show();
    if (step === "person" || step === "check") this.person.begin();
    if (step === "check") this.summarise();
    for (const place of parts(el("step-words"), "[data-of]")) {
      place.hidden = place.dataset.of !== (isEarly ? "draft" : "filing");
    }
    this.later.at(step);
    if (!focus) return;
    window.scrollTo(0, 0);
    const heading = part(el(`step-${step}`), "h1");
    heading.focus({ preventScroll: true });
    const told = { heading: heading.textContent, step: number, total: STEPS.length };
    this.live(number > 0 ? say("sr-step-changed", told) : heading.textContent);
  }

  // The step before, or nothing where there is no way back.
  before() {
    if (this.step === "words" || this.step === "decoy") return "";
    if (this.step === "resume") return "before";
    if (this.step === "later") return this.later.from;
    const number = STEPS.indexOf(this.step);
    return number > 0 && number < STEPS.indexOf("seal") ? STEPS[number - 1] : "";
  }

  async next() {
    if (this.step === "who" && !this.chosen()) return;
    if (!this.letters.areFew(this.step)) return;
    if (this.step === "account") await this.voice.finish();
    if (this.step === "evidence") {
      const isSound = await this.files.look();
      // Pressed twice, it goes on once.
      if (this.step !== "evidence") return;
      if (!isSound) {
        this.files.ask();
        return;
      }
    }
    const to = this.returnTo || STEPS[STEPS.indexOf(this.step) + 1];
    this.returnTo = "";
    this.go(to);
    this.later.went(to);
  }

  /** @param {string} text */
  live(text) {
    el("live").textContent = text;
  }

  listen() {
    for (const button of parts(way, "[data-next]")) button.addEventListener("click", () => this.next());
    for (const button of parts(way, "[data-change]")) {
      button.addEventListener("click", () => {
        this.returnTo = "check";
        this.go(button.dataset.change ?? "");
      });
    }
    el("form").addEventListener("submit", (event) => event.preventDefault());
    el("back").addEventListener("click", async () => {
      await this.voice.finish();
      this.returnTo = "";
      this.go(this.before());
    });
    el("before-leave").addEventListener("click", () => el("exit").click());
    el("receipt-close").addEventListener("click", () => el("exit").click());
    el("receipt-print").addEventListener("click", () => window.print());
    el("trouble-again").addEventListener("click", () => this.again());
    el("check-unfold").addEventListener("click", () =>
      this.foldAccount(!el("check-account").classList.contains("folded")),
    );
    el("seal-now").addEventListener("click", () => this.seal());
    el("to-words").addEventListener("click", () => this.go("words"));
    el("seal-stop").addEventListener("click", () => {
      el("seal-sure").hidden = false;
      el("seal-stop-no").focus();
    });
    el("seal-stop-no").addEventListener("click", () => {
      el("seal-sure").hidden = true;
      el("seal-stop").focus();
    });
    el("seal-stop-yes").addEventListener("click", () => el("exit").click());
    el("danger").addEventListener("change", () => {
      el("danger-now").hidden = this.chose("danger") !== "yes";
    });
    for (const id of ["who-when", "who-lapse", "who-leave"]) el(id)?.addEventListener("change", () => this.consider());
    this.consider();
    el("interpreter").addEventListener("change", () => this.asksLanguage());
    el("step-identity").addEventListener("change", () => {
      el("identity-fields").hidden = !el("identity-give").checked;
    });
    this.listenToWords();
    this.listenToWindow();
  }

  listenToWindow() {
    window.addEventListener("offline", () => this.strip("net-offline"));
    window.addEventListener("online", () => {
      this.strip("");
      this.live(say("net-back"));
      this.filing.now();
      this.later.now();
    });
    askBeforeLeaving(() => !this.hasLeft && !this.isPromised && this.hasContent() && !this.later.isSafe());
    takeDrops((files) => {
      if (this.step === "evidence") this.files.take(files);
    });
    window.addEventListener("resguardo:leave", () => {
      this.hasLeft = true;
      this.filing.end();
      this.later.end();
      this.voice.forget();
      this.files.forget();
      el("form").reset();
      for (const field of fields()) field.value = "";
      this.person.forget();
      el("words").replaceChildren();
      el("decoy-words").replaceChildren();
    });
    coverWhenHidden(() => !this.files.isPicking && this.step !== "who" && this.step !== "before");
  }

  // ── what she told ──

  /** @param {string} name */
  chose(name) {
    return /** @type {RadioNodeList} */ (el("form").elements.namedItem(name)).value;
  }

  identity() {
    if (!el("identity-give").checked) return "";
    const lines = [];
    for (const field of fields("[data-identity]")) {
      const text = field.value.trim();
      if (text) lines.push(`${say(`identity-${field.id}`)}: ${text}`);
    }
    return lines.join("\n");
  }

  leftOut() {
    return Array.from(parts(el("who-leave-list"), "input:checked"), (box) =>
      Number(/** @type {HTMLInputElement} */ (box).value),
    );
  }

  // Days of silence after which it may be opened without her; 0: never; nothing: nobody asks her.
  lapse() {
    return this.chose("open") === "consent" ? Number(this.chose("lapse")) : undefined;
  }

  // What it may be used for: a bit for each box.
  allowed() {
    const boxes = /** @type {NodeListOf<HTMLInputElement>} */ (parts(el("who-share"), "input:checked"));
    return Array.from(boxes).reduce((bits, box) => bits | (1 << Number(box.value)), 0);
  }

  // So many accounts name the same person before she is asked; 0: she has no such wish.
  askAfter() {
    return this.lapse() !== undefined && el("ask-after").checked ? Number(el("ask-after").value) : 0;
  }

  // Who wants an interpreter, or speaks rather than writes, is asked in what language.
  asksLanguage() {
    el("language-field").hidden = this.chose("interpreter") !== "yes" && !this.voice.hasRecordings();
  }

  // Shows what follows from how it may be opened, and nothing that does not.
  consider() {
    const lapse = this.lapse();
    el("who-lapse").hidden = lapse === undefined;
    el("who-others").hidden = lapse === undefined;
    const mode = lapse === undefined ? "request" : lapse === 0 ? "strict" : "lapse";
    for (const place of parts(way, "[data-when]")) place.hidden = !place.dataset.when?.split(" ").includes(mode);
    this.refill();
  }

  // Fills the numbers of the council in.
  refill() {
    if (!this.members) return;
    for (const place of parts(way, "[data-fill]")) place.textContent = this.filled(place.dataset.fill);
  }

  hasContent() {
    return (
      this.files.list.length > 0 ||
      this.voice.isRecording() ||
      Array.from(fields()).some(({ value }) => value.trim() !== "")
    );
  }

  chosen() {
    const fits = !this.members || this.leftOut().length <= this.members.may_leave_out;
    el("who-leave-error").textContent = fits ? "" : this.filled(el("who-leave-error").dataset.text);
    return fits;
  }

  summarise() {
    const account = el("account").value.trim();
    el("check-account").textContent = account || say("check-nothing");
    el("check-danger").hidden = this.chose("danger") !== "yes";
    el("check-interpreter").hidden = this.chose("interpreter") !== "yes";
    const rows = this.files.list.map(({ file }) => {
      const row = document.createElement("li");
      row.textContent = `${within(file.name)}, ${size(file.size)}`;
      return row;
    });
    el("check-files").replaceChildren(...rows);
    el("check-no-files").hidden = rows.length > 0;
    this.describe("check-person", this.person.said());
    const identity = this.identity();
    el("check-identity").textContent = identity;
    el("check-identity-cover").hidden = identity === "";
    el("check-identity-cover").open = false;
    el("check-no-identity").hidden = identity !== "";
    const out = this.leftOut()
      .map((x) => this.members?.seats.find((seat) => seat.x === x)?.institution ?? "")
      .map((name) => within(name));
    const label = (/** @type {string} */ name) =>
      part(el("form"), `[name=${name}]:checked`).parentElement?.textContent ?? "";
    el("check-open").textContent = label("open");
    el("check-lapse").textContent = `${part(el("who-lapse"), "legend").textContent} ${label("lapse")}`;
    el("check-others").hidden = this.askAfter() === 0;
    const uses = Array.from(parts(el("who-share"), "input:checked"), (box) => box.parentElement?.textContent ?? "");
    el("check-share").textContent = uses.length > 0 ? uses.join(". ") : say("who-share-none");
    el("check-each-act").hidden = !el("each-act").checked;
    el("check-numbers").hidden = el("each-act").checked;
    el("check-left-out").hidden = out.length === 0;
    el("check-left-out").textContent = `${say("who-leave-out")}: ${out.join(", ")}`;
    this.foldAccount(true);
    const said = this.questions.said();
    this.describe(
      "check-answers",
      said.map(([question, answer]) => [question, within(answer)]),
    );
    el("check-answers-cover").hidden = said.length === 0;
    el("check-error").textContent = "";
  }

  /** A list of what she said, or that she said nothing.
   * @param {"check-person" | "check-answers"} id
   * @param {[string, string][]} said */
  describe(id, said) {
    const rows = said.flatMap(([question, answer]) => {
      const [term, description] = [document.createElement("dt"), document.createElement("dd")];
      [term.textContent, description.textContent] = [question, answer];
      return [term, description];
    });
    el(id).replaceChildren(...rows);
    el(id === "check-person" ? "check-no-person" : "check-no-answers").hidden = rows.length > 0;
  }

  /** Of a long account three lines are shown, and all of it at a touch.
   * @param {boolean} isFolded */
  foldAccount(isFolded) {
    const [text, button] = [el("check-account"), el("check-unfold")];
    text.classList.toggle("folded", isFolded);
    button.textContent = say(isFolded ? "check-see-all" : "check-see-less");
    button.setAttribute("aria-expanded", String(!isFolded));
    if (isFolded) button.hidden = text.scrollHeight <= text.clientHeight;
  }

  // ── sealing ──

  async seal() {
    if (isBlank(el("account").value) && this.files.list.length === 0) {
      el("check-error").textContent = say("account-empty");
      return;
    }
    if (this.filing.isSealing) return;
    for (const step of ["account", "person", "identity"]) if (!this.letters.areFew(step, () => this.go(step))) return;
    // A file may have changed since she chose it: better said before the words than after.
    if (!(await this.files.look())) {
      this.go("evidence");
      this.files.ask();
      return;
    }
    if (this.filing.isSealing) return;
    const input = {
      account: el("account").value,
      identity: this.identity(),
      language: el("language-field").hidden ? "" : el("language").value.trim(),
      danger: this.chose("danger") === "yes",
      interpreter: this.chose("interpreter") === "yes",
      answers: json({ ...this.questions.answers(), ...this.person.answers() }),
      // Who is in danger is not hidden among the filings of twelve hours: the seats get it with the next step. Seconds matter in
      // a demo too.
      soon: this.chose("danger") === "yes" || this.members?.demo === true,
    };
    for (const row of parts(el("states"), "[data-state]")) this.state(row.dataset.state ?? "", "wait");
    el("to-words").hidden = this.words.length === 0;
    this.go("seal");
    this.filing.seal(input, this.files.chosen(), {
      leftOut: this.leftOut(),
      lapse: this.lapse(),
      allowed: this.allowed(),
      askAfter: this.askAfter(),
      eachAct: el("each-act").checked,
      entropy: this.later.entropy,
      decoy: el("decoy").checked,
    });
  }

  again() {
    el("trouble").hidden = true;
    const wasSealing = this.filing.failedAt === "seal";
    if (this.filing.mustBegin) this.filing.begin();
    if (wasSealing) this.seal();
  }

  /** @param {string} name
   * @param {RowState} state */
  state(name, state) {
    if (name === "key") this.slow.keys(state);
    const told = setState(name, state);
    if (told) this.live(told);
  }

  // ── the eight words ──

  listenToWords() {
    el("words-cover").addEventListener("click", () => this.cover(!el("words-shown").hidden));
    el("confirm-next").addEventListener("click", () => this.confirm());
    el("confirm-word").addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.confirm();
    });
    el("confirm-skip").addEventListener("click", () => this.kept());
    el("decoy-next").addEventListener("click", () => this.onward());
  }

  /** @param {boolean} isCovered */
  cover(isCovered) {
    const button = el("words-cover");
    el("words-shown").hidden = isCovered;
    button.textContent = (isCovered ? button.dataset.show : button.dataset.hide) ?? "";
    button.setAttribute("aria-expanded", String(!isCovered));
    if (isCovered) this.live(say("sr-words-hidden"));
  }

  /** @param {string[]} words */
  showWords(words) {
    // Sealing that begins anew in this page keeps its words; then she has seen them.
    if (this.words.join(" ") === words.join(" ")) return;
    this.words = words;
    this.hasKept = false;
    this.fillWords();
    const order = words.map((_, index) => index);
    const draw = crypto.getRandomValues(new Uint32Array(words.length));
    this.asked = order.sort((a, b) => draw[a] - draw[b]).slice(0, CONFIRMED);
    this.ask();
    this.go("words");
  }

  /** What she saved another day is written into the page; she goes on from what must be known first.
   * @param {string[]} words
   * @param {string} step */
  resume(words, step) {
    this.words = words;
    this.hasKept = true;
    this.fillWords();
    this.returnTo = step;
    this.go("before");
  }

  fillWords() {
    showWords(el("words"), this.words);
  }

  ask() {
    el("confirm-field").hidden = false;
    el("confirm-skip").hidden = false;
    el("confirm-label").textContent = fill(el("confirm-label").dataset.text, { n: this.asked[0] + 1 });
    el("confirm-word").value = "";
    el("confirm-error").textContent = "";
  }

  // Four letters suffice; accents and case do not count.
  confirm() {
    if (this.asked.length === 0) {
      this.kept();
      return;
    }
    const plain = (/** @type {string} */ word) =>
      word.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim().slice(0, 4);
    const number = this.asked[0];
    if (plain(el("confirm-word").value) !== plain(this.words[number])) {
      el("confirm-error").textContent = say("words-confirm-bad", { n: number + 1 });
      this.cover(false);
      el("confirm-word").focus();
      return;
    }
    this.asked.shift();
    if (this.asked.length === 0) {
      this.kept();
      return;
    }
    this.ask();
    this.live(say("words-confirm-ok"));
    this.cover(true);
    el("confirm-word").focus();
  }

  kept() {
    this.hasKept = true;
    this.asked = [];
    el("confirm-field").hidden = true;
    el("confirm-skip").hidden = true;
    el("to-words").hidden = false;
    if (this.isEarly()) this.later.show();
    else this.onward();
  }

  // Other words are shown once she has her own; then what is sealed, or under way.
  onward() {
    const others = this.others ?? [];
    if (others.length > 0) {
      this.others = [];
      showWords(el("decoy-words"), others);
      this.go("decoy");
      return;
    }
    el("decoy-words").replaceChildren();
    this.go(this.isPromised ? "receipt" : "seal");
  }

  // Whether the words are those of a draft still: nothing is sealed.
  isEarly() {
    return this.later.entropy !== undefined && !this.isPromised && !this.filing.isSealing;
  }

  // Sealing that begins anew tells them again.
  /** @param {string[]} words */
  gotOthers(words) {
    this.others ??= words;
  }

  // ── what the worker tells ──

  /** @param {council.Members} members */
  council(members) {
    this.members = members;
    this.refill();
    // The page came with the council as the server tells it, so that nothing moves under her finger when it is proven.
    this.list(el("who-list"), members.seats, (seat) => {
      const row = document.createElement("li");
      row.textContent = `${within(seat.institution)} (${within(seat.jurisdiction)})`;
      return row;
    });
    this.offerToLeaveOut(members.seats);
    el("who-state").hidden = false;
    part(el("who-state"), "*").textContent = say("who-checked");
    el("who-state").classList.add("done");
    el("who-known").hidden = false;
    el("who-known").classList.remove("unproven");
    el("who-concentrated").hidden = !members.concentrated;
    el("who-clock").hidden = members.clock !== "behind";
    el("who-clock-ahead").hidden = members.clock !== "ahead";
    el("who-leave").hidden = members.may_leave_out === 0;
    el("who-leave").disabled = false;
    this.files.check();
  }

  /** Fills a list, unless it says the same already.
   * @param {HTMLElement} place
   * @param {council.Seat[]} seats
   * @param {(seat: council.Seat) => HTMLElement} draw */
  list(place, seats, draw) {
    const rows = seats.map(draw);
    const text = (/** @type {Element} */ row) => `${row.textContent} ${row.querySelector("input")?.value ?? ""}`;
    if (rows.map(text).join("\n") !== Array.from(place.children, text).join("\n")) place.replaceChildren(...rows);
  }

  /** @param {council.Seat[]} seats */
  offerToLeaveOut(seats) {
    const out = this.leftOut();
    this.list(el("who-leave-list"), seats, (seat) => {
      const label = document.createElement("label");
      label.className = "choice";
      const box = document.createElement("input");
      box.type = "checkbox";
      box.value = String(seat.x);
      box.checked = out.includes(seat.x);
      label.append(box, visible(seat.institution));
      return label;
    });
  }

  /** @param {string | undefined} text */
  filled(text) {
    if (!this.members) return "";
    const { account, identity, lapse, seats, may_leave_out, fingerprint } = this.members;
    const least = seats.length - may_leave_out;
    const tl = lapse[Math.min(this.leftOut().length, may_leave_out)];
    const both = [fingerprint.es, fingerprint.en];
    const fp = (document.documentElement.lang === "es" ? both : both.reverse()).join(" / ");
    return fill(text, { t: account, ti: identity, tl, n: seats.length, min: least, max: may_leave_out, fp });
  }

  /** @param {number} done
   * @param {number} total */
  sent(done, total) {
    const percent = Math.floor((100 * done) / total);
    el("sent").hidden = false;
    el("sent-bar").value = percent;
    el("sent-text").textContent = fill(el("sent-text").dataset.text, { done: size(done), total: size(total) });
    if (!this.isPromised) {
      el("words-sending").textContent = `${fill(el("words-sending").dataset.text, { percent })} ${say("seal-not-yet")}`;
    }
    const quarter = Math.floor(percent / 25);
    if (quarter !== this.quarter) this.live(say("sr-progress", { percent: 25 * quarter }));
    this.quarter = quarter;
  }

  /** @param {string} why */
  strip(why, seconds = 0) {
    this.net.show(why, seconds);
  }

  /** Sealing met a file that cannot be read any more: she is led to it.
   * @param {number} place
   * @param {string} fault */
  fileFailed(place, fault) {
    this.go("evidence");
    this.files.failed(place, fault);
    this.files.ask();
  }

  /** @param {string} code
   * @param {number} deadline */
  promised(code, deadline) {
    this.isPromised = true;
    this.later.erase();
    this.strip("");
    const day = new Date((deadline - 86_400) * 1000);
    // Where the line is too long for large text, it breaks before the code and not within.
    const shown = document.createElement("span");
    shown.textContent = code;
    const [before = "", after = ""] = el("receipt-code").dataset.text?.split("{code}") ?? [];
    el("receipt-code").replaceChildren(before, shown, after);
    el("receipt-when").textContent = zoned(document.documentElement.lang, { dateStyle: "long" })(day);
    const done = el("words-sending").dataset.done ?? "";
    el("words-sending").textContent = done;
    el("words-sending").classList.add("ok");
    this.live(done);
    if (this.hasKept && this.step === "seal") this.onward();
  }

  /** @param {string} id
   * @param {boolean} canRetry */
  trouble(id, canRetry) {
    if (["seal", "words", "decoy"].includes(this.step)) this.go("check");
    el("trouble-what").textContent = say(id);
    el("trouble-kept").hidden = !this.hasContent();
    el("trouble-again").hidden = !canRetry;
    el("trouble").hidden = false;
    el("trouble").focus();
    // What could not be proven is not shown any longer.
    if (!this.members) for (const id of ["who-state", "who-known"]) el(id).hidden = true;
  }
}
