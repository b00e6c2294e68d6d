// The daily routine: what it would do, and what came of it. And a mark where something came since somebody looked; it says
// neither what nor on which case.
import { el } from "./page.js";
import { h, reason, t, twinned } from "./mesa-words.js";

const TITLE = document.title;
const MARK = "● ";
/** What was there when the page was drawn last; nothing before.
 * @type {Set<string> | null} */
let known = null;

/** A step in words.
 * @param {desk.Step} step */
export const stepLine = (step) =>
  t(`desk-step-${step.step}`, {
    code: step.code,
    check: step.check && t(`desk-check-${step.check}`),
    name: step.name && t(`desk-cell-${step.name}`),
    ...(step.twin && { what: twinned(step.twin), x: step.twin.seat, week: step.twin.week }),
  });

/** Says what was done, what failed, and how much is left for somebody.
 * @param {desk.StepDone[]} steps
 * @param {desk.View} view */
export function tellRoutine(steps, view) {
  const lines = steps.map((step) =>
    step.failure
      ? h(
          "li",
          { "data-step": "failed" },
          t("desk-routine-failed", { what: stepLine(step), why: reason(step.failure, view.log.time) }),
        )
      : h("li", { "data-step": step.step }, `✓ ${stepLine(step)}`),
  );
  const n = view.waiting.length;
  const box = el("desk-routine-done");
  box.replaceChildren(
    h("h3", {}, t("desk-routine-done")),
    h("ul", {}, lines),
    h("p", { "data-left": n }, n ? t("desk-routine-left", { n }) : t("desk-routine-left-none")),
  );
  box.hidden = false;
}

/** Whether something came that was not there before. The title bears a mark until somebody looks at the page.
 * @param {desk.View} view */
export function hasNews(view) {
  const steps = view.routine.map((step) => `${step.step} ${step.case ?? step.delivery} ${step.statement ?? ""}`);
  const here = new Set([...view.waiting, ...steps]);
  const before = known;
  known = here;
  const isNew = before !== null && [...here].some((name) => !before.has(name));
  if (isNew && !isSeen()) document.title = MARK + TITLE;
  return isNew;
}

/** Forgets all, as when the desk locks. */
export function forgetNews() {
  known = null;
  document.title = TITLE;
  el("desk-routine-done").hidden = true;
  el("desk-routine-done").replaceChildren();
}

const isSeen = () => document.visibilityState === "visible" && document.hasFocus();

function seen() {
  if (isSeen()) document.title = TITLE;
}
addEventListener("focus", seen);
document.addEventListener("visibilitychange", seen);
