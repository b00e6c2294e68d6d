// Her inbox as elements: what she is asked, messages, where her filing stands, what she can do, what was done. From the
// module's answers and the page's words; nothing here decides anything.

import { h } from "./dom.js";
import { say } from "./page.js";
import { within } from "./text.js";
import { zoned } from "./when.js";

const exact = zoned(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
const whole = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeZone: "UTC" });

/** @param {number} seconds */
const time = (seconds) => exact(new Date(seconds * 1000));
/** A day of the protocol: it has no hour and no zone.
 * @param {string} text */
const day = (text) => whole.format(new Date(`${text}T00:00:00Z`));

const LINES = "\n";

// By its number.
const COMPARTMENTS = ["", "act-account", "act-identity", "act-consent", "act-match"];

/** @param {number[]} names */
const whats = (names) => names.map((name) => say(COMPARTMENTS[name] ?? "act-account")).join(", ");

/** @param {inbox.Who} who */
function name(who) {
  return who.who === "member" ? within(who.institution) : say("act-someone");
}

/** @param {string} id
 * @param {string} text
 * @param {() => void} act */
const press = (id, text, act, kind = "") =>
  h("button", { type: "button", class: `button ${kind}`.trim(), id, onclick: act }, text);

/** @param {(HTMLElement | false)[]} buttons */
const actions = (...buttons) => {
  const there = buttons.filter(Boolean);
  return there.length > 0 && h("div", { class: "actions" }, there);
};

/** @param {[string, string][]} pairs */
const facts = (pairs) =>
  h(
    "dl",
    { class: "facts" },
    pairs.filter(([, value]) => value).map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value))),
  );

// ── acts ──

/** @type {Record<string, (body: inbox.Body) => string>} */
const DONE = {
  ack: () => "act-ack",
  reject: () => "act-reject",
  referral: () => "act-referral",
  request: () => "act-request",
  decision: ({ grants, refuses }) => `act-decision-${grants?.length ? (refuses?.length ? "part" : "grant") : "refuse"}`,
  objection: () => "act-objection",
  "declarant-objection": () => "act-declarant-objection",
  consent: ({ yes }) => (yes ? "act-consent-yes" : "act-consent-no"),
  release: () => "act-release",
  opened: ({ outcome }) => (outcome === "opened" ? "act-opened" : "act-opened-not"),
  finding: ({ outcome }) => `act-finding-${outcome}`,
  aid: ({ status }) => `act-aid-${status}`,
  withdraw: ({ yes }) => (yes ? "act-withdraw-yes" : "act-withdraw-no"),
  alive: () => "act-alive",
  message: ({ x }) => (x === 0 ? "act-message-yours" : "act-message"),
  "inbox-change": () => "act-inbox-change",
  lapse: ({ step }) => `act-lapse-${step}`,
  erased: () => "act-erased",
  decline: () => "act-decline",
  attended: () => "act-attended",
};

/** @param {inbox.Act} it */
function act(it) {
  const { standing, body } = it;
  let text = say("act-gap");
  if (standing === "refused") text = say("act-refused");
  else if (body) {
    const id = DONE[body.act]?.(body) ?? "act-other";
    const { compartments, grants, refuses, provider } = body;
    const what = whats(compartments ?? (grants?.length ? grants : (refuses ?? [])));
    const values = { who: name(it.who), what, not: whats(refuses ?? []), provider: within(provider ?? "") };
    text = say(id, values) || say(id.startsWith("act-finding") ? "act-finding-other" : "act-other", values);
  }
  return h(
    "li",
    {},
    h("time", { datetime: new Date(it.at * 1000).toISOString() }, time(it.at)),
    h("span", {}, text),
    standing === "undecided" && h("span", { class: "aside" }, say("act-undecided")),
  );
}

// ── what she is asked ──

/** @typedef {(what: returning.Sending | returning.Adding) => void} Ask */

/** @param {inbox.Request} line */
const status = (line) => say(`ask-status-${line.status}`, { time: line.until === undefined ? "" : time(line.until) });

/** @param {inbox.Request} line
 * @param {{ name: number, need: number }} part */
const granted = ({ decisions }, { name, need }) =>
  say("ask-part", { what: whats([name]), have: decisions.filter((each) => each.grants.includes(name)).length, need });

/** @param {inbox.Filing} filing
 * @param {inbox.Request} line
 * @param {Ask} ask */
function request(filing, line, ask) {
  const { can, digest } = line;
  const waits = filing.sent.filter((each) => each.about === digest);
  const says = waits.filter((each) => each.name === "consent").at(-1)?.says;
  const wasYes = says ? says === "yes" : line.consent === true;
  const isConsent = line.asks_her;
  const about = { request: digest, case: filing.case };
  const who = name(line.reader);
  const of = line.request;
  const short = digest.slice(0, 8);
  return h(
    "section",
    { class: "ask", "aria-labelledby": `ask-${short}`, "data-request": digest, "data-status": line.status },
    h("h2", { id: `ask-${short}` }, say(isConsent ? "ask-consent-h" : "ask-h")),
    facts([
      [say("ask-who"), who],
      [
        say("ask-what"),
        line.compartments
          .filter((part) => part.name !== 3)
          .map((part) => granted(line, part))
          .join("; "),
      ],
      [say("ask-purpose"), within(of.purpose)],
      [say("ask-use"), say(`use-${of.use ?? "other"}`)],
      [say("ask-basis"), within(of.basis)],
    ]),
    line.is_allowed ? null : h("p", { class: "notice caution" }, say("ask-outside")),
    of.urgent && h("p", { class: "notice caution" }, say("ask-urgent")),
    h("p", {}, status(line)),
    isConsent && !wasYes && h("p", {}, say("ask-consent-until", { time: time(of.decide_by) })),
    can.includes("object") && h("p", {}, say("ask-object-until", { time: time(line.object_by) })),
    waits.map((each) =>
      h(
        "p",
        { class: "notice sent", tabindex: "-1", "data-sent": each.name },
        h("strong", {}, sentName(each)),
        h("br"),
        sentState(each),
      ),
    ),
    actions(
      can.includes("consent-yes") &&
        !wasYes &&
        press(`yes-${short}`, say("ask-yes"), () =>
          ask({ act: "consent", yes: true, ...about, who, what: whats(of.compartments) }),
        ),
      can.includes("consent-no") &&
        press(`no-${short}`, say(wasYes ? "ask-changed-mind" : "ask-no"), () =>
          ask({ act: "consent", yes: false, ...about }),
        ),
      can.includes("object") &&
        !waits.some(({ name: what }) => what === "objection") &&
        press(`object-${short}`, say("ask-object"), () => ask({ act: "object", ...about })),
    ),
  );
}

// ── messages ──

/** What a section is called: its heading and, as there may be several filings, the code of its own.
 * @param {string} what
 * @param {string} code */
const named = (what, code) => (code === "none" ? `${what}-none` : `${what}-${code} code-${code}`);

/** @param {inbox.Message} it */
const message = (it) =>
  h(
    "article",
    { class: "message" },
    h("p", {}, h("strong", {}, say("inbox-from", { who: name(it.from) })), ` · ${day(it.day)}`),
    h("p", { class: "lines", translate: "no" }, within(it.text, LINES)),
    it.quota && h("p", { class: "hint" }, say("inbox-large")),
    it.from.who === "member" && h("p", { class: "on-time small" }, `✓ ${say("inbox-verified")}`),
    it.from.who === "member" && !it.from.is_current && h("p", { class: "notice caution" }, say("inbox-former")),
  );

/** @param {inbox.Message[]} all
 * @param {string} code */
const messages = (all, code) =>
  h(
    "section",
    { "aria-labelledby": named("messages", code) },
    h("h2", { id: `messages-${code}` }, say("inbox-messages-h")),
    all.length ? all.map(message) : h("p", { class: "muted" }, say("inbox-empty")),
  );

// ── where it stands ──

/** @param {inbox.NotVerifiable | null} reason */
function unverifiable(reason) {
  if (reason?.code === "too-old") return say("inbox-unverifiable-old");
  return say(reason?.code === "testimony" ? "inbox-unverifiable-testimony" : "inbox-unverifiable");
}

/** @param {inbox.Filing} filing
 * @param {number} now */
function standing(filing, now) {
  const { answer } = filing;
  if (answer.answer === "held") {
    return h("p", { class: "notice ok" }, say("inbox-state-held", { since: time(answer.filed.included_at) }));
  }
  if (answer.answer === "withheld") {
    const { have, need, filed } = answer;
    const isEarly = now <= filing.acks_by;
    const values = { have, need, since: time(filed.included_at), until: time(filing.acks_by) };
    const again = isEarly && filing.look_again_at && say("inbox-state-again", { time: time(filing.look_again_at) });
    const text = say(isEarly ? "inbox-state-early" : "inbox-state-late", values);
    return h("p", { class: `notice ${isEarly ? "" : "caution"}` }, `${text} ${again || ""}`.trim());
  }
  return h("p", { class: "notice error" }, unverifiable(answer.answer === "not-verifiable" ? answer.reason : null));
}

/** @param {inbox.Filing} filing */
function withdrawal({ withdrawal: stands, is_erased: isErased }) {
  if (isErased) return h("p", { class: "notice" }, say("withdraw-done"));
  return stands && h("p", { class: "notice caution" }, say("withdraw-pending", { time: time(stands.until) }));
}

/** @param {inbox.Filing} filing */
function parts(filing) {
  if (!filing.parts) return null;
  const { hold, of, late, need } = filing.parts;
  const id = ["none", "one"][hold.length] ?? "some";
  const state = (/** @type {number} */ x) => (hold.includes(x) ? "held" : late.includes(x) ? "late" : "waiting");
  return [
    h("p", {}, say(`inbox-parts-${id}`, { have: hold.length, n: of.length }), " ", say("inbox-parts-need", { need })),
    h(
      "details",
      {},
      h("summary", { id: `parts-${filing.code}` }, say("inbox-parts-who")),
      h(
        "ul",
        { class: "plain" },
        of.map((who) => h("li", {}, `${name(who)}: ${say(`inbox-part-${state(who.who === "member" ? who.x : 0)}`)}`)),
      ),
    ),
  ];
}

/** Whoever has it open, by the requests that ended so.
 * @param {inbox.Filing | undefined} filing */
function opened(filing) {
  return (filing?.requests ?? []).filter(({ status: at }) => at === "opened" || at === "reported");
}

/** @param {inbox.Filing} filing */
function openings(filing) {
  const done = filing.acts.filter(
    ({ standing: counts, body }) => counts === "counts" && body?.act === "opened" && body.outcome === "opened",
  );
  if (done.length) {
    return done.map((it) => h("p", {}, say("inbox-opened", { who: name(it.who), time: time(it.at) })));
  }
  const isOnTheWay = filing.requests.some(({ status: at }) => ["released", "releasing"].includes(at));
  const hasBegun = filing.acts.some(({ standing: counts, body }) => counts === "counts" && body?.act === "release");
  return h("p", {}, say(isOnTheWay && hasBegun ? "inbox-releasing" : "inbox-opened-never"));
}

/** Who could have read it, where nobody has said that it was opened.
 * @param {inbox.Filing} filing */
function readers(filing) {
  const said = new Set(
    filing.requests.filter(({ status: at }) => at === "opened" || at === "reported").map(({ reader }) => name(reader)),
  );
  return filing.readers
    .filter(([who]) => !said.has(name(who)))
    .map(([who, since]) => h("p", {}, say("inbox-reader", { who: name(who), time: time(since) })));
}

/** Where opening it without her stands, where she allowed that.
 * @param {inbox.Filing} filing */
function lapse({ lapse: stands }) {
  if (!stands) return null;
  const { inquiry, inquiry_from: from, decided, need } = stands;
  if (!inquiry) return h("p", {}, say("inbox-lapse-quiet", { time: time(from) }));
  const values = { time: time(inquiry.included_at), have: decided.length, need };
  return h("p", { class: "notice caution" }, say(decided.length ? "inbox-lapse-decided" : "inbox-lapse-asked", values));
}

/** What she chose.
 * @param {inbox.Filing} filing */
function policy({ policy: chosen, code }) {
  if (!chosen) return null;
  const { open, lapse_days: days, allowed, ask_me_after: count, inbox_days: kept, docket } = chosen;
  const asks = open === "with_my_consent";
  const lines = [
    say(asks ? "inbox-policy-consent" : "inbox-policy-request"),
    asks && (days ? say("inbox-policy-lapse", { days }) : say("inbox-policy-strict")),
    count && say("inbox-policy-after", { count }),
    allowed.length
      ? say("inbox-policy-uses", { uses: allowed.map((it) => say(`use-${it}`)).join(". ") })
      : say("inbox-policy-uses-none"),
    say(docket === "normal" ? "inbox-policy-each" : "inbox-policy-numbers"),
    say("inbox-policy-kept", { days: kept }),
  ];
  return h(
    "details",
    {},
    h("summary", { id: `policy-${code}` }, say("inbox-policy-h")),
    h(
      "ul",
      { class: "plain" },
      lines.filter(Boolean).map((line) => h("li", {}, line)),
    ),
  );
}

/** What she added: what is in the log, and what is on its way.
 * @param {inbox.Filing} filing
 * @param {inbox.View} view
 * @param {Ask} ask
 * @returns {HTMLElement | null} */
function added(filing, view, ask) {
  const inLog = view.filings.filter(({ parent }) => parent === filing.case);
  if (inLog.length + filing.promised.length === 0) return null;
  return h(
    "section",
    { class: "added", "aria-labelledby": named("added", filing.code) },
    h("h2", { id: `added-${filing.code}` }, say("inbox-added-h")),
    filing.promised.map((it) =>
      h(
        "p",
        { class: "notice promised", tabindex: "-1", "data-promised": it.code },
        say("inbox-added-promised", { code: it.code, time: time(it.until) }),
      ),
    ),
    inLog.map((each) => filingOf(each, view, ask)),
  );
}

// ── what she sent ──

/** @param {inbox.Sent} sent */
function sentName({ name: what, says }) {
  const id = says === "yes" || says === "no" ? `inbox-sent-${what}-${says}` : `inbox-sent-${what}`;
  return say(id) || say("inbox-sent-other");
}

/** @param {inbox.Sent} sent */
function sentState({ state: at, by, times }) {
  if (at === "unsent") return say("inbox-sent-unsent");
  return at === "overdue" ? say("inbox-sent-overdue", { times }) : say("inbox-sent", { by: time(by ?? 0) });
}

/** @param {inbox.Sent[]} all
 * @param {string} code */
function sent(all, code) {
  if (all.length === 0) return null;
  return h(
    "section",
    { class: "sent notice", tabindex: "-1", "aria-labelledby": named("sent", code) },
    h("h2", { id: `sent-${code}` }, say("inbox-sent-h")),
    h(
      "ul",
      { class: "plain" },
      all.map((it) => h("li", { "data-sent": it.name }, h("strong", {}, sentName(it)), h("br"), sentState(it))),
    ),
  );
}

// ── the whole ──

/** @param {inbox.Filing} filing
 * @param {inbox.View} view
 * @param {Ask} ask
 * @returns {HTMLElement} */
function filingOf(filing, view, ask) {
  const { can } = filing;
  const about = { case: filing.case };
  const button = (/** @type {inbox.Can} */ what, /** @type {() => void} */ act) =>
    can.includes(what) && press(`${what}-${filing.code}`, say(`inbox-do-${what}`), act);
  const isFirst = (/** @type {inbox.Request} */ line) =>
    line.can.length > 0 || filing.sent.some(({ about: of }) => of === line.digest);
  const waits = filing.requests.filter(isFirst);
  const others = filing.requests.filter((line) => !isFirst(line));
  return h(
    "article",
    { class: "filing", "data-code": filing.code, "data-answer": filing.answer.answer },
    waits.map((line) => request(filing, line, ask)),
    // What is about a request stands with it.
    sent(
      filing.sent.filter(({ about }) => !filing.requests.some(({ digest }) => digest === about)),
      filing.code,
    ),
    messages(filing.messages ?? [], filing.code),
    filing.messages_elsewhere !== null &&
      h(
        "p",
        { class: "notice", "data-elsewhere": "" },
        say("inbox-elsewhere", { time: time(filing.messages_elsewhere) }),
      ),
    h(
      "section",
      { "aria-labelledby": named("state", filing.code) },
      h("h2", { id: `state-${filing.code}` }, say("inbox-state-h")),
      h("p", { class: "code", id: `code-${filing.code}` }, say("inbox-code", { code: filing.code })),
      standing(filing, view.time ?? 0),
      withdrawal(filing),
      parts(filing),
      openings(filing),
      readers(filing),
      lapse(filing),
      policy(filing),
    ),
    others.map((line) => request(filing, line, ask)),
    h(
      "section",
      { "aria-labelledby": named("do", filing.code) },
      can.length > 0 && h("h2", { id: `do-${filing.code}` }, say("inbox-do-h")),
      actions(
        button("add", () => ask({ act: "add", ...about })),
        button("alive", () => ask({ act: "alive", ...about })),
        button("say", () => ask({ act: "say", ...about })),
        button("new-words", () => ask({ act: "new-words", ...about })),
        button("take-back", () => ask({ act: "withdraw", yes: false, ...about })),
        button("withdraw", () => ask({ act: "withdraw", yes: true, ...about })),
      ),
    ),
    h(
      "section",
      { "aria-labelledby": named("acts", filing.code) },
      h("h2", { id: `acts-${filing.code}` }, say("inbox-acts-h")),
      filing.acts.length
        ? h("ol", { class: "acts" }, filing.acts.map(act))
        : h("p", { class: "muted" }, say("inbox-acts-none")),
    ),
    added(filing, view, ask),
  );
}

const ASKED = { unsent: "inbox-sent-unsent", sent: "inbox-asked", overdue: "inbox-asked-overdue" };

/** What she asked without a filing.
 * @param {inbox.Sent[]} all */
function asked(all) {
  if (all.length === 0) return [];
  const made = h(
    "section",
    { class: "asked notice", tabindex: "-1", "aria-labelledby": "asked-h" },
    h("h2", { id: "asked-h" }, say("inbox-asked-h")),
    all.map(({ says, state, times }) => [
      h("p", { class: "lines", translate: "no" }, within(says ?? "", LINES)),
      h("p", { "data-asked": state }, say(ASKED[state], { times })),
    ]),
  );
  return [made];
}

/** Other words, a filing that is on its way, and an inbox without a filing look the same: the text fits all of them.
 * @param {inbox.View} view
 * @param {Ask} ask */
function none(view, ask) {
  const { answer } = view;
  if (answer?.answer === "not-verifiable") return h("p", { class: "notice error" }, unverifiable(answer.reason));
  return h(
    "section",
    { class: "filing", "data-answer": "no-entry", "aria-labelledby": "none-h" },
    h("h2", { id: "none-h" }, say("inbox-none-h")),
    h("p", {}, say("inbox-none", { by: time(view.by ?? 0) })),
    h("p", {}, say("inbox-none-wrong")),
    h("p", {}, say("inbox-none-asked")),
    actions(press("ask-free", say("inbox-do-ask"), () => ask({ act: "ask" }))),
  );
}

/** Draws all of it anew.
 * @param {inbox.View} view
 * @param {HTMLElement} into
 * @param {Ask} ask */
export function draw(view, into, ask) {
  const isOpen = new Set(Array.from(into.querySelectorAll("details[open] > summary"), ({ id }) => id));
  const first = view.filings.filter(({ parent }) => parent === null);
  const all = first.map((filing) => filingOf(filing, view, ask));
  if (all.length === 0) all.push(none(view, ask), ...asked(view.asked), messages(view.messages, "none"));
  if (view.since)
    all.push(h("p", { class: "notice", id: "inbox-since" }, say("inbox-since", { since: time(view.since) })));
  if (view.time) all.push(h("p", { class: "hint", id: "inbox-time" }, say("inbox-time", { time: time(view.time) })));
  if (view.next_publication)
    all.push(h("p", { class: "hint" }, say("inbox-next", { time: time(view.next_publication) })));
  into.replaceChildren(...all);
  for (const summary of into.querySelectorAll("summary")) {
    const details = /** @type {HTMLDetailsElement} */ (summary.parentElement);
    details.open = isOpen.has(summary.id);
  }
}

/** Eight words to be written down.
 * @param {string[]} words */
export const newWords = (words) =>
  h(
    "ol",
    { class: "words new-words", translate: "no", "aria-label": say("inbox-new-words-label") },
    words.map((word) => h("li", {}, word)),
  );

/** What she is told before something is sent.
 * @param {returning.Sending} what
 * @param {inbox.View} view */
export function confirmation(what, view) {
  const filing = view.filings.find((each) => each.case === what.case);
  const no = say("inbox-back");
  if (what.act === "object") {
    return { heading: say("ask-object-h"), paragraphs: [say("ask-object-what")], yes: say("ask-object-yes"), no };
  }
  if (what.act === "consent") {
    return what.yes
      ? {
          heading: say("ask-consent-yes-h"),
          paragraphs: [say("ask-consent-yes-what", { who: what.who, what: what.what })],
          yes: say("ask-yes"),
          no,
        }
      : { heading: say("ask-consent-no-h"), paragraphs: [say("ask-consent-no-what")], yes: say("ask-no"), no };
  }
  if (what.act === "withdraw" && !what.yes) {
    return {
      heading: say("withdraw-undo-h"),
      paragraphs: [say("withdraw-undo-what")],
      yes: say("withdraw-undo-yes"),
      no,
    };
  }
  if (what.act === "withdraw") {
    const who = opened(filing).map((line) => name(line.reader));
    const paragraphs = [say("withdraw-intro"), say("withdraw-wait"), say("withdraw-what")];
    if (who.length) paragraphs.push(say("withdraw-opened", { who: who.join(", ") }));
    if (view.filings.some(({ parent }) => parent === what.case)) paragraphs.push(say("withdraw-added"));
    return { heading: say("withdraw-h"), paragraphs, yes: say("withdraw-yes"), no: say("withdraw-no") };
  }
  if (what.act === "new-words") {
    return {
      heading: say("inbox-new-words-h"),
      paragraphs: [say("inbox-new-words-what"), say("inbox-new-words-old"), say("inbox-new-words-write")],
      yes: say("inbox-new-words-yes"),
      no,
    };
  }
  if (what.act === "alive") {
    return { heading: say("inbox-alive-h"), paragraphs: [say("inbox-alive-what")], yes: say("inbox-alive-yes"), no };
  }
  if (what.act === "ask") {
    return {
      heading: say("inbox-ask-h"),
      paragraphs: [say("inbox-ask-what"), say("inbox-ask-careful")],
      yes: say("inbox-say-yes"),
      no,
      hasText: true,
    };
  }
  return {
    heading: say("inbox-say-h"),
    paragraphs: [say("inbox-say-what")],
    yes: say("inbox-say-yes"),
    no,
    hasText: true,
  };
}
