// Files that are dropped on the page: taken where the page takes files, and nowhere opened in its place.

/** @param {(files: File[]) => void} take What to do with them; it may be nothing. */
export function takeDrops(take) {
  const isFiles = (/** @type {DragEvent} */ event) => Array.from(event.dataTransfer?.types ?? []).includes("Files");
  addEventListener("dragover", (event) => {
    if (isFiles(event)) event.preventDefault();
  });
  addEventListener("drop", (event) => {
    if (!isFiles(event)) return;
    event.preventDefault();
    take(Array.from(event.dataTransfer?.files ?? []));
  });
}
