// What she listens to: one at a time, and nothing where she has gone. The players are the browser's own, and work without this.

const players = /** @type {NodeListOf<HTMLAudioElement>} */ (document.querySelectorAll(".listen audio"));

/** Stops what is heard, but one.
 * @param {HTMLAudioElement} [but] */
export function hush(but) {
  for (const player of players) if (player !== but) player.pause();
}

for (const player of players) {
  const trouble = /** @type {HTMLElement} */ (player.parentElement?.querySelector("[role=alert]"));
  player.hidden = player.canPlayType("audio/ogg; codecs=opus") === "";
  trouble.hidden = !player.hidden;
  player.onplay = () => {
    hush(player);
    trouble.hidden = true;
  };
  // Pressed again, it is tried again.
  player.onerror = () => {
    trouble.hidden = false;
    player.load();
  };
}
document.addEventListener("visibilitychange", () => {
  if (document.hidden) hush();
});
