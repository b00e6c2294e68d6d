// The desk's page: key, acts, lock. The work is done in the worker; here are only elements and what is pressed.
import { takeDrops } from "./drop.js";
import { Idle } from "./idle.js";
import { documents, save } from "./mesa-document.js";
import { forgetNews, hasNews, stepLine, tellRoutine } from "./mesa-routine.js";
import { sign } from "./mesa-sign.js";
import { draw, drawLog, filterQueue } from "./mesa-view.js";
import { el as by, part, parts } from "./page.js";
import { askBeforeLeaving } from "./stay.js";
import {
  h,
  button,
  compartment,
  compartments,
  failureOf,
  measure,
  measures,
  reason,
  short,
  t,
  time,
} from "./mesa-words.js";

const page = by("desk-page");
const LOOK_MIN_MS = 4_000;
const LOOK_MAX_MS = 60_000;
const CLOCK_MS = 10_000;
const APART_MS = 60_000;
const APART_DEMO_MS = 1_000;
// Bytes of a key file, and of a saved one.
const KEY_MAX = 1 << 20;
const FILE_MAX = 64 << 20;

/** @type {WorkerOf<desk.Asked> | null} */
let worker = null;
/** What the worker was asked, by number.
 * @type {Map<number, { done: (value: never) => void, failed: (failure: Failure) => void }>} */
let waiting = new Map();
let asked = 0;
/** @type {desk.View | null} */
let view = null;
/** @type {Promise<desk.Outcome> | null} */
let busy = null;
let lookTimer = 0;
// Requests whose sealed files come, each with whether it may be opened yet and what ends when it may.
/** @type {Map<string, { isOver: boolean, end: Promise<void> }>} */
let apart = new Map();
/** @type {Set<string>} */
const unsaved = new Set();
const idle = new Idle(by("desk-idle"), by("desk-stay"), lock);
let drawn = { text: "", at: 0 };

const now = () => Math.floor(Date.now() / 1000);
const say = (/** @type {string} */ text) => {
  by("desk-status").textContent = text;
};

/** Asks the worker; the answer, or a failure as thrown.
 * @type {desk.Ask} */
function ask(verb, data) {
  return new Promise((done, failed) => {
    asked += 1;
    waiting.set(asked, { done, failed });
    worker?.postMessage(/** @type {desk.Asked} */ ({ id: asked, verb, ...data }));
  });
}

/** While an act runs the module has nothing to show.
 * @type {desk.Ask} */
async function calm(verb, data) {
  while (busy) await busy.catch(() => null);
  return ask(verb, data);
}

function begin() {
  const started = new Worker(new URL("./mesa-worker.js", import.meta.url), { type: "module" });
  worker = started;
  // Before its first word it was not even fetched.
  let isThere = false;
  started.onmessage = (/** @type {MessageEvent<desk.Told>} */ { data }) => {
    isThere = true;
    if ("progress" in data) {
      const share = data.progress;
      if (page.dataset.busy === "shown" && share >= 0)
        say(t("desk-working-n", { done: `${Math.round(share * 100)} %`, total: "100 %" }));
      return;
    }
    const { done, failed } = waiting.get(data.id) ?? {};
    waiting.delete(data.id);
    if (data.failure) failed?.(data.failure);
    else done?.(/** @type {never} */ (data.value));
  };
  started.onerror = () => {
    for (const { failed } of waiting.values()) failed({ code: isThere ? "internal" : "unreachable" });
    waiting = new Map();
  };
  return ask("start", { root: page.dataset.root ?? "", built: Number(page.dataset.built) });
}

/** @param {Failure | null} failure */
function tell(failure) {
  const box = by("desk-failure");
  box.hidden = failure === null;
  box.textContent = failure ? reason(failure, view?.log.time ?? now()) : "";
  box.dataset.code = failure?.code ?? "";
}

/** One act after another, so that each sees what the one before has read. A look that nobody asked for is not reported.
 * @param {desk.Act} name */
async function act(name, { file = /** @type {Uint8Array | undefined} */ (undefined), isQuiet = false } = {}) {
  while (busy) await busy.catch(() => null);
  busy = ask("act", { act: name, file });
  page.dataset.busy = isQuiet ? "quiet" : "shown";
  try {
    const done = await busy;
    view = done.view;
    return done.done;
  } finally {
    busy = null;
    delete page.dataset.busy;
  }
}

// While nothing changes, buttons stay where they are under a finger; clocks go on now and then.
function show() {
  const seen = view;
  if (!seen) return null;
  const text = JSON.stringify({ ...seen, log: null });
  if (text === drawn.text && Date.now() - drawn.at < CLOCK_MS) {
    drawLog(seen);
  } else {
    drawn = { text, at: Date.now() };
    draw(seen, acts);
  }
  return documents(
    seen.opened.map((shown, place) => ({ ...shown, place })),
    calm,
  );
}

/** Whether it was read. */
async function look(isAsked = false) {
  clearTimeout(lookTimer);
  let isRead = false;
  if (!busy || isAsked) {
    try {
      if (isAsked) say(t("desk-working"));
      await act({ act: "refresh" }, { isQuiet: !isAsked });
      tell(null);
      if (isAsked) say(t("desk-fresh"));
      if (worker && view && hasNews(view)) say(t("desk-new"));
      if (worker) await show();
      isRead = true;
    } catch (failure) {
      tell(failureOf(failure));
      if (isAsked) say("");
    }
  }
  plan();
  return isRead;
}

function plan() {
  clearTimeout(lookTimer);
  if (!worker || !view) return;
  fetchApart(view);
  const step = (view.log.step_s ?? 60) * 1000;
  lookTimer = setTimeout(() => look(), Math.min(Math.max(step, LOOK_MIN_MS), LOOK_MAX_MS));
}

// Sealed files and the opening that they are for are apart in time, so that the service cannot tell by it who opens what:
// they come at a moment drawn once they may, long before somebody presses as a rule, and the opening may follow at another.
/** @param {desk.View} view */
function fetchApart(view) {
  const lines = view.referred.flatMap((told) => told.requests.map((line) => ({ ...line, id: told.id })));
  for (const { id, digest: request } of lines.filter((line) => line.to_fetch && !apart.has(line.digest))) {
    const pause = () => {
      const most = view.log.demo ? APART_DEMO_MS : APART_MS;
      return new Promise((done) => setTimeout(done, Math.random() * most));
    };
    const ours = worker;
    const fetching = { isOver: false, end: Promise.resolve() };
    fetching.end = (async () => {
      await pause();
      if (worker !== ours) return;
      try {
        await act({ act: "fetch", case: id, request }, { isQuiet: true });
        await pause();
      } catch {
        // Another time; when it is opened before, that says why they do not come.
        apart.delete(request);
      }
      fetching.isOver = true;
    })();
    apart.set(request, fetching);
  }
}

/** The statements of an act as they will be signed.
 * @param {desk.Act} name */
async function preview(name) {
  while (busy) await busy.catch(() => null);
  return ask("preview", { act: name });
}

/** What an act makes public.
 * @param {desk.Act} name */
async function madePublic(name) {
  while (busy) await busy.catch(() => null);
  return ask("madePublic", { act: name });
}

/** Signs one act after its sheet was read; what came of it is said, and everything is drawn anew.
 * @param {desk.Sheet} sheet
 * @param {(values: desk.Values) => desk.Act} name */
async function signed(sheet, name) {
  /** @type {Partial<desk.Sheet>} */
  const read = {
    preview: (fields) => preview(name(fields)),
    publishes: (fields) => madePublic(name({ ...fields, even_so: false })),
  };
  const done = await sign({ ...read, ...sheet }, async (fields) => {
    try {
      const promise = await act(name(fields));
      await show();
      return promise;
    } catch (failure) {
      say("");
      throw failure;
    }
  });
  if (!done) return null;
  const came = [done.value].flat();
  const filed = came.find((value) => value?.deadline) ?? came[0]?.filed;
  say(filed?.deadline ? t("desk-promised", { time: time(filed.deadline) }) : t("desk-done"));
  plan();
  return done;
}

/** Writes to her: with texts that are ready, those of an upload code where one goes with it, or below what she asks.
 * @param {string} text
 * @param {desk.Act} what
 * @param {string} [asked] */
async function written(text, what, asked) {
  const all = asked === undefined ? await calm("templates", {}) : [];
  const ready = all.filter((it) => (it.name === "large") === (what.with_code === true));
  const templates = ready.map((it) => [t(`desk-template-${it.name}-${it.language}`), it.text.trimEnd()]);
  const field = { kind: "message", id: "text", label: t("desk-field-message"), templates };
  const sheet = {
    text,
    lines: asked?.split("\n"),
    fields: [/** @type {desk.Field} */ (field)],
    preview: null,
    otherwise: { code: "asks-her", text: t("desk-sign-asks-her"), press: t("desk-asks-even-so") },
  };
  await signed(sheet, (values) => ({ ...what, text: values.text, even_so: values.even_so }));
}

const OUTCOMES = ["referred", "protected", "investigated", "charged", "no-action"];
const AID = ["offered", "accepted", "declined", "delivered"];
// What a request may be for; the last is none that she could allow.
const USES = ["interview", "support", "authority", "organisation", "statistics", "research", "other"];
const REASONS = ["no-basis", "policy", "other"];

// What ends a danger; the others hold for some hours.
const ENDS = ["safe", "no-danger"];
const HOURS = [6, 24, 72, 168];

/** What was reported on a request already: a second report is no correction of the first.
 * @param {desk.OfRequest} task */
function reported(task) {
  const lines = acts.held(task.case)?.requests ?? [];
  const logged = lines.find((line) => line.digest === task.request)?.findings ?? [];
  const told = view?.referred.find((told) => told.id === task.case)?.said ?? [];
  const own = told.find((said) => said.request === task.request)?.findings ?? [];
  const findings = [...new Set([...logged, ...own])];
  if (!findings.length) return "";
  const outcomes = findings.map((found) => t(`desk-outcome-${found}`)).join(", ");
  return ` ${t("desk-sign-finding-again", { code: task.code, outcomes })}`;
}

/** @type {desk.Acts} */
const acts = {
  held: (id) => view?.cases.find((held) => held.id === id),
  // Reads first, so that what the list says is what there is; nothing is sent before it is signed.
  async routine() {
    const press = by("desk-routine");
    if (press.hasAttribute("aria-busy")) return;
    press.setAttribute("aria-busy", "true");
    const isRead = await look(true);
    const lines = isRead && view ? view.routine.map(stepLine) : [];
    const signing = lines.length
      ? signed({ text: t("desk-sign-routine"), lines, preview: null }, () => ({ act: "routine" }))
      : null;
    press.removeAttribute("aria-busy");
    if (isRead && !signing) say(t("desk-routine-none"));
    const done = await signing;
    if (done && view) tellRoutine(/** @type {desk.StepDone[]} */ (done.value), view);
  },
  institution: (x) => view?.readers.find((reader) => reader.x === x)?.institution ?? t("desk-reader", { x }),
  hasKey: (request) => view?.referred.some((told) => told.requests.some((line) => line.digest === request)) ?? false,
  look(request) {
    const part = by(`request-${request}`);
    part?.closest("details")?.setAttribute("open", "");
    part?.scrollIntoView({ block: "start" });
    part?.focus({ preventScroll: true });
  },
  ack: (tasks) => {
    const codes = tasks.map((task) => task.code).join(", ");
    const text =
      tasks.length === 1 ? t("desk-sign-ack", { code: codes }) : t("desk-sign-ack-all", { n: tasks.length, codes });
    return signed({ text }, () => ({ act: "ack", cases: tasks.map((task) => task.case) }));
  },
  reject: (item) =>
    signed({ text: t("desk-sign-reject", { check: t(`desk-check-${item.check}`) }) }, () => ({
      act: "reject",
      id: item.id,
    })),
  take: (n) => signed({ text: t("desk-sign-take", { n }), preview: null }, () => ({ act: "take" })),
  refer: (held) =>
    signed(
      {
        text: t("desk-sign-refer", held),
        fields: [
          {
            kind: "select",
            id: "reader",
            label: t("desk-field-reader"),
            options: held.refer.map(({ x, institution }) => [x, institution ?? t("desk-reader", { x })]),
          },
        ],
      },
      ({ reader }) => ({ act: "refer", case: held.id, reader: Number(reader) }),
    ),
  async ask(told) {
    /** @type {desk.Field[]} */
    const fields = [
      {
        kind: "checks",
        id: "compartments",
        label: t("desk-field-compartments"),
        options: [
          [1, t("desk-account"), true],
          [2, t("desk-identity"), false],
        ],
      },
      { kind: "text", id: "purpose", label: t("desk-field-purpose") },
      {
        kind: "select",
        id: "use",
        label: t("desk-field-use"),
        options: USES.map((name) => [name, t(`desk-use-${name}`)]),
      },
      { kind: "text", id: "basis", label: t("desk-field-basis") },
      { kind: "check", id: "urgent", label: t("desk-field-urgent") },
    ];
    const again = told.requests.length ? ` ${t("desk-sign-request-again")}` : "";
    const name = (/** @type {desk.Values} */ { compartments, purpose, use, basis, urgent }) => ({
      act: "request",
      case: told.id,
      asking: {
        compartments: [compartments].flat().map(Number),
        purpose,
        use: use === "other" ? null : use,
        basis,
        urgent,
      },
    });
    // What is released opens with this key alone: it is on the reader's disk before anybody is asked.
    const keep = async (/** @type {desk.Values} */ values) => {
      const { lines, request, file } = await calm("keep", { act: name(values) });
      return { lines, ...saving("request", short(request), file) };
    };
    return signed({ text: `${t("desk-sign-request", told)}${again}`, fields, keep }, name);
  },
  async again(request) {
    saving("request", short(request), await calm("requestFile", { request }));
  },
  attend: (task) => {
    const may = acts.held(task.case)?.attend.filter((what) => what !== "stands") ?? [];
    /** @type {desk.Field[]} */
    const fields = [
      {
        kind: "select",
        id: "what",
        label: t("desk-field-attention"),
        options: may.map((what) => [what, t(`desk-attention-${what}`)]),
      },
      {
        kind: "select",
        id: "hours",
        label: t("desk-field-hours"),
        options: HOURS.map((n) => [n, t("desk-hours", { n })]),
      },
    ];
    return signed({ text: t("desk-sign-attend", task), fields }, ({ what, hours }) => ({
      act: "attend",
      case: task.case,
      what,
      hours: ENDS.includes(String(what)) ? null : Number(hours),
    }));
  },
  stands: (task) =>
    signed({ text: t("desk-sign-stands", task) }, () => ({
      act: "attend",
      case: task.case,
      what: "stands",
      hours: null,
    })),
  write: (task) => written(t("desk-sign-write", task), { act: "write", case: task.case, with_code: false }),
  enlarge: (task) => written(t("desk-sign-enlarge", task), { act: "write", case: task.case, with_code: true }),
  answer: ({ statement, text }) => written(t("desk-sign-answer"), { act: "answer", ask: statement }, text),
  putAway: ({ statement }) =>
    signed({ text: t("desk-sign-put-away"), preview: null }, () => ({ act: "put-away", ask: statement })),
  lapse: (task, step) =>
    signed({ text: t(`desk-sign-lapse-${step}`, task) }, () => ({ act: "lapse", case: task.case, step })),
  decline: (task) => signed({ text: t("desk-sign-decline", task) }, () => ({ act: "decline", case: task.case })),
  erase: (task) =>
    signed({ text: t("desk-sign-erase", task), preview: null }, () => ({ act: "erase", case: task.case })),
  decide: (task, how) => {
    const values = { ...task, short: short(task.request) };
    const asked = task.parts.filter((name) => name !== 3);
    /** @type {desk.Field} */
    const part = {
      kind: "select",
      id: "part",
      label: t("desk-field-part"),
      options: asked.map((name) => [name, compartment(name)]),
    };
    /** @type {desk.Field} */
    const why = {
      kind: "select",
      id: "reason",
      label: t("desk-field-reason"),
      options: REASONS.map((name) => [name, t(`desk-reason-${name}`)]),
    };
    const fields = { grant: [], part: [part, why], refuse: [why] }[how];
    return signed({ text: t(`desk-sign-${how}`, values), fields }, ({ part: only, reason: said }) => ({
      act: "decide",
      case: task.case,
      request: task.request,
      grants: { grant: asked, part: [Number(only)], refuse: [] }[how],
      reason: said ?? null,
    }));
  },
  object: (task) =>
    signed({ text: t("desk-sign-object", { ...task, short: short(task.request) }) }, () => ({
      act: "object",
      case: task.case,
      request: task.request,
    })),
  release(task) {
    const line = acts.held(task.case)?.requests.find((request) => request.digest === task.request);
    // A seat releases once: what is left out now it never releases for this request.
    const left = line?.compartments.map((part) => part.name).filter((name) => !line.releases.includes(name)) ?? [];
    const without = left.length > 0 ? ` ${t("desk-sign-release-without", { what: compartments(left) })}` : "";
    return signed({ text: `${t("desk-sign-release", { ...task, short: short(task.request) })}${without}` }, () => ({
      act: "release",
      case: task.case,
      request: task.request,
    }));
  },
  finding: (task) =>
    signed(
      {
        text: `${t("desk-sign-finding", task)}${reported(task)}`,
        fields: [
          {
            kind: "select",
            id: "outcome",
            label: t("desk-field-outcome"),
            options: OUTCOMES.map((name) => [name, t(`desk-outcome-${name}`)]),
          },
        ],
      },
      ({ outcome }) => ({ act: "finding", case: task.case, request: task.request, outcome }),
    ),
  // Of a measure that stands already, only where it stands is asked; of a new one, which and by whom too.
  aid(task) {
    /** @type {desk.Field[]} */
    const asked = task.measure
      ? []
      : [
          {
            kind: "select",
            id: "measure",
            label: t("desk-field-measure"),
            options: [...measures, ["x-other", measure("x-other")]],
          },
          { kind: "text", id: "provider", label: t("desk-field-provider") },
        ];
    /** @type {desk.Field[]} */
    const fields = [
      ...asked,
      {
        kind: "select",
        id: "status",
        label: t("desk-field-aid"),
        options: AID.map((name) => [name, t(`desk-aid-${name}`)]),
      },
      { kind: "day", id: "due", label: t("desk-field-due"), value: task.due },
    ];
    return signed(
      { text: t("desk-sign-aid", { ...task, measure: task.measure && measure(task.measure) }), fields },
      ({ measure = task.measure, provider = task.provider, status, due }) => {
        const isOpen = status === "offered" || status === "accepted";
        return {
          act: "aid",
          case: task.case,
          request: task.request,
          aiding: { measure, provider, status, due: isOpen ? due : null },
        };
      },
    );
  },
  async open(task) {
    const fetching = apart.get(task.request);
    const wait = fetching && !fetching.isOver ? ` ${t("desk-sign-open-apart")}` : "";
    const sheet = {
      text: `${t("desk-sign-open", task)}${wait}`,
      before: () => fetching?.end,
      preview: null,
      otherwise: { code: "acts-missing", text: t("desk-sign-even-so"), press: t("desk-even-so") },
    };
    const done = await signed(sheet, ({ even_so: evenSo }) => ({
      act: "open",
      case: task.case,
      request: task.request,
      even_so: evenSo,
    }));
    if (!done) return;
    offer(task.case, await calm("caseFile", { held: task.case }), task.code);
    by("desk-documents").querySelector("h2")?.focus();
  },
};

/** Saves a file that the next visit needs; it is sealed to the key that this desk was opened with.
 * @param {"request" | "case"} kind
 * @param {string} handle
 * @param {desk.Bytes} bytes */
function saving(kind, handle, bytes) {
  const name = `${handle}.${kind}.age`;
  const press = () => save(new Blob([bytes], { type: "application/octet-stream" }), name);
  press();
  return { name, save: press };
}

/** Offers the file of an opened case. It stays when the desk locks, for without it nothing can be reported in another
 * visit, and leaving before it is saved is asked about.
 * @param {string} id
 * @param {desk.Bytes} bytes
 * @param {string} code */
function offer(id, bytes, code) {
  if (!bytes?.length) return;
  by(`unsaved-${id}`)?.remove();
  const press = button(
    `save-case-${id}`,
    t("desk-file-save"),
    () => {
      saving("case", code, bytes);
      unsaved.delete(id);
      by(`unsaved-${id}`).remove();
    },
    "primary",
  );
  unsaved.add(id);
  by("desk-saves").append(
    h(
      "section",
      { class: "notice caution", id: `unsaved-${id}` },
      h("h2", {}, t("desk-case-file-h")),
      h("p", {}, t("desk-case-file")),
      h("p", {}, press),
    ),
  );
}

/** Shows the work, or the place for the key.
 * @param {boolean} isOpen */
function work(isOpen) {
  by("desk-work").hidden = !isOpen;
  by("desk-key").hidden = isOpen;
  by("desk-lead").hidden = isOpen;
}

/** A file's bytes, or a failure that names it.
 * @param {File} file
 * @param {number} most */
async function bytes(file, most) {
  const failed = (/** @type {string} */ code) => ({ code, name: file.name });
  if (file.size === 0) throw failed("file-empty");
  if (file.size > most) throw failed("file-large");
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw failed("file-unreadable");
  }
}

by("desk-pass-show").addEventListener("change", () => {
  by("desk-pass").type = by("desk-pass-show").checked ? "text" : "password";
});

/** @param {Event} event */
async function unlock(event) {
  event.preventDefault();
  const [file] = by("desk-file").files ?? [];
  if (!file) return;
  const press = by("desk-open");
  press.disabled = true;
  tell(null);
  say(t("desk-key-opening"));
  try {
    await begin();
    await ask("unlock", {
      file: await bytes(file, KEY_MAX),
      passphrase: by("desk-pass").value.trim().replace(/\s+/g, " "),
    });
    say(t("desk-working"));
    await act({ act: "refresh" });
    if (view) hasNews(view);
    work(true);
    by("desk-key-form").reset();
    by("desk-pass").type = "password";
    await show();
    say("");
    by("desk-queue-h").focus();
    idle.touch();
    plan();
  } catch (failure) {
    end();
    tell(failureOf(failure));
    say("");
    by("desk-failure").focus();
  }
  press.disabled = false;
}

function end() {
  clearTimeout(lookTimer);
  forgetNews();
  idle.stop();
  worker?.terminate();
  worker = null;
  view = null;
  busy = null;
  waiting = new Map();
  drawn = { text: "", at: 0 };
  apart = new Map();
}

function lock() {
  end();
  by("desk-dialog").close();
  documents([], calm);
  for (const id of ["desk-queue", "desk-cases", "desk-referred", "desk-files-list", "desk-who", "desk-log"])
    by(id).replaceChildren();
  work(false);
  say(unsaved.size ? `${t("desk-locked")} ${t("desk-locked-unsaved")}` : t("desk-locked"));
  (by("desk-saves").querySelector("button") ?? by("desk-file")).focus();
}

/** Each file keeps its row, with what came of it, until it is removed.
 * @param {File[]} files */
async function load(files) {
  for (const file of files) {
    const state = h("span", { class: "file-state", role: "status" }, t("desk-working"));
    /** @type {HTMLElement} */
    const remove = h(
      "button",
      { type: "button", class: "button quiet file-remove", onclick: () => row.remove() },
      t("desk-law-undo"),
      h("span", { class: "hidden" }, `: ${file.name}`),
    );
    /** @type {HTMLElement} */
    const row = h(
      "li",
      { class: "file" },
      h("span", { class: "file-name", translate: "no" }, file.name),
      state,
      remove,
    );
    by("desk-files-list").append(row);
    try {
      await act({ act: "load" }, { file: await bytes(file, FILE_MAX) });
      state.textContent = t("desk-done");
      await show();
    } catch (failure) {
      state.textContent = reason(failureOf(failure), view?.log.time ?? now());
      row.toggleAttribute("data-fault", true);
    }
  }
}

/** Files that are dropped go where files are chosen: the key before, saved files after.
 * @param {File[]} files */
function take(files) {
  if (by("desk-dialog").open) return;
  if (!by("desk-work").hidden) {
    if (!by("desk-referred-part").hidden) {
      by("desk-files-part").open = true;
      load(files);
    }
    return;
  }
  const [file] = files;
  if (!file) return;
  const chosen = new DataTransfer();
  chosen.items.add(file);
  by("desk-file").files = chosen.files;
  by("desk-pass").focus();
}

/** J and K move in the queue, as in a mail list; / looks for a case, ? tells the keys. Everything is there by Tab as well.
 * @param {KeyboardEvent} event */
function keys(event) {
  if (
    event.ctrlKey ||
    event.altKey ||
    event.metaKey ||
    by("desk-work").hidden ||
    by("desk-dialog").open ||
    (event.target instanceof Element && event.target.matches("input, select, textarea"))
  )
    return;
  if (event.key === "/") {
    event.preventDefault();
    by("desk-filter-part").hidden = false;
    by("desk-filter").focus();
  }
  if (event.key === "?") {
    by("desk-keys").open = true;
    part(by("desk-keys"), "summary").focus();
  }
  if (event.key !== "j" && event.key !== "k") return;
  const rows = Array.from(parts(by("desk-queue"), "li:not([hidden]) button"));
  const place = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  rows[event.key === "j" ? Math.min(place + 1, rows.length - 1) : Math.max(place - 1, 0)]?.focus();
}

function hasWasm() {
  try {
    return new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])) instanceof WebAssembly.Module;
  } catch {
    return false;
  }
}

if (hasWasm()) {
  by("desk-scripts").hidden = true;
  by("desk-key").hidden = false;
} else {
  part(by("desk-scripts"), "p").textContent = t("desk-no-wasm");
}
by("desk-key-form").addEventListener("submit", unlock);
by("desk-refresh").addEventListener("click", () => look(true));
by("desk-routine").addEventListener("click", () => acts.routine());
by("desk-lock").addEventListener("click", lock);
by("desk-files").addEventListener("change", () => {
  const files = Array.from(by("desk-files").files ?? []);
  by("desk-files").value = "";
  load(files);
});
takeDrops(take);
by("desk-filter").addEventListener("input", filterQueue);
addEventListener("keydown", keys);
askBeforeLeaving(() => unsaved.size > 0);
