/** A service in a few lines, for tests: answers by address, and a socket that the test speaks through. */

import { vi } from "vitest";
import type { Socket } from "@/live/feed";
import type { ContactCard } from "@/api/cards";
import type { Me } from "@/api/schema";

export class FakeSocket implements Socket {
  readyState = 0;
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  sent: unknown[] = [];
  isClosed = false;

  send(words: string): void {
    this.sent.push(JSON.parse(words));
  }
  close(): void {
    this.isClosed = true;
    this.readyState = 3;
  }
  opens(): void {
    this.readyState = 1;
    this.onopen?.({} as never);
  }
  says(frame: unknown): void {
    this.onmessage?.({ data: JSON.stringify(frame) } as never);
  }
  dies(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code } as never);
  }
}

export class FakePorts {
  sockets: FakeSocket[] = [];
  beat: () => void = () => undefined;

  open = (): FakeSocket => {
    const socket = new FakeSocket();
    this.sockets.push(socket);
    return socket;
  };
  every = (_seconds: number, call: () => void): (() => void) => {
    this.beat = call;
    return () => (this.beat = () => undefined);
  };
  get last(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("no socket has been opened");
    return socket;
  }
}

type Answer = { status: number; body?: unknown; headers?: Record<string, string> };

type Asked = { method: string; path: string; body: unknown; key?: string };

/** Put `answer` in the place of the network; returns the requests that were made. */
export function serve(answer: (method: string, path: string, body: unknown) => Answer): Asked[] {
  const asked: Asked[] = [];
  vi.stubGlobal("fetch", async (input: Request | URL | string, init?: RequestInit) => {
    const isRequest = typeof input === "object" && "method" in input;
    const url = new URL(isRequest ? input.url : String(input), "http://console.test");
    const text = isRequest ? await input.text() : String(init?.body ?? "");
    const method = isRequest ? input.method : (init?.method ?? "GET");
    const body: unknown = text === "" ? null : JSON.parse(text);
    const key = isRequest ? input.headers.get("idempotency-key") : null;
    asked.push({ method, path: url.pathname, body, ...(key === null ? {} : { key }) });
    const given = answer(method, url.pathname, body);
    const empty = given.status === 204;
    return new Response(empty ? null : JSON.stringify(given.body ?? {}), {
      status: given.status, headers: { "content-type": "application/json", ...given.headers },
    });
  });
  return asked;
}

export function contactCard(given: Partial<ContactCard> & { contact_id: string }): ContactCard {
  return {
    type: "contact", id: `contact:${given.contact_id}`, centre_id: "centre", channel: "chat", state: "waiting", level: "unknown",
    band: 3, effective_band: 3, line: "12356", language: "zh", arrived_at: "2026-11-21T10:00:00Z", joined_at: "2026-11-21T10:00:10Z",
    since: "2026-11-21T10:00:10Z", counselor_id: null, offer_to: null, flags: [], messages: 0, screening: null, answered_at: null,
    escalation_id: null, ...given,
  };
}

export const ME: Me = {
  staff: {
    id: "me", login: "lin", name: "林静怡", roles: ["counselor"], centre: { id: "centre", name: "示范中心" },
    skills: [], languages: ["zh"], endpoint: "browser", chat_capacity: 2,
  },
  permissions: ["contact.answer", "escalation.raise"],
  softphone: "practice",
  emergency: [{ number: "110", label: { zh: "报警", en: "Police" } }],
  limits: {
    offer_seconds: 15, beat_seconds: 3, wrap_up_seconds_min: 120,
    screening_remind_seconds: 480, screening_due_seconds: 600,
    long_talk_remind_seconds: 2400, long_talk_due_seconds: 3600, message_characters_max: 2000,
  },
};
