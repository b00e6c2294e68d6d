// What would be lost with this page is asked about before it is left or loaded anew.

/** @param {() => boolean} isUnsaved */
export function askBeforeLeaving(isUnsaved) {
  addEventListener("beforeunload", (event) => {
    if (!isUnsaved()) return;
    event.preventDefault();
    // Chromium asked only where this is set, up to 118.
    event.returnValue = "unsaved";
  });
}
