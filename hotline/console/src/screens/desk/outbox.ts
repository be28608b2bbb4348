/**
 * Words on their way to the caller.
 *
 * Each message gets its own id here, before the first try, and keeps it through every further one, so
 * that the service stores it once however often it is sent. They go one after another: the caller reads
 * them in the order in which they were written. What fails in passing is tried again by itself a few
 * times, then waits for the line to be back, or for the person; what the service refuses for good says so.
 */

import { asRefusal, type Refusal } from "@/api/refusal";
import type { Id, Message } from "@/api/schema";
import { newId as fresh } from "@/base/ids";

export interface Pending {
  client_id: Id;
  words: string;
  state: "sending" | "failed" | "sent";
  seq: number | null;
  refusal: Refusal | null;
}

export const TRIES_MAX = 5;
const PAUSE_MS = 800;
/** What a try comes to when the line is back before it has been answered. */
const LINE_IS_BACK = Symbol("the line is back");

export class Outbox {
  readonly pending: Pending[] = [];
  private running = false;
  private isStopped = false;
  private wake: () => void = () => undefined;

  constructor(
    private readonly post: (clientId: Id, words: string) => Promise<{ seq: number }>,
    private readonly changed: () => void,
    private readonly newId: () => Id = fresh,
    private readonly pause: (ms: number) => Promise<void> = (ms) => new Promise((done) => setTimeout(done, ms)),
  ) {}

  /** Send these words, and before them what still waits for the line. */
  send(words: string): void {
    this.pending.push({ client_id: this.newId(), words, state: "sending", seq: null, refusal: null });
    this.again(isPassing);
  }

  /** Try the failed ones again, oldest first. */
  retry(): void {
    this.again(() => true);
  }

  /**
   * The line is back: what waits for it goes at once, and so does what hangs in a request that was made
   * before, of which nobody may ever hear.
   */
  resume(): void {
    this.wake();
    this.again(isPassing);
  }

  /** Nobody looks at this any more: try nothing further. */
  stop(): void {
    this.isStopped = true;
    this.wake();
  }

  /** Forget those that have come back as stored messages. */
  settle(messages: readonly Message[]): void {
    const stored = new Set(messages.map((message) => message.client_id));
    const left = this.pending.filter((each) => !stored.has(each.client_id));
    if (left.length === this.pending.length) return;
    this.pending.splice(0, this.pending.length, ...left);
    this.changed();
  }

  private again(concerns: (each: Pending) => boolean): void {
    for (const each of this.pending) if (each.state === "failed" && concerns(each)) each.state = "sending";
    this.changed();
    void this.run();
  }

  private async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    for (let next = this.first(); next !== undefined; next = this.first()) await this.deliver(next);
    this.running = false;
  }

  private first(): Pending | undefined {
    return this.isStopped ? undefined : this.pending.find((each) => each.state === "sending");
  }

  private async deliver(each: Pending): Promise<void> {
    for (let tries = 1; each.state === "sending" && !this.isStopped; tries += 1) {
      const woken = new Promise<typeof LINE_IS_BACK>((done) => (this.wake = () => done(LINE_IS_BACK)));
      const refusal = await Promise.race([this.attempt(each), woken]);
      if (refusal === null) break;
      if (refusal === LINE_IS_BACK) {
        tries = 0;
        continue;
      }
      each.refusal = refusal;
      if (!refusal.isPassing || tries === TRIES_MAX) {
        this.giveUp(each);
        break;
      }
      const pause = this.pause(refusal.waitSeconds ? refusal.waitSeconds * 1_000 : PAUSE_MS * 2 ** (tries - 1));
      if ((await Promise.race([pause, woken])) === LINE_IS_BACK) tries = 0;
    }
    this.changed();
  }

  /** One try; why it was refused, or null when the words are stored, also when that is heard late. */
  private async attempt(each: Pending): Promise<Refusal | null> {
    try {
      each.seq = (await this.post(each.client_id, each.words)).seq;
    } catch (thrown) {
      return asRefusal(thrown);
    }
    each.state = "sent";
    return null;
  }

  /** One that fails holds back those behind it: better late together than out of order. */
  private giveUp(failed: Pending): void {
    failed.state = "failed";
    if (!failed.refusal?.isPassing) return;
    for (const each of this.pending) if (each.state === "sending") each.state = "failed";
  }
}

/** Whether it waits for the line: it, or one before it, has failed in passing. */
function isPassing(each: Pending): boolean {
  return each.refusal?.isPassing ?? true;
}
