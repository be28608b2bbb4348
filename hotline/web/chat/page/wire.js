/**
 * The socket to the service: opened again for as long as the chat goes on, however the network behaves.
 *
 * The first frame says whose chat it is and what the page has already. Only when the service has answered
 * that is the line open, and what was unsent is sent again under its old ids.
 */

const WAIT_MS_MIN = 400;
const WAIT_MS_MAX = 8_000;
const SILENT_MS_MAX = 40_000;
const BEAT_MS = 15_000;
/** Whatever is sent is answered. After such a silence it is asked whether anybody is there, once; then the line is dead. */
const DOUBT_MS = 5_000;
const UNKNOWN = 4401;
const BUSY = 1013;
const BUSY_MS = 30_000;

export class Wire {
  /** `owner` has `resume()`, `take(frame)`, `linked(isOpen)`, `unknown()`. */
  constructor(owner) {
    this.owner = owner;
    this.isOpen = false;
    this.isWanted = false;
    this.tries = 0;
    this.heardMs = 0;
    this.socket = null;
    this.timer = null;
    this.doubt = null;
    this.woken = () => this.wake();
    this.gone = () => this.closed(0);
  }

  start() {
    this.isWanted = true;
    this.clock = clock(() => this.beat());
    addEventListener("online", this.woken);
    addEventListener("offline", this.gone);
    document.addEventListener("visibilitychange", this.woken);
    this.open();
  }

  stop() {
    this.isWanted = false;
    this.clock?.stop();
    removeEventListener("online", this.woken);
    removeEventListener("offline", this.gone);
    document.removeEventListener("visibilitychange", this.woken);
    clearTimeout(this.timer);
    this.drop();
  }

  /** Send a frame if the line is open; whether it was. */
  send(frame) {
    if (!this.isOpen || this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    this.doubt ??= setTimeout(() => this.ask(), DOUBT_MS);
    return true;
  }

  /** Nothing was heard since something was sent. */
  ask() {
    this.doubt = setTimeout(this.gone, DOUBT_MS);
    this.send({ kind: "beat" });
  }

  trust() {
    clearTimeout(this.doubt);
    this.doubt = null;
  }

  open() {
    clearTimeout(this.timer);
    this.drop();
    const address = new URL("/api/chat/live", location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    this.socket = socket;
    this.heardMs = Date.now();
    socket.onopen = () => socket.send(JSON.stringify({ kind: "resume", ...this.owner.resume() }));
    socket.onmessage = (event) => this.heard(JSON.parse(event.data));
    socket.onclose = (event) => this.closed(event.code);
  }

  heard(frame) {
    this.heardMs = Date.now();
    this.trust();
    this.owner.take(frame);
    if (frame.kind === "messages" && !this.isOpen) {
      this.isOpen = true;
      this.tries = 0;
      this.owner.linked(true);
    }
  }

  closed(code) {
    this.drop();
    if (!this.isWanted) return;
    if (code === UNKNOWN) {
      this.owner.unknown();
      return;
    }
    this.owner.linked(false);
    clearTimeout(this.timer);
    const wait = code === BUSY ? BUSY_MS : Math.min(WAIT_MS_MAX, WAIT_MS_MIN * 2 ** this.tries) * (0.7 + Math.random() * 0.6);
    this.tries = Math.min(this.tries + 1, 10);
    this.timer = setTimeout(() => this.open(), wait);
  }

  beat() {
    if (this.socket && Date.now() - this.heardMs > SILENT_MS_MAX) {
      this.closed(0);
      return;
    }
    this.send({ kind: "beat" });
  }

  /** The network or the person is back: do not wait for the next try. */
  wake() {
    if (!this.isWanted || document.hidden) return;
    if (this.isOpen) this.beat();
    else if (!this.socket || this.socket.readyState !== WebSocket.CONNECTING) this.open();
  }

  drop() {
    this.trust();
    this.isOpen = false;
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}

/** Calls every `BEAT_MS`, from a worker where there are any. */
function clock(call) {
  try {
    const worker = new Worker("/chat/page/beat.js");
    worker.onmessage = call;
    return { stop: () => worker.terminate() };
  } catch {
    const timer = setInterval(call, BEAT_MS);
    return { stop: () => clearInterval(timer) };
  }
}

/** A version 4 UUID; `crypto.randomUUID` is not there on plain HTTP. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
