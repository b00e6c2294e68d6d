// Nobody touches the page: ask, then end. A device that slept in between ends at once when it wakes.

const ASK_MS = 9 * 60_000;
const END_MS = 60_000;

export class Idle {
  /** @param {HTMLElement} notice asks, with the button that stays within
   * @param {HTMLElement} stay
   * @param {() => void} end */
  constructor(notice, stay, end) {
    this.notice = notice;
    this.end = end;
    this.timer = 0;
    this.touched = 0;
    stay.addEventListener("click", () => this.touch());
    for (const name of ["keydown", "pointerdown"]) addEventListener(name, () => this.timer && this.touch());
    document.addEventListener("visibilitychange", () => {
      if (this.timer && Date.now() - this.touched > ASK_MS + END_MS) this.over();
    });
  }

  /** Begins to wait, or begins anew. */
  touch() {
    this.stop();
    this.touched = Date.now();
    this.timer = setTimeout(() => {
      this.notice.hidden = false;
      this.timer = setTimeout(() => this.over(), END_MS);
    }, ASK_MS);
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.notice.hidden = true;
  }

  over() {
    this.stop();
    this.end();
  }
}
