// Draws what the module tells: queue, cases, requests. Handles, institutions and clocks; no name and no quoted text.
import {
  button,
  compartment,
  compartments,
  day,
  facts,
  fingerprint,
  h,
  left,
  measure,
  reason,
  short,
  t,
  time,
} from "./mesa-words.js";
import { el as by, parts } from "./page.js";
import { visible } from "./text.js";

// Rows of a queue that is seen at a glance.
const FEW = 6;
let fine = false;

/** @param {string | null} institution
 * @param {string} fallback */
const who = (institution, fallback) => institution ?? fallback;
/** @param {number} seconds */
const moment = (seconds) => h("time", { datetime: new Date(seconds * 1000).toISOString() }, time(seconds, fine));
/** @param {{ by: number, is_overdue?: boolean }} task
 * @param {number} now */
const due = (task, now) =>
  task.is_overdue
    ? t("desk-overdue", { time: time(task.by, fine) })
    : t("desk-due", { time: time(task.by, fine), left: left(task.by, now) });

/** @param {RequestStatus} state */
export function status(state) {
  const at = state.until ?? state.report_by ?? state.opened_by ?? state.since ?? 0;
  return t(`desk-status-${state.status}`, { time: time(at, fine) });
}

// One row of the queue: handle, what, clock, and the one thing to press.
/** @param {desk.Line & { kind: string, code?: string, marks?: string[], sent?: boolean, key: string }} what */
function row({ kind, code, text, when, marks = [], press, more, sent, key }) {
  const id = `queue-${key}`;
  return h(
    "li",
    { class: "queue-row", id, "data-task": kind, "data-code": code, "data-state": sent ? "sent" : "open" },
    h(
      "div",
      { class: "queue-what" },
      code && h("span", { class: "handle" }, code),
      h("span", { class: "queue-text" }, text),
      marks.map((mark) => h("span", { class: "queue-mark" }, mark)),
    ),
    h("div", { class: "queue-when" }, sent ? t("desk-sent") : when),
    press && !sent && h("div", { class: "queue-act" }, press),
    more && h("div", { class: "queue-more" }, more),
  );
}

// What a seat did about danger, in words.
/** @type {(done: desk.Deed, acts: desk.Acts) => string} */
const deed = (done, acts) =>
  t(`desk-deed-${done.what ?? done.deed}`, { x: done.x, reader: done.reader ? acts.institution(done.reader) : "" });

/** @type {{ [Name in keyof desk.Tasks]: (task: desk.TaskOf<Name>, now: number, acts: desk.Acts) => desk.Line }} */
const TASKS = {
  danger: (task, now, acts) => {
    const seats = task.contradicted_by.join(", ");
    const held = acts.held(task.case);
    return {
      text: seats ? t("desk-task-danger-stands", { seats }) : t("desk-task-danger"),
      when: due(task, now),
      press: [
        button(`attend-${task.case}`, t("desk-act-attend"), () => acts.attend(task), "primary"),
        held && held.refer.length > 0
          ? button(`danger-refer-${task.case}`, t("desk-act-refer"), () => acts.refer(held))
          : false,
      ],
    };
  },
  attended: (task, _, acts) => ({
    text: t(task.until === null ? "desk-task-attended" : "desk-task-attended-until", {
      what: deed(task, acts),
      time: task.until === null ? "" : time(task.until, fine),
    }),
    when: "",
    press:
      acts.held(task.case)?.attend.includes("stands") &&
      button(`stands-${task.case}`, t("desk-act-stands"), () => acts.stands(task)),
  }),
  ack: (task, now, acts) => ({
    text: t("desk-task-ack"),
    when: due(task, now),
    press: button(`ack-${task.case}`, t("desk-act-ack"), () => acts.ack([task]), "primary"),
  }),
  refer: (task, _, acts) => {
    const held = acts.held(task.case);
    return {
      text: t("desk-task-refer"),
      when: "",
      press: held && button(`next-refer-${task.case}`, t("desk-act-refer"), () => acts.refer(held)),
    };
  },
  decide: (task, now, acts) => ({
    text: `${t("desk-task-decide", { who: acts.institution(task.reader) })} (${compartments(task.compartments)})`,
    when: due(task, now),
    press: button(`look-${task.request}`, t("desk-act-show"), () => acts.look(task.request), "primary"),
  }),
  release: (task, _, acts) => ({
    text: `${t("desk-task-release")} (${compartments(task.compartments)})`,
    when: t("desk-since", { time: time(task.since, fine) }),
    press: button(`release-${task.request}`, t("desk-act-release"), () => acts.release(task), "primary"),
  }),
  wait: (task, now, acts) => ({
    text: t("desk-task-wait", { why: reason(task.not_now, now) }),
    when: "",
    press: button(`look-${task.request}`, t("desk-act-show"), () => acts.look(task.request)),
  }),
  "late-ack": (task) => ({ text: t("desk-task-late-ack", { x: task.x }), when: "" }),
  rejected: (task) => ({
    text: t("desk-task-rejected", { x: task.x, check: t(`desk-check-${task.check}`) }),
    when: "",
  }),
  breach: (task) => ({ text: t("desk-task-breach", { index: task.index }), when: "" }),
  omitted: (task) => ({ text: t("desk-task-omitted", { x: task.x, index: task.objection }), when: "" }),
  withdrawn: (task) => ({
    text: t(task.in_person ? "desk-task-withdrawn-in-person" : "desk-task-withdrawn", { time: time(task.until, fine) }),
    when: "",
  }),
  erase: (task, _, acts) => ({
    text: t(task.is_withdrawn ? "desk-task-erase" : "desk-task-erase-declined"),
    when: t("desk-since", { time: time(task.since, fine) }),
    press: button(`erase-${task.case}`, t("desk-act-erase"), () => acts.erase(task), "primary"),
  }),
  unfounded: (task) => ({
    text: t(task.taken_back === null ? "desk-task-unfounded" : "desk-task-unfounded-taken-back", {
      x: task.x,
      index: task.index,
      said: task.taken_back,
    }),
    when: "",
  }),
  inquire: (task, _, acts) => ({
    text: t("desk-task-inquire"),
    when: t("desk-since", { time: time(task.since, fine) }),
    press: button(`inquire-${task.case}`, t("desk-act-lapse-inquiry"), () => acts.lapse(task, "inquiry"), "primary"),
  }),
  lapse: (task, _, acts) => ({
    text: t("desk-task-lapse", { decided: task.decided, need: task.need }),
    when: t("desk-since", { time: time(task.since, fine) }),
    press: button(`lapse-${task.case}`, t("desk-act-lapse-decide"), () => acts.lapse(task, "decide"), "primary"),
  }),
  message: (task, now, acts) => ({
    text: t("desk-task-message"),
    when: due(task, now),
    press: button(`write-first-${task.case}`, t("desk-act-write"), () => acts.write(task), "primary"),
  }),
  gap: (task) => ({ text: t("desk-task-gap", { index: task.index }), when: "" }),
  gaps: (task) => ({ text: t("desk-task-gaps", { count: task.count, first: task.first, last: task.last }), when: "" }),
  open: (task, now, acts) => ({
    text: `${t("desk-task-open")} (${compartments(task.compartments)})`,
    when: due(task, now),
    press:
      acts.hasKey(task.request) && button(`open-${task.request}`, t("desk-act-open"), () => acts.open(task), "primary"),
  }),
  finding: (task, now, acts) => ({
    text: t("desk-task-finding"),
    when: due(task, now),
    press: button(`finding-${task.request}`, t("desk-act-finding"), () => acts.finding(task), "primary"),
  }),
  aid: (task, _, acts) => ({
    text: t("desk-task-aid", {
      measure: measure(task.measure),
      provider: task.provider,
      status: t(`desk-aid-${task.status}`),
    }),
    when: t(task.is_overdue ? "desk-aid-overdue" : "desk-aid-due", { day: day(task.due) }),
    press: button(`aid-${task.request}-${task.measure}`, t("desk-act-aid"), () => acts.aid(task)),
  }),
  pending: (task) => ({ text: t("desk-task-pending", { status: status(task.status) }), when: "" }),
};

/** What tells a task from all others.
 * @param {Partial<Record<"request" | "case" | "index" | "x" | "measure", string | number>> & { task: string }} task */
const keyOf = (task) => `${task.task}-${task.request ?? task.case}-${task.index ?? task.x ?? task.measure ?? ""}`;

/** @param {desk.Task} task
 * @returns {string[]} */
const flags = (task) =>
  [
    task.danger ? t("desk-danger") : "",
    task.interpreter ? t("desk-interpreter") : "",
    "urgent" in task && task.urgent ? t("desk-urgent") : "",
  ].filter(Boolean);

/** Shares that passed the checks are acknowledged together: one row, one sheet.
 * @param {desk.TaskOf<"ack">[]} tasks
 * @param {number} now
 * @param {desk.Acts} acts */
function acks(tasks, now, acts) {
  const [first] = tasks;
  const marks = [...new Set(tasks.flatMap(flags))];
  const press = button("ack-all", t("desk-act-ack-all", { n: tasks.length }), () => acts.ack(tasks), "primary");
  return row({
    kind: "ack",
    text: t("desk-task-ack-all", { n: tasks.length }),
    when: due(first, now),
    marks,
    press,
    key: "ack-all",
  });
}

/** What comes next while nothing waits: the next term that ends, whoever owes it, or the next step of the log.
 * @param {desk.View} view */
function coming({ next, log }) {
  if (!next) return log.step_s ? t("desk-queue-none", { time: time(log.time + log.step_s, fine) }) : "";
  const ends = { time: time(next.at, fine), left: left(next.at, log.time) };
  return t("desk-queue-next", { code: next.code, what: t(`desk-next-${next.what}`, ends) });
}

/** A statement as its author signed it, one touch away.
 * @param {string} statement */
const signedAs = (statement) =>
  h(
    "details",
    {},
    h("summary", {}, t("desk-signed-as")),
    h("pre", { class: "exact", tabindex: "0" }, visible(statement, "\n")),
  );

/** @param {desk.View} view
 * @param {desk.Acts} acts */
function queue(view, acts) {
  const now = view.log.time;
  const toAck = view.tasks.filter((task) => task.task === "ack").filter((task) => !task.sent);
  const isOne = (/** @type {desk.Task} */ task) => toAck.length < 2 || task.task !== "ack" || !toAck.includes(task);
  const rows = view.tasks
    .map((task) => {
      if (!isOne(task)) return task === toAck[0] ? acks(toAck, now, acts) : null;
      const marks = flags(task);
      const line = TASKS[task.task](/** @type {never} */ (task), now, acts);
      return row({
        kind: task.task,
        code: task.code,
        marks,
        sent: task.sent,
        key: keyOf(task),
        ...line,
      });
    })
    .filter((line) => line !== null);
  const early = view.deliveries.filter((item) => item.state === "early").length;
  if (early) rows.push(row({ kind: "early", text: t("desk-task-early", { n: early }), when: "", key: "early" }));
  for (const item of view.deliveries) {
    if (item.state !== "failed" && item.state !== "told") continue;
    const check = t(`desk-check-${item.check}`);
    const press =
      item.state === "failed" && button(`reject-${item.id}`, t("desk-act-reject"), () => acts.reject(item), "primary");
    rows.push(
      row({
        kind: "rejection",
        text: t(`desk-task-${item.state}`, { check }),
        when: "",
        press,
        key: `delivery-${item.id}`,
      }),
    );
  }
  view.cells.forEach((cell, place) => {
    const name = t(`desk-cell-${cell.name}`);
    const press = button(`take-${place}`, t("desk-act-take"), () => acts.take(view.cells.length), "primary");
    rows.push(
      row({
        kind: "cell",
        code: cell.code,
        text: t("desk-task-cell", { name }),
        when: "",
        marks: cell.asked?.urgent ? [t("desk-urgent")] : [],
        more: [
          cell.asked &&
            facts([
              [t("desk-request-who"), who(cell.asked.institution, t("desk-reader", { x: cell.asked.reader }))],
              [t("desk-request-what"), compartments(cell.asked.compartments)],
              [t("desk-request-purpose"), cell.asked.purpose],
              [t("desk-request-basis"), cell.asked.basis],
            ]),
          signedAs(cell.statement),
        ],
        press,
        key: `cell-${place}`,
      }),
    );
  });
  for (const ask of view.asks) {
    const id = ask.statement.slice(0, 12);
    rows.push(
      row({
        kind: "question",
        text: t("desk-task-question", { inbox: ask.inbox }),
        when: t("desk-question-day", { day: day(ask.day) }),
        more: h("p", { class: "lines", translate: "no" }, visible(ask.text, "\n")),
        press: [
          button(`answer-${id}`, t("desk-act-answer"), () => acts.answer(ask), "primary"),
          button(`put-away-${id}`, t("desk-act-put-away"), () => acts.putAway(ask), "quiet"),
        ],
        key: `question-${id}`,
      }),
    );
  }
  for (const told of view.referred.filter(
    (told) =>
      told.may_ask && !told.requests.length && !told.said.length && !view.cases.some((held) => held.id === told.id),
  )) {
    const press = button(`ask-${told.id}`, t("desk-act-request"), () => acts.ask(told), "primary");
    rows.push(
      row({
        kind: "referred",
        code: told.code,
        text: t("desk-task-referred", { who: who(told.institution, t("desk-seat", { x: told.x })) }),
        when: "",
        press,
        key: `told-${told.id}`,
      }),
    );
  }
  for (const told of view.referred.filter((told) => !view.cases.some((held) => held.id === told.id))) {
    for (const line of told.requests.filter((line) => line.may_open)) {
      const press = button(
        `open-${line.digest}`,
        t("desk-act-open"),
        () => acts.open({ case: told.id, code: told.code, request: line.digest }),
        "primary",
      );
      rows.push(
        row({ kind: "open", code: told.code, text: t("desk-task-open"), when: "", press, key: `open-${line.digest}` }),
      );
    }
  }
  by("desk-queue").replaceChildren(...rows);
  by("desk-queue-empty").hidden = rows.length > 0;
  by("desk-queue-empty").textContent = `${t("desk-queue-empty")} ${coming(view)}`;
  filterQueue();
}

// Shows the rows that hold what is written in the filter; it is there once the queue is long, or in use.
export function filterQueue() {
  const filter = by("desk-filter");
  const rows = Array.from(parts(by("desk-queue"), "li"));
  by("desk-filter-part").hidden = rows.length < FEW && !filter.value;
  const wanted = filter.value.trim().toLowerCase();
  for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  by("desk-filter-none").hidden = rows.length === 0 || rows.some((row) => !row.hidden);
}

/** A quorum as marks and as words.
 * @param {number} have
 * @param {number} need
 * @param {string} label */
function meter(have, need, label) {
  const marks = Array.from({ length: Math.max(have, need) }, (_, place) =>
    h("span", { class: place < have ? "mark-on" : "mark-off" }),
  );
  return h(
    "span",
    { class: "meter" },
    h("span", { class: "meter-marks", "aria-hidden": "true" }, marks),
    `${t("desk-request-quorum", { have, need })} ${label}`,
  );
}

/** @param {desk.Seat} seat */
function seatWord(seat) {
  if (seat.released) return t("desk-released");
  const said = [
    seat.grants.length > 0 && `${t("desk-vote-grant")} ${compartments(seat.grants)}`,
    seat.refuses.length > 0 && `${t("desk-vote-refuse")} ${compartments(seat.refuses)}`,
  ].filter(Boolean);
  const why = seat.reason && said.length > 0 ? ` (${t(`desk-reason-${seat.reason}`)})` : "";
  return said.length > 0 ? `${said.join("; ")}${why}` : t("desk-vote-none");
}

/** @template {desk.Named} T
 * @param {T[]} seats
 * @param {(seat: T) => string} word */
const seatList = (seats, word) =>
  h(
    "ul",
    { class: "seats" },
    seats.map((seat) => h("li", {}, `${seat.x} · ${seat.institution ?? ""}: ${word(seat)}`)),
  );

/** What a request says that it is for, beside what she allowed beforehand.
 * @param {desk.Case} held
 * @param {desk.Request} line */
function uses(held, line) {
  const named = (/** @type {Use | null} */ it) => t(`desk-use-${it ?? "other"}`);
  const hers = held.allowed.length
    ? t("desk-allowed", { uses: held.allowed.map(named).join(", ") })
    : t("desk-allowed-none");
  return [
    named(line.use),
    line.is_allowed ? null : h("strong", { class: "queue-mark" }, t("desk-outside")),
    h("br"),
    hers,
    held.ask_me_after && [h("br"), t("desk-ask-me-after", { count: held.ask_me_after })],
    [h("br"), h("span", { "data-docket": held.docket }, t(`desk-docket-${held.docket}`))],
  ];
}

/** @param {desk.Case} held
 * @param {desk.Request} line
 * @param {desk.View} view
 * @param {desk.Acts} acts */
function request(held, line, view, acts) {
  const now = view.log.time;
  const parts = line.compartments.map((c) => c.name);
  const task = { case: held.id, code: held.code, request: line.digest, parts };
  const is = (/** @type {string} */ name) => line.sent.includes(name);
  const seat = view.member.office === "seat";
  const rules = line.not_now;
  /** @type {HTMLElement[]} */
  const press = [];
  if (seat && (!rules.decide || !["done", "not-of-council"].includes(rules.decide.code)) && !is("decision")) {
    press.push(button(`grant-${line.digest}`, t("desk-act-grant"), () => acts.decide(task, "grant"), "primary"));
    if (parts.includes(1) && parts.includes(2))
      press.push(button(`part-${line.digest}`, t("desk-act-part"), () => acts.decide(task, "part")));
    press.push(button(`refuse-${line.digest}`, t("desk-act-refuse"), () => acts.decide(task, "refuse")));
  }
  // Pressed too early, it says why and from when; a dead button would say nothing.
  if (seat && rules.decide?.code === "done" && rules.release?.code !== "done" && !is("release")) {
    press.push(
      button(`now-${line.digest}`, t("desk-act-release"), () => acts.release(task), rules.release ? "" : "primary"),
    );
  }
  if (seat && !rules.object && !is("objection"))
    press.push(button(`object-${line.digest}`, t("desk-act-object"), () => acts.object(task), "quiet"));
  // The key stays until everything is there: then it can be opened once more.
  if (!seat && line.has_key)
    press.push(button(`unlock-${line.digest}`, t("desk-act-open"), () => acts.open(task), "primary"));
  if (!seat && line.opened)
    press.push(button(`report-${line.digest}`, t("desk-act-finding"), () => acts.finding(task)));
  if (!seat && !rules.aid)
    press.push(button(`assist-${line.digest}`, t("desk-act-assist"), () => acts.aid(task), "quiet"));
  return h(
    "section",
    {
      class: "request",
      id: `request-${line.digest}`,
      tabindex: "-1",
      "aria-labelledby": `request-h-${line.digest}`,
      "data-request": line.digest,
      "data-status": line.status.status,
    },
    h("h3", { id: `request-h-${line.digest}` }, t("desk-request-h", { short: short(line.digest) })),
    h(
      "p",
      { class: "request-status" },
      status(line.status),
      line.urgent && h("strong", { class: "queue-mark" }, t("desk-urgent")),
    ),
    line.objected && h("p", { class: "notice caution" }, t("desk-objected")),
    facts([
      [t("desk-request-who"), who(line.institution, t("desk-reader", { x: line.reader }))],
      [
        t("desk-request-what"),
        h(
          "ul",
          { class: "asked" },
          line.compartments.map((c) =>
            h(
              "li",
              {},
              `${compartment(c.name)}: `,
              meter(c.grants, c.need, t("desk-grants")),
              " · ",
              meter(c.released, c.threshold, t("desk-releases")),
              c.is_closed && h("strong", { class: "queue-mark" }, t("desk-compartment-closed")),
            ),
          ),
        ),
      ],
      [t("desk-request-purpose"), line.purpose],
      [t("desk-request-use"), uses(held, line)],
      [t("desk-request-basis"), line.basis],
      [t("desk-request-recipient"), `${line.recipient.es} / ${line.recipient.en}`],
      [t("desk-request-logged"), moment(line.logged_at)],
      line.waits_until !== null && [
        t("desk-request-wait"),
        moment(line.waits_until),
        ` (${left(line.waits_until, now)})`,
      ],
      [t("desk-request-decide"), moment(line.decide_by), ` (${left(line.decide_by, now)})`],
      [t("desk-request-object"), moment(line.object_by), ` (${left(line.object_by, now)})`],
      [t("desk-request-seats"), seatList(line.seats, seatWord)],
      line.aid.length > 0 && [
        t("desk-aid"),
        h(
          "ul",
          { class: "asked" },
          line.aid.map((aid) =>
            h(
              "li",
              {},
              `${measure(aid.measure)} · ${aid.provider}: ${t(`desk-aid-${aid.status}`)}${aid.due ? ` · ${t("desk-aid-due", { day: day(aid.due) })}` : ""}`,
            ),
          ),
        ),
      ],
      line.findings.length > 0 && [
        t("desk-findings"),
        line.findings.map((found) => t(`desk-outcome-${found}`)).join(", "),
      ],
    ]),
    ["decision", "release", "objection", "opened", "finding", "aid"].some(is)
      ? h("p", { class: "muted" }, t("desk-sent"))
      : null,
    line.statement && signedAs(line.statement),
    press.length > 0 && h("p", { class: "actions" }, press),
  );
}

/** @param {desk.Case} held
 * @param {desk.View} view
 * @param {desk.Acts} acts
 * @returns {HTMLElement} */
function caseOf(held, view, acts) {
  const shown = /** @type {HTMLDetailsElement | null} */ (document.getElementById(`case-${held.id}`));
  const open = shown?.open ?? held.requests.length > 0;
  const task = { case: held.id, code: held.code };
  const press = [
    held.refer.length > 0 && button(`refer-${held.id}`, t("desk-act-refer"), () => acts.refer(held)),
    held.may_write && button(`write-${held.id}`, t("desk-act-write"), () => acts.write(task), "quiet"),
    held.may_write && button(`enlarge-${held.id}`, t("desk-act-enlarge"), () => acts.enlarge(task), "quiet"),
    held.may_decline && button(`decline-${held.id}`, t("desk-act-decline"), () => acts.decline(task), "quiet"),
  ].filter(Boolean);
  const { parent } = held;
  const added = view.cases.filter((other) => other.parent?.case === held.id && isUnder(other, view));
  return h(
    "details",
    { class: "case", id: `case-${held.id}`, "data-code": held.code, open },
    h(
      "summary",
      { id: `case-sum-${held.id}` },
      h("span", { class: "handle" }, held.code),
      h(
        "span",
        { class: held.is_safe ? "stamp ok" : "stamp" },
        t(held.is_safe ? "desk-case-safe" : "desk-case-unsafe"),
      ),
    ),
    h("p", { class: "muted" }, t("desk-case-filed", { time: time(held.filed_at, fine) })),
    held.danger && h("p", { class: "notice caution" }, t("desk-danger")),
    parent &&
      h(
        "p",
        { class: parent.adds === "refuted" ? "notice caution" : "", "data-adds": parent.adds },
        t(`desk-adds-${parent.adds}`, { code: parent.code }),
      ),
    h("h3", {}, t("desk-case-seats")),
    seatList(held.acks, (ack) => t(ack.holds ? "desk-holds" : "desk-holds-not")),
    press.length > 0 && h("p", { class: "actions" }, press),
    held.requests.map((line) => request(held, line, view, acts)),
    added.length > 0 && h("h3", {}, t("desk-added")),
    added.map((other) => caseOf(other, view, acts)),
  );
}

/** What was added to a case that is here stands under it.
 * @param {desk.Case} held
 * @param {desk.View} view */
const isUnder = (held, view) =>
  held.parent?.adds === "proven" && view.cases.some((other) => other.id === held.parent?.case && !other.parent);

// What the times of a request say while nothing is known of its case.
/** @param {desk.ReferredRequest} line */
function asked(line) {
  const { status: at, since = 0, ends_at = 0 } = line.status ?? {};
  const ended = (/** @type {string} */ text) => h("p", { class: "notice caution", "data-asked": at }, text);
  if (at === "lapsed") return ended(t("desk-asked-lapsed", { since: time(since, fine), time: time(ends_at, fine) }));
  if (at === "dead") return ended(t("desk-asked-dead", { time: time(since, fine) }));
  return h("p", { class: "muted" }, `${t("desk-request-decide")} ${time(line.decide_by, fine)}`);
}

/** @param {desk.Referred} told
 * @param {desk.View} view
 * @param {desk.Acts} acts */
function referred(told, view, acts) {
  const known = view.cases.find((held) => held.id === told.id);
  const ask =
    told.may_ask &&
    button(
      `again-${told.id}`,
      t("desk-act-request"),
      () => acts.ask(told),
      told.requests.length || told.said.length || known ? "quiet" : "",
    );
  return h(
    "section",
    { class: "case", id: `told-${told.id}`, "data-code": told.code },
    h("h3", { class: "handle" }, told.code),
    told.x && h("p", {}, t("desk-task-referred", { who: who(told.institution, t("desk-seat", { x: told.x })) })),
    !known &&
      told.said.map((said) =>
        h(
          "p",
          { class: "notice", "data-said": said.request },
          t("desk-said", {
            short: short(said.request),
            what: [said.opened, ...said.findings]
              .filter((outcome) => outcome !== null)
              .map((outcome) => t(`desk-outcome-${outcome}`))
              .join("; "),
          }),
        ),
      ),
    told.requests.map((line) =>
      h(
        "div",
        { class: "request", "data-request": line.digest },
        h("h4", {}, t("desk-request-h", { short: short(line.digest) })),
        h(
          "ul",
          { class: "asked" },
          line.compartments.map((c) =>
            h(
              "li",
              {},
              `${compartment(c.name)}: `,
              meter(c.released, c.threshold, t("desk-releases")),
              c.is_closed && h("strong", { class: "queue-mark" }, t("desk-compartment-closed")),
            ),
          ),
        ),
        line.decisions.length > 0 && seatList(line.decisions, seatWord),
        asked(line),
        h(
          "p",
          { class: "actions" },
          line.may_open &&
            button(
              `told-open-${line.digest}`,
              t("desk-act-open"),
              () => acts.open({ case: told.id, code: told.code, request: line.digest }),
              "primary",
            ),
          button(`save-request-${line.digest}`, t("desk-act-again"), () => acts.again(line.digest), "quiet"),
        ),
      ),
    ),
    ask && h("p", { class: "actions" }, ask),
  );
}

/** @param {desk.View} view */
function member(view) {
  const { member: me } = view;
  return [
    facts([
      [t(me.office === "seat" ? "desk-seat" : "desk-reader", { x: me.x }), me.institution],
      [t("desk-in-council", { epoch: me.epoch }), t("desk-rules", me)],
    ]),
    h("h3", {}, t("desk-key-words")),
    ...fingerprint(me.key, t("desk-key-words")),
    h("h3", {}, t("desk-council-words")),
    ...(me.council ? fingerprint(me.council, t("desk-council-words")) : []),
    h("p", { class: "hint" }, t("desk-council-words-hint")),
  ];
}

// How far the log is verified.
/** @type {Partial<Record<desk.Clock["freshness"], string>>} */
const CLOCKS = { "clock-behind": "desk-clock-behind", "too-old": "desk-clock-ahead" };
const lasting = (/** @type {number} */ s) => (s < 7200 ? `${Math.ceil(s / 60)} min` : `${Math.round(s / 3600)} h`);

/** Where this machine's clock and the log disagree: which way, and by how much.
 * @param {desk.Clock} clock */
function drawClock({ freshness, by_s, age_s }) {
  const id = CLOCKS[freshness];
  by("desk-clock").hidden = !id;
  by("desk-clock").textContent = id ? t(id, { by: lasting(by_s ?? age_s ?? 0) }) : "";
}

/** @param {desk.View} view */
export function drawLog({ log }) {
  drawClock(log.clock);
  fine = (log.step_s ?? 600) < 60;
  by("desk-log").textContent = t("desk-log-line", { size: log.size, time: time(log.time, fine) });
}

/** Draws everything anew and puts the focus back where it was.
 * @param {desk.View} view
 * @param {desk.Acts} acts */
export function draw(view, acts) {
  drawLog(view);
  const focused = document.activeElement?.id;
  queue(view, acts);
  by("desk-cases-part").hidden = view.cases.length === 0;
  const first = view.cases.filter((held) => !isUnder(held, view));
  by("desk-cases").replaceChildren(...first.map((held) => caseOf(held, view, acts)));
  const isReader = view.member.office === "reader";
  by("desk-referred-part").hidden = !isReader;
  by("desk-routine-part").hidden = false;
  if (isReader) {
    const all = view.referred.map((told) => referred(told, view, acts));
    by("desk-referred").replaceChildren(...(all.length ? all : [h("p", { class: "muted" }, t("desk-referred-empty"))]));
  }
  if (!by("desk-who").hasChildNodes()) by("desk-who").append(...member(view));
  if (focused && document.activeElement?.id !== focused)
    document.getElementById(focused)?.focus({ preventScroll: true });
}
