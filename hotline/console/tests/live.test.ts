import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { askAfter, merged } from "@/live/contact";
import { useClock } from "@/live/clock";
import { useLive } from "@/live/store";
import { contactCard, FakePorts } from "./fake";

const START = Date.parse("2026-11-21T10:00:00Z");
const iso = (ms: number) => new Date(ms).toISOString();
let ports: FakePorts;
let signedOut: number;

function begin() {
  const live = useLive();
  live.start(3, () => (signedOut += 1), ports);
  ports.last.opens();
  ports.last.says({ kind: "snapshot", cursor: "1", at: iso(START), cards: [contactCard({ contact_id: "a" }), contactCard({ contact_id: "b" })] });
  return live;
}

beforeEach(() => {
  vi.useFakeTimers({ now: START });
  setActivePinia(createPinia());
  ports = new FakePorts();
  signedOut = 0;
});
afterEach(() => {
  useLive().stop();
  vi.useRealTimers();
});

describe("the live floor", () => {
  test("is what the snapshot says, then card by card", () => {
    const live = begin();
    ports.last.says({ kind: "cards", cursor: "2", at: iso(START), cards: [contactCard({ contact_id: "a", level: "high" })], gone: ["contact:b"] });
    expect(live.contacts.map((card) => [card.contact_id, card.level])).toEqual([["a", "high"]]);
  });

  test("is replaced whole by the next snapshot, so nothing that has gone stays", () => {
    const live = begin();
    ports.last.says({ kind: "snapshot", cursor: "9", at: iso(START), cards: [contactCard({ contact_id: "c" })] });
    expect(live.contacts.map((card) => card.contact_id)).toEqual(["c"]);
  });

  test("beats at once on opening and at every tick after", () => {
    begin();
    ports.beat();
    expect(ports.last.sent).toEqual([{ kind: "beat" }, { kind: "beat" }]);
  });

  test("comes back after a loss, with the old picture shown as old until a snapshot has come", () => {
    const live = begin();
    ports.last.dies(1012);
    expect(live.isStale).toBe(true);
    expect(live.contacts).toHaveLength(2);
    vi.advanceTimersByTime(200);
    expect(ports.sockets).toHaveLength(2);
    ports.last.opens();
    expect(live.isStale).toBe(true);
    ports.last.says({ kind: "snapshot", cursor: "3", at: iso(Date.now()), cards: [] });
    expect(live.isStale).toBe(false);
  });

  test("waits longer after each failure, five seconds at most", () => {
    begin();
    for (let failure = 0; failure < 12; failure += 1) {
      ports.last.dies(1006);
      vi.advanceTimersByTime(5_000);
    }
    expect(ports.sockets).toHaveLength(13);
    ports.last.dies(1006);
    vi.advanceTimersByTime(3_400);
    expect(ports.sockets).toHaveLength(13);
    vi.advanceTimersByTime(1_600);
    expect(ports.sockets).toHaveLength(14);
  });

  test("takes a fresh snapshot when it is told to start again", () => {
    begin();
    ports.last.says({ kind: "restart" });
    expect(ports.sockets).toHaveLength(2);
    expect(ports.sockets[0]?.isClosed).toBe(true);
  });

  test("opens a new socket when the old one has been silent for four beats", () => {
    begin();
    for (let beat = 0; beat < 4; beat += 1) ports.beat();
    expect(ports.sockets).toHaveLength(1);
    ports.beat();
    expect(ports.sockets).toHaveLength(2);
  });

  test("says that it is old when nothing has come for three beats", () => {
    const live = begin();
    vi.advanceTimersByTime(8_500);
    expect(live.isStale).toBe(false);
    vi.advanceTimersByTime(1_500);
    expect(live.isStale).toBe(true);
    ports.last.says({ kind: "beat", at: iso(Date.now()) });
    vi.advanceTimersByTime(500);
    expect(live.isStale).toBe(false);
  });

  test("does not come back once the service says that nobody is signed in", () => {
    begin();
    ports.last.dies(4401);
    vi.advanceTimersByTime(60_000);
    expect(signedOut).toBe(1);
    expect(ports.sockets).toHaveLength(1);
  });

  test("shows that a caller is writing for five seconds", () => {
    const live = begin();
    ports.last.says({ kind: "hint", what: "typing", contact_id: "a" });
    expect(live.isTyping("a")).toBe(true);
    vi.advanceTimersByTime(5_500);
    expect(live.isTyping("a")).toBe(false);
  });
});

describe("the service's clock", () => {
  test("is taken from the middle of the shortest round trip", () => {
    const clock = useClock();
    clock.learn(iso(START + 60_000), START, START + 2_000);
    clock.learn(iso(START + 60_120), START + 100, START + 120);
    clock.learn(iso(START + 69_000), START + 5_000, START + 9_000);
    expect(clock.offsetMs).toBe(60_010);
  });

  test("is guessed from the snapshot until a beat has been measured", () => {
    const clock = useClock();
    clock.guess(iso(START + 5_000), START);
    expect(clock.offsetMs).toBe(5_000);
    clock.learn(iso(START + 4_000), START, START);
    clock.guess(iso(START + 99_000), START);
    expect(clock.offsetMs).toBe(4_000);
  });
});

describe("the words of a chat", () => {
  const said = (seq: number, sender: "caller" | "counselor", read_at: string | null = null) =>
    ({ seq, sender, words: `${seq}`, at: "", client_id: null, read_at });

  test("are asked for from our first unread message on, so that reading marks arrive", () => {
    expect(askAfter([])).toBe(0);
    expect(askAfter([said(1, "caller"), said(2, "counselor", "read"), said(3, "caller")])).toBe(3);
    expect(askAfter([said(1, "caller"), said(2, "counselor"), said(3, "caller")])).toBe(1);
  });

  test("are put together by number, the fresh copy winning", () => {
    const all = merged([said(1, "caller"), said(2, "counselor")], [said(2, "counselor", "read"), said(3, "caller")]);
    expect(all.map((message) => [message.seq, message.read_at])).toEqual([[1, null], [2, "read"], [3, null]]);
  });
});
