/**
 * The live socket: opened, kept beating, watched, and opened again.
 *
 * Owned by the live store, which puts the frames in place; this file knows nothing of cards. The beat is
 * also the counselor's presence (ten seconds without one and the service stops offering), so its clock
 * is handed in: in the browser a worker's, which a hidden tab does not slow down. A socket can die
 * without saying so; when nothing has come for four beats it is closed and opened again.
 */

import type { Frame, Sent } from "@/api/cards";

export type Link = "closed" | "opening" | "open" | "waiting";

export interface FeedOwner {
  take(frame: Frame): void;
  link(link: Link): void;
  signedOut(): void;
}

/** The part of a WebSocket that is used here. */
export interface Socket {
  readyState: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  send(words: string): void;
  close(code?: number): void;
}

export interface FeedPorts {
  open(): Socket;
  /** Call back every `seconds`; answers with the way to stop. */
  every(seconds: number, call: () => void): () => void;
}

export const SIGNED_OUT = 4401;
const SOCKET_OPEN = 1;
const BACKOFF_MS_MIN = 200;
const BACKOFF_MS_MAX = 5_000;
const BEATS_UNTIL_DEAD = 4;

export class Feed {
  private socket: Socket | null = null;
  private stopBeat: (() => void) | null = null;
  private retry: ReturnType<typeof setTimeout> | null = null;
  private tries = 0;
  private beatsUnanswered = 0;
  private isWanted = false;

  constructor(
    private readonly owner: FeedOwner,
    private readonly ports: FeedPorts,
    private readonly beatSeconds: number,
  ) {}

  start(): void {
    this.isWanted = true;
    this.stopBeat ??= this.ports.every(this.beatSeconds, () => this.beat());
    this.reopen();
  }

  stop(): void {
    this.isWanted = false;
    this.stopBeat?.();
    this.stopBeat = null;
    this.drop();
    this.owner.link("closed");
  }

  send(words: Sent): boolean {
    if (this.socket?.readyState !== SOCKET_OPEN) return false;
    this.socket.send(JSON.stringify(words));
    return true;
  }

  /** Open at once, whatever the backoff says: the network is back, or a fresh snapshot is needed. */
  reopen(): void {
    this.drop();
    if (!this.isWanted) return;
    this.owner.link("opening");
    const socket = this.ports.open();
    this.socket = socket;
    this.beatsUnanswered = 0;
    socket.onopen = () => {
      this.owner.link("open");
      this.send({ kind: "beat" });
    };
    socket.onmessage = (event: { data: string }) => this.hear(event.data);
    socket.onclose = (event: { code: number }) => this.lost(event.code);
  }

  private hear(words: string): void {
    this.beatsUnanswered = 0;
    const frame = JSON.parse(words) as Frame;
    if (frame.kind === "snapshot") this.tries = 0;
    if (frame.kind === "restart") this.reopen();
    else this.owner.take(frame);
  }

  private beat(): void {
    if (this.socket?.readyState !== SOCKET_OPEN) return;
    this.beatsUnanswered += 1;
    if (this.beatsUnanswered > BEATS_UNTIL_DEAD) this.reopen();
    else this.send({ kind: "beat" });
  }

  private lost(code: number): void {
    this.drop();
    if (code === SIGNED_OUT) {
      this.stop();
      this.owner.signedOut();
      return;
    }
    if (!this.isWanted) return;
    this.owner.link("waiting");
    const most = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** this.tries);
    this.tries += 1;
    this.retry = setTimeout(() => this.reopen(), most * spread());
  }

  private drop(): void {
    if (this.retry !== null) clearTimeout(this.retry);
    this.retry = null;
    const old = this.socket;
    this.socket = null;
    if (old === null) return;
    old.onopen = old.onmessage = old.onclose = null;
    old.close(1000);
  }
}

/** Between 0.7 and 1, so that a whole centre does not come back in the same instant. */
function spread(): number {
  return 0.7 + 0.3 * Math.random();
}
