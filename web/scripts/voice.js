// Her voice, recorded in the page. A recording stays in this page's memory: it is one of the files that are sealed, and
// is gone with them. It pauses when the page is hidden, so that nobody is recorded who made her hide it.

import { el, fill, part, say } from "./page.js";

const MINUTE_MS = 60_000;
const MOST_MS = 60 * MINUTE_MS;
const WARN_MS = 50 * MINUTE_MS;
// So much is lost at most if the recorder breaks.
const PIECE_MS = 5_000;
const BITS_PER_SECOND = 24_000;
/** What browsers record speech as, and how such a file ends. @type {[string, string][]} */
const KINDS = [
  ["audio/webm;codecs=opus", "webm"],
  ["audio/ogg;codecs=opus", "ogg"],
  ["audio/mp4", "m4a"],
];
/** @type {Record<string, string>} */
const REFUSED = { NotAllowedError: "voice-denied", SecurityError: "voice-denied", NotFoundError: "voice-none" };

/** One recording while it is made; all of it ends together. */
class Recorder {
  /** @param {MediaStream} stream
   * @param {string} type
   * @param {() => void} ended the microphone is gone, or the recorder broke */
  constructor(stream, type, ended) {
    this.stream = stream;
    /** @type {Blob[]} */
    this.pieces = [];
    // Before the piece that runs now.
    this.before = 0;
    this.since = performance.now();
    this.recorder = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: BITS_PER_SECOND });
    this.recorder.addEventListener("dataavailable", ({ data }) => {
      if (data.size > 0) this.pieces.push(data);
    });
    this.recorder.addEventListener("error", ended);
    for (const track of stream.getAudioTracks()) track.addEventListener("ended", ended);
    this.recorder.start(PIECE_MS);
  }

  isPaused() {
    return this.recorder.state === "paused";
  }

  length() {
    return this.before + (this.isPaused() ? 0 : performance.now() - this.since);
  }

  pause() {
    if (this.recorder.state !== "recording") return;
    this.before = this.length();
    this.recorder.pause();
  }

  resume() {
    this.since = performance.now();
    this.recorder.resume();
  }

  // All that was recorded; the microphone is let go.
  async finish() {
    const { recorder } = this;
    if (recorder.state !== "inactive") {
      const stopped = new Promise((resolve) => recorder.addEventListener("stop", resolve, { once: true }));
      recorder.stop();
      await stopped;
    }
    this.release();
    return this.pieces;
  }

  release() {
    for (const track of this.stream.getTracks()) track.stop();
  }
}

export class Voice {
  /** @param {import("./files.js").Files} files
   * @param {() => void} changed a recording came or went
   * @param {() => void} inUse she is speaking, and touches nothing meanwhile */
  constructor(files, changed, inUse = () => {}) {
    this.files = files;
    this.changed = changed;
    this.inUse = inUse;
    /** @type {Recorder | undefined} */
    this.now = undefined;
    this.isAsking = false;
    // Of what is forgotten since, nothing comes in.
    this.round = 0;
    this.count = 0;
    this.warned = false;
    this.ticks = 0;
    this.kind = globalThis.MediaRecorder && KINDS.find(([type]) => MediaRecorder.isTypeSupported(type));
    // Without these only a file can be chosen.
    el("voice-recorder").hidden = !this.kind || !navigator.mediaDevices;
    el("voice-start").addEventListener("click", () => this.start());
    el("voice-pause").addEventListener("click", () => this.turn());
    el("voice-stop").addEventListener("click", async () => {
      await this.finish();
      el("voice-start").focus();
    });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden || !this.now || this.now.isPaused()) return;
      this.turn();
      this.trouble("voice-hidden");
    });
  }

  isRecording() {
    return this.now !== undefined;
  }

  hasRecordings() {
    return el("voice-list").childElementCount > 0;
  }

  async start() {
    if (this.now || this.isAsking || !this.kind) return;
    this.isAsking = true;
    this.trouble("");
    const { round } = this;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
      // She may have left while the browser asked her.
      if (this.round === round) this.now = new Recorder(stream, this.kind[0], () => this.broke());
      else for (const track of stream.getTracks()) track.stop();
    } catch (error) {
      this.trouble(REFUSED[/** @type {DOMException} */ (error).name] ?? "voice-failed");
    }
    this.isAsking = false;
    if (!this.now) return;
    this.warned = false;
    this.ticks = window.setInterval(() => this.tick(), 500);
    this.show();
    el("voice-pause").focus();
    el("live").textContent = say("sr-voice-recording");
  }

  // Pauses, or goes on.
  turn() {
    if (!this.now) return;
    this.trouble("");
    if (this.now.isPaused()) this.now.resume();
    else this.now.pause();
    this.show();
    el("live").textContent = say(this.now.isPaused() ? "sr-voice-paused" : "sr-voice-recording");
  }

  tick() {
    if (!this.now) return;
    if (!this.now.isPaused()) this.inUse();
    this.time(this.now.length());
    if (this.now.length() >= MOST_MS) {
      this.trouble("voice-full");
      this.finish();
    } else if (this.now.length() >= WARN_MS && !this.warned) {
      this.warned = true;
      this.trouble("voice-nearly");
    }
  }

  /** @param {number} length in milliseconds */
  time(length) {
    el("voice-time").textContent = this.spoken(length);
  }

  /** @param {number} length in milliseconds */
  spoken(length) {
    const seconds = Math.round(length / 1000);
    return fill(el("voice-time").dataset.text, { min: Math.floor(seconds / 60), sec: seconds % 60 });
  }

  // The microphone was taken away: what came so far is kept.
  broke() {
    if (!this.now) return;
    this.finish();
    this.trouble("voice-broke");
  }

  // Ends the recording and keeps it; called without one, it does nothing.
  async finish() {
    const recorder = this.now;
    if (!recorder || !this.kind) return;
    const { round } = this;
    const length = recorder.length();
    this.now = undefined;
    clearInterval(this.ticks);
    this.show();
    const pieces = await recorder.finish();
    if (this.round !== round) return;
    const [type, ending] = this.kind;
    this.count += 1;
    const name = say("voice-name", { n: this.count });
    const file = new File(pieces, `${name}.${ending}`, { type });
    if (file.size === 0) {
      this.trouble("voice-nothing");
      return;
    }
    this.keep(file, `${name} (${this.spoken(length)})`);
    el("live").textContent = say("sr-voice-kept");
  }

  /** Shows a recording, to be heard and erased, and gives it to the files.
   * @param {File} file
   * @param {string} label */
  keep(file, label) {
    const row = /** @type {HTMLElement} */ (el("voice-row").content.firstElementChild?.cloneNode(true));
    const address = URL.createObjectURL(file);
    const audio = part(row, "audio");
    audio.src = address;
    audio.setAttribute("aria-label", label);
    part(row, ".voice-name").textContent = label;
    const item = this.files.takeRecording(file, () => {
      audio.pause();
      audio.removeAttribute("src");
      URL.revokeObjectURL(address);
      row.remove();
      this.changed();
    });
    const erase = part(row, ".voice-erase");
    part(erase, ".hidden").textContent = `: ${label}`;
    erase.addEventListener("click", () => {
      this.files.remove(item);
      el("voice-start").focus();
    });
    el("voice-list").append(row);
    this.changed();
  }

  /** @param {string} id */
  trouble(id) {
    el("voice-error").textContent = id && say(id);
  }

  show() {
    const isOn = this.now !== undefined;
    const isPaused = this.now?.isPaused() === true;
    el("voice-start").hidden = isOn;
    for (const id of ["voice-pause", "voice-stop", "voice-time"]) el(id).hidden = !isOn;
    el("voice").toggleAttribute("data-recording", isOn && !isPaused);
    const pause = el("voice-pause");
    pause.textContent = (isPaused ? pause.dataset.resume : pause.dataset.pause) ?? "";
    this.time(this.now?.length() ?? 0);
  }

  // She leaves: the microphone is let go and nothing of it stays. The files forget themselves what was kept.
  forget() {
    this.round += 1;
    clearInterval(this.ticks);
    this.now?.release();
    this.now = undefined;
    this.trouble("");
    this.show();
  }
}
