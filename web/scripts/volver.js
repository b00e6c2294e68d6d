// She comes back: eight words, then her inbox, in one document. Nothing is stored, nothing touches the history. Words and
// keys are the worker's; what it shows is drawn by volver-view.js.

import { coverWhenHidden } from "./cover.js";
import { Idle } from "./idle.js";
import { hush } from "./listen.js";
import { el, part, parts, say, setState, showWords } from "./page.js";
import { start, startWorker } from "./start.js";
import { askBeforeLeaving } from "./stay.js";
import { Strip } from "./strip.js";
import { lettersLeft } from "./text.js";
import { Adding } from "./volver-add.js";
import { confirmation, draw, newWords } from "./volver-view.js";
import { monthsBack } from "./when.js";
import { Words } from "./words.js";

// How often it looks for news while she reads. What others do is published once in many of these; what is due is sent
// again with it.
const LOOK_MS = 60_000;
// Months that she may name: a filing is rarely older, and all of the log can always be read.
const MONTHS = 24;
// Bytes of a message (protocol, 15.9).
const MESSAGE_MAX = 1500;

const WAITS = {
  offline: "net-offline-reading",
  server: "net-server-reading",
  busy: "net-busy",
  full: "net-busy",
};

const page = el("inbox-page");
if (page) start(page, () => new Inbox().go("words", false));

class Inbox {
  constructor() {
    this.step = "words";
    /** @type {inbox.View | null} */
    this.view = null;
    this.shown = "";
    this.isBusy = false;
    this.isAsked = false;
    /** @type {(returning.Sending & { isSending: boolean }) | null} */
    this.acting = null;
    /** @type {returning.Sending | null} */
    this.moving = null;
    this.timer = 0;
    this.net = new Strip(
      (text) => this.live(text),
      () => this.worker.postMessage({ do: "now" }),
    );
    this.words = new Words(
      (words) => this.worker.postMessage({ do: "unknown", words }),
      (words) => this.open(words),
      () => this.idle.touch(),
    );
    this.adding = new Adding(
      (asked) => this.worker.postMessage(asked),
      () => this.back(),
      () => this.idle.touch(),
    );
    this.idle = new Idle(el("idle"), el("idle-stay"), () => this.close("closed-idle"));
    this.isReady = false;
    this.worker = this.start();
    el("month").append(...monthsBack(document.documentElement.lang, MONTHS).map((month) => new Option(...month)));
    this.listen();
  }

  // ── the worker ──

  /** @returns {WorkerOf<returning.Asked>} */
  start() {
    return startWorker(
      page.dataset,
      (/** @type {returning.Told} */ told) => this.heard(told),
      () => this.broken("no-module"),
    );
  }

  begin() {
    this.worker.terminate();
    this.isReady = false;
    this.worker = this.start();
  }

  /** @param {returning.Told} data */
  heard(data) {
    if (data.is === "waiting") this.net.show(WAITS[data.why], data.seconds);
    if (data.is === "going") this.net.show("");
    if (data.is === "unknown") this.words.told(data.words);
    if (data.is === "ready") this.isReady = true;
    if (data.is === "deriving") this.opening();
    if (data.is === "unread") this.unread(data.why);
    if (data.is === "words") this.drew(data[document.documentElement.lang === "en" ? "en" : "es"].split(" "));
    if (data.is === "reading") this.read();
    if (data.is === "progress") this.progress(data.share);
    if (data.is === "view") this.saw(data.view, data.act);
    if (data.is === "room") this.adding.room(data);
    if (data.is === "sent") this.adding.progress(data.done, data.total);
    if (data.is === "refused") this.adding.refused(data.code, data.file);
    if (data.is === "failed") this.failed(data);
    if (data.is === "broken") this.broken(data.code);
  }

  /** @param {returning.Act} act */
  act(act) {
    this.isBusy = true;
    this.worker.postMessage({ do: "act", act });
  }

  // ── moving ──

  /** @param {string} step */
  go(step, isFocused = true) {
    this.step = step;
    hush();
    for (const section of parts(page, "[data-step]")) section.hidden = section.dataset.step !== step;
    el("trouble").hidden = true;
    // Another language is another document: the inbox would close with this one.
    const languages = /** @type {HTMLElement | null} */ (document.querySelector(".languages"));
    if (languages) languages.hidden = step !== "words";
    if (!isFocused) return;
    window.scrollTo(0, 0);
    part(el(`step-${step}`), "h1").focus({ preventScroll: true });
  }

  /** @param {string} text */
  live(text) {
    el("live").textContent = text;
  }

  listen() {
    el("month").addEventListener("change", () => this.part());
    el("inbox-close").addEventListener("click", () => el("exit").click());
    el("inbox-refresh").addEventListener("click", () => this.look(true));
    el("question-open").addEventListener("click", () => this.go("question"));
    el("question-back").addEventListener("click", () => this.close(""));
    el("question-draw").addEventListener("click", () => this.draw());
    el("question-go").addEventListener("click", () => {
      this.opening();
      this.read();
    });
    el("act-no").addEventListener("click", () => this.back());
    el("act-yes").addEventListener("click", () => this.confirm());
    el("trouble-again").addEventListener("click", () => this.close(""));
    window.addEventListener("offline", () => this.net.show("net-offline-reading"));
    window.addEventListener("online", () => {
      this.net.show("");
      this.live(say("net-back"));
      this.worker.postMessage({ do: "now" });
    });
    window.addEventListener("resguardo:leave", () => this.end());
    coverWhenHidden(() => !this.adding.files.isPicking && (this.view !== null || !this.words.isEmpty()));
    // What waits to be sent would be lost with the page.
    askBeforeLeaving(() => this.acting?.isSending === true || this.adding.isDirty() || isUnsent(this.view));
  }

  // ── the words ──

  // What can be said at once is said at the words; the rest takes a while.
  /** @param {string} words */
  open(words) {
    const month = el("month").value;
    this.worker.postMessage({ do: "open", words, since: month && month + el("month-part").value });
    if (!this.isReady) this.opening();
  }

  // Of which part of the month, once there is a month.
  part() {
    el("month-part-field").hidden = el("month").value === "";
    if (el("month").value === "") el("month-part").value = "";
  }

  // ── asking without a filing ──

  draw() {
    el("question-draw").disabled = true;
    el("question-state").textContent = say("return-drawing");
    this.worker.postMessage({ do: "draw", opens: true });
  }

  /** @param {string[]} words */
  drew(words) {
    if (this.view) {
      if (this.moving) this.ask(this.moving, words);
      return;
    }
    showWords(el("question-words"), words);
    this.go("question-words");
  }

  opening() {
    if (this.step === "opening") return;
    this.go("opening");
    this.state("key", "now");
    this.state("read", "wait");
    el("bar").removeAttribute("value");
  }

  /** @param {inbox.Unread} why */
  unread(why) {
    this.go("words", false);
    this.words.refused(why);
  }

  read() {
    this.state("key", "done");
    this.state("read", "now");
    this.act({ act: "refresh" });
  }

  /** @param {string} name
   * @param {RowState} state */
  state(name, state) {
    const told = setState(name, state);
    if (told) this.live(told);
  }

  /** @param {number} share */
  progress(share) {
    if (this.step === "opening" && share >= 0) el("bar").value = Math.round(100 * share);
  }

  // ── the inbox ──

  /** @param {inbox.View} view
   * @param {returning.Act["act"] | "add"} act */
  saw(view, act) {
    if (act === "add") this.adding.forget();
    else this.isBusy = false;
    this.net.show("");
    const text = JSON.stringify({ ...view, time: 0, next_publication: 0, by: 0 });
    const isNew = text !== this.shown;
    const isFirst = this.view === null;
    this.view = view;
    this.shown = text;
    // What has the focus keeps it: each of its buttons is made anew under the same name.
    const focused = document.activeElement?.id;
    draw(view, el("inbox"), (what) => this.ask(what));
    if (focused && focused !== document.activeElement?.id)
      document.getElementById(focused)?.focus({ preventScroll: true });
    if (isFirst) {
      this.words.forget();
      el("question-words").replaceChildren();
      this.idle.touch();
      this.go("inbox");
    } else if (act === "refresh") {
      el("inbox-looked").textContent = isNew ? say("inbox-updated") : this.isAsked ? say("inbox-refreshed") : "";
    } else {
      this.acting = null;
      this.moving = null;
      el("act-what").replaceChildren();
      this.go("inbox", false);
      window.scrollTo(0, 0);
      const place = act === "add" ? ".promised" : act === "ask" ? ".asked" : ".sent";
      const sent = /** @type {HTMLElement | null} */ (el("inbox").querySelector(place));
      (sent ?? part(el("step-inbox"), "h1")).focus();
      sent?.scrollIntoView({ block: "center" });
    }
    this.isAsked = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(false), LOOK_MS);
  }

  /** @param {boolean} isAsked */
  look(isAsked) {
    if (isAsked) {
      this.isAsked = true;
      el("inbox-looked").textContent = say("inbox-refreshing");
    }
    if (!this.isBusy) this.act({ act: "refresh" });
  }

  /** @param {returning.Failed} failure */
  failed({ code, act, view }) {
    this.isBusy = false;
    // What nobody has taken yet is kept, and goes out with the next look.
    if (act !== "refresh" && isUnsent(view)) {
      this.saw(view, act);
      return;
    }
    if (act === "refresh") {
      el("trouble-what").textContent = say("err-failed");
      el("trouble").hidden = false;
      el("trouble").focus();
      return;
    }
    if (this.acting) this.acting.isSending = false;
    this.isSending(false);
    el("act-state").textContent = `${say(REFUSED[code] ?? "inbox-err-changed")} ${say("inbox-not-sent")}`;
  }

  /** A module that stopped halfway is not called again.
   * @param {string} code */
  broken(code) {
    this.close("");
    el("trouble-what").textContent = say(code === "memory" ? "err-memory" : "err-failed");
    el("trouble").hidden = false;
    el("trouble").focus();
  }

  // ── what she does ──

  /** @param {returning.Sending | returning.Adding} what
   * @param {string[]} [words] that were drawn for it */
  ask(what, words) {
    if (!this.view) return;
    if (what.act === "add") {
      const filing = this.view.filings.find((it) => it.case === what.case);
      this.adding.open(what.case, this.view.is_demo, filing?.can.includes("add-large") ?? false);
      this.go("add");
      return;
    }
    if (what.act === "new-words" && !words) {
      this.worker.postMessage({ do: "draw", opens: false });
      this.moving = what;
      return;
    }
    this.moving = null;
    this.acting = { ...what, isSending: false };
    const { heading, paragraphs, yes, no, hasText } = confirmation(what, this.view);
    el("act-h").textContent = heading;
    el("act-what").replaceChildren(
      ...paragraphs.map((text) => {
        const line = document.createElement("p");
        line.textContent = text;
        return line;
      }),
      ...(words ? [newWords(words)] : []),
    );
    el("act-field").hidden = !hasText;
    el("act-text").value = "";
    el("act-error").textContent = "";
    el("act-state").textContent = "";
    el("act-yes").textContent = yes;
    el("act-no").textContent = no;
    this.isSending(false);
    this.go("act");
  }

  /** @param {boolean} is */
  isSending(is) {
    el("act-yes").disabled = is;
    if (is) el("act-state").textContent = say("inbox-sending");
  }

  confirm() {
    if (!this.acting || this.acting.isSending) return;
    const { isSending: _, ...what } = this.acting;
    if (what.act === "say" || what.act === "ask") {
      const text = el("act-text").value.trim();
      const left = lettersLeft(text, MESSAGE_MAX);
      el("act-error").textContent =
        text === "" ? say("inbox-say-empty") : left < 0 ? say("inbox-say-long", { n: -left }) : "";
      if (el("act-error").textContent) {
        el("act-text").focus();
        return;
      }
      what.text = text;
    }
    this.acting.isSending = true;
    this.isSending(true);
    // What the page shows beside an act is not the module's.
    this.act({ act: what.act, ...Object.fromEntries(FIELDS[what.act].map((field) => [field, what[field]])) });
  }

  // What is being sent goes on; the inbox tells when it is done.
  back() {
    el("act-text").value = "";
    if (!this.acting?.isSending) this.acting = null;
    // Words that nothing was sent under are not shown again.
    this.moving = null;
    el("act-what").replaceChildren();
    this.go("inbox");
  }

  // ── the end ──

  /** @param {string} notice */
  close(notice) {
    this.end();
    this.begin();
    el("closed-idle").hidden = notice !== "closed-idle";
    this.go("words");
  }

  end() {
    clearTimeout(this.timer);
    this.idle.stop();
    this.worker.terminate();
    this.words.forget();
    el("month").value = "";
    this.part();
    this.adding.forget();
    this.view = null;
    this.shown = "";
    this.acting = null;
    this.moving = null;
    this.isBusy = false;
    this.net.show("");
    el("inbox").replaceChildren();
    el("question-words").replaceChildren();
    el("question-draw").disabled = false;
    el("question-state").textContent = "";
    el("act-what").replaceChildren();
    el("act-h").textContent = "";
    el("act-text").value = "";
    el("inbox-looked").textContent = "";
  }
}

// What the module takes with each act.
/** @type {Record<returning.Sending["act"], (keyof returning.Act)[]>} */
const FIELDS = {
  object: ["request"],
  consent: ["request", "yes"],
  withdraw: ["case", "yes"],
  alive: ["case"],
  say: ["case", "text"],
  ask: ["text"],
  "new-words": [],
};

/** Whether something of hers still waits to be sent.
 * @param {inbox.View | null} view */
const isUnsent = (view) =>
  [{ sent: view?.asked ?? [] }, ...(view?.filings ?? [])].some(({ sent }) =>
    sent.some((each) => each.state === "unsent"),
  );

// Why an act was not sent, by its code; anything else says that something changed.
/** @type {Record<string, string>} */
const REFUSED = {
  done: "inbox-err-done",
  "after-object-by": "inbox-err-late",
  "too-late": "inbox-err-late",
  lapsed: "inbox-err-late",
  dead: "inbox-err-late",
  released: "inbox-err-late",
  erased: "inbox-err-late",
  "log-not-verifiable": "inbox-err-old",
  "no-checkpoint": "inbox-err-old",
  "checkpoint-too-old": "inbox-err-old",
  "checkpoint-from-future": "inbox-err-old",
  "checkpoint-withheld": "inbox-err-old",
  untrusted: "inbox-err-old",
  "no-council": "inbox-err-old",
  "statement-too-long": "inbox-err-long",
  "statement-rule": "inbox-err-long",
  internal: "inbox-err-other",
  server: "inbox-err-other",
  "unexpected-answer": "inbox-err-other",
};
