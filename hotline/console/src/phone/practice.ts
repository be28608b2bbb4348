/**
 * A phone on the practice exchange: no microphone, no sound; what would be heard is shown as text.
 *
 * The exchange is another process on another port, so no cookie of ours goes there.
 */

import type { Id } from "@/api/schema";
import { Listeners, type Heard, type Phone, type PhoneEvents } from "./phone";

const ASK_MS = 500;
const FAILURES_MAX = 6;
const LIVE = new Set(["queued", "initiated", "ringing", "in-progress"]);

interface PracticeCall {
  sid: string;
  status: string;
  hears: Heard | null;
  transcript: Heard[];
}

export class PracticePhone implements Phone {
  private readonly listeners = new Listeners();
  private callSid: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private wasConnected = false;
  private failures = 0;

  constructor(
    private readonly exchangeUrl: string,
    private readonly identity: string,
  ) {}

  async ready(): Promise<void> {}

  on<Name extends keyof PhoneEvents>(name: Name, tell: PhoneEvents[Name]): void {
    this.listeners.on(name, tell);
  }

  async connect({ offer }: { offer: Id }): Promise<void> {
    const address = `/practice/clients/${encodeURIComponent(this.identity)}/connect`;
    const made = (await this.ask("POST", address, { params: { offer } })) as PracticeCall;
    this.callSid = made.sid;
    this.wasConnected = false;
    this.failures = 0;
    this.listen();
  }

  async hangUp(): Promise<void> {
    const sid = this.callSid;
    if (sid === null) return;
    await this.ask("POST", `/practice/calls/${sid}/hangup`).catch(() => undefined);
    this.over(sid);
  }

  mute(): void {}

  close(): void {
    clearTimeout(this.timer);
    this.callSid = null;
  }

  private listen(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), ASK_MS);
  }

  private async look(): Promise<void> {
    const sid = this.callSid;
    if (sid === null) return;
    try {
      const call = (await this.ask("GET", `/practice/calls/${sid}`)) as PracticeCall;
      if (sid !== this.callSid) return;
      this.failures = 0;
      this.take(sid, call);
    } catch {
      this.failures += 1;
      if (this.failures >= FAILURES_MAX) this.lost();
    }
    if (this.callSid === sid) this.listen();
  }

  private take(sid: string, call: PracticeCall): void {
    if (call.status === "in-progress" && !this.wasConnected) {
      this.wasConnected = true;
      this.listeners.tell("connected");
    }
    this.listeners.tell("heard", call.hears, call.transcript);
    if (!LIVE.has(call.status)) this.over(sid);
  }

  private over(sid: string): void {
    if (this.callSid !== sid) return;
    this.close();
    this.listeners.tell("ended");
  }

  private lost(): void {
    this.close();
    this.listeners.tell("fault", "exchange_lost");
  }

  private async ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const init: RequestInit = { method, credentials: "omit" };
    if (body !== undefined) {
      init.headers = { "content-type": "application/json" };
      init.body = JSON.stringify(body);
    }
    const answer = await fetch(new URL(path, this.exchangeUrl), init);
    if (!answer.ok) throw new Error(`the practice exchange answered ${answer.status}`);
    return answer.status === 204 ? null : await answer.json();
  }
}
