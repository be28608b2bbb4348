/**
 * Words on their way to the caller.
 *
 * Each message gets its own id here, before the first try, and keeps it through every further one, so
 * that the service stores it once however often it is sent. They go one after another: the caller reads
 * them in the order in which they were written. What fails in passing is tried again by itself a few
 * times, then waits for the person; what the service refuses for good says so.
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

export class Outbox {
  readonly pending: Pending[] = [];
  private running = false;

  constructor(
    private readonly post: (clientId: Id, words: string) => Promise<{ seq: number }>,
    private readonly changed: () => void,
    private readonly newId: () => Id = fresh,
    private readonly pause: (ms: number) => Promise<void> = (ms) => new Promise((done) => setTimeout(done, ms)),
  ) {}

  send(words: string): void {
    this.pending.push({ client_id: this.newId(), words, state: "sending", seq: null, refusal: null });
    this.changed();
    void this.run();
  }

  /** Try the failed ones again, oldest first. */
  retry(): void {
    for (const each of this.pending) if (each.state === "failed") each.state = "sending";
    this.changed();
    void this.run();
  }

  /** Forget those that have come back as stored messages. */
  settle(messages: readonly Message[]): void {
    const stored = new Set(messages.map((message) => message.client_id));
    const left = this.pending.filter((each) => !stored.has(each.client_id));
    if (left.length === this.pending.length) return;
    this.pending.splice(0, this.pending.length, ...left);
    this.changed();
  }

  private async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    for (let next = this.first(); next !== undefined; next = this.first()) await this.deliver(next);
    this.running = false;
  }

  private first(): Pending | undefined {
    return this.pending.find((each) => each.state === "sending");
  }

  private async deliver(each: Pending): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        each.seq = (await this.post(each.client_id, each.words)).seq;
        each.state = "sent";
        break;
      } catch (thrown) {
        each.refusal = asRefusal(thrown);
        if (!each.refusal.isPassing || tries === TRIES_MAX) {
          this.giveUp(each);
          break;
        }
        await this.pause(each.refusal.waitSeconds ? each.refusal.waitSeconds * 1_000 : PAUSE_MS * 2 ** (tries - 1));
      }
    }
    this.changed();
  }

  /** One that fails holds back those behind it: better late together than out of order. */
  private giveUp(failed: Pending): void {
    failed.state = "failed";
    if (!failed.refusal?.isPassing) return;
    for (const each of this.pending) if (each.state === "sending") each.state = "failed";
  }
}
