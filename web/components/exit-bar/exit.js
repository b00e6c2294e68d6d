// The exit: empties the document, draws neutral content that is already in the page, then leaves. Emptying comes first
// because a browser may keep the page to show it again on Back. Shift three times alone does the same.

const WITHIN_MS = 5000;

/** @param {HTMLAnchorElement} link */
function leave(link) {
  const neutral = /** @type {HTMLTemplateElement | null} */ (document.getElementById("exit-neutral"));
  const content = neutral
    ? /** @type {DocumentFragment} */ (neutral.content.cloneNode(true))
    : document.createElement("main");
  const heading = content.querySelector("h1");
  const done = link.dataset.done ?? "";
  // Pages that hold text or keys in memory listen for this and zero them.
  window.dispatchEvent(new Event("resguardo:leave"));
  const target = link.href;
  // What is taken out of the document may be heard for a moment longer.
  for (const sound of /** @type {NodeListOf<HTMLMediaElement>} */ (document.querySelectorAll("audio, video")))
    sound.pause();
  document.title = heading ? heading.textContent : "";
  document.body.replaceChildren(content);
  for (const dropped of document.querySelectorAll("script, link[rel='icon']")) dropped.remove();
  const status = document.createElement("p");
  status.className = "hidden";
  status.setAttribute("role", "status");
  status.textContent = done;
  document.body.append(status);
  go(target);
}

// Without a network a browser would show its own page, with this address on it: the neutral content stays instead, and
// the way out is taken when the network is back.
/** @param {string} target */
async function go(target) {
  try {
    await fetch(target, { redirect: "manual", cache: "no-store", credentials: "same-origin" });
  } catch {
    window.addEventListener("online", () => go(target), { once: true });
    return;
  }
  location.replace(target);
}

const link = /** @type {HTMLAnchorElement | null} */ (document.getElementById("exit"));
if (link) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave(link);
  });

  const state = /** @type {HTMLElement} */ (document.getElementById("exit-state"));
  // Shift keys that are down and have done nothing else so far. Left and right each count by themselves, so that
  // presses that overlap count too.
  const down = new Set();
  let presses = 0;
  let timer = 0;
  const forget = (said = "") => {
    clearTimeout(timer);
    if (presses > 0) state.textContent = said;
    presses = 0;
  };
  // Shift belongs to something else: a selection, a capital letter, a shortcut, another window.
  const otherwise = () => {
    down.clear();
    forget();
  };
  /** @type {<Name extends keyof WindowEventMap>(names: Name[], heard: (event: WindowEventMap[Name]) => void) => void} */
  const listen = (names, heard) => {
    for (const name of names) window.addEventListener(name, heard, { capture: true, passive: true });
  };
  listen(["keydown"], (event) => {
    // A browser that fills in a form by itself sends a key event without a key.
    if (event.key !== "Shift" || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) otherwise();
    // Held, it is no press; the other one still may be.
    else if (event.repeat) down.delete(event.code);
    else down.add(event.code);
  });
  listen(["keyup"], (event) => {
    if (event.key !== "Shift" || !down.delete(event.code)) return;
    presses += 1;
    clearTimeout(timer);
    if (presses === 3) {
      leave(link);
      return;
    }
    state.textContent = presses === 1 ? (link.dataset.more2 ?? "") : (link.dataset.more1 ?? "");
    timer = setTimeout(() => forget(link.dataset.cancelled), WITHIN_MS);
  });
  listen(["pointerdown", "pointerup", "pointercancel", "click", "contextmenu", "wheel", "drop"], otherwise);
  listen(["input", "paste", "blur"], otherwise);
  listen(["pointermove"], (event) => {
    if (event.buttons > 0) otherwise();
  });

  // In-site links of her pages leave one history entry for the whole site.
  document.addEventListener("click", (event) => {
    const anchor =
      event.target instanceof Element
        ? /** @type {HTMLAnchorElement | null} */ (event.target.closest("a[href]"))
        : null;
    if (!anchor || anchor === link || event.defaultPrevented || event.button !== 0) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || anchor.target) return;
    const url = new URL(anchor.href);
    const isHere = url.pathname === location.pathname && url.hash;
    if (url.origin !== location.origin || isHere) return;
    event.preventDefault();
    location.replace(url.href);
  });
}

// A page that the browser kept and shows again shows nothing.
window.addEventListener("pageshow", (event) => {
  if (event.persisted && link) leave(link);
});
