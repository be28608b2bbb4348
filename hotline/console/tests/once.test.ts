import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import * as calls from "@/api/calls";
import { forgetWishes } from "@/api/once";
import { newId } from "@/base/ids";
import { useSession } from "@/session";
import { FakeSocket, ME, serve } from "./fake";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const DONE = { status: 201, body: { id: "e1" } };
const LOST = { status: 503, body: { code: "store.unreachable", sentence: "" } };
const REFUSED = { status: 409, body: { code: "level.basis", sentence: "" } };

/** A service that gives these answers in turn; the keys of what was asked. */
function answering(...answers: { status: number }[]): () => (string | undefined)[] {
  const asked = serve(() => answers.shift() ?? DONE);
  return () => asked.map((each) => each.key);
}
const tried = (what: () => Promise<unknown>) => what().catch(() => undefined);

beforeEach(() => {
  forgetWishes();
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("what adds something", () => {
  const wishes = {
    note: () => calls.addNote("e1", "已联系家人"),
    alarm: () => calls.raiseEscalation("c1", "imminent", "在天台上"),
    level: () => calls.setLevel("c1", "high", "独居", "low"),
    screening: () => calls.saveScreening("s1", { result: "asked_positive", level: "high" }),
  };

  test.each(Object.entries(wishes))("keeps its key while no answer comes: a %s", async (_, wish) => {
    const keys = answering(LOST, LOST, DONE);
    for (let time = 0; time < 3; time += 1) await tried(wish);
    expect(new Set(keys()).size).toBe(1);
    expect(keys()[0]).toMatch(UUID);
  });

  test("keeps its key when the network is lost", async () => {
    const keys: (string | null)[] = [];
    vi.stubGlobal("fetch", (request: Request) => {
      keys.push(request.headers.get("idempotency-key"));
      return Promise.reject(new TypeError("failed to fetch"));
    });
    await tried(wishes.alarm);
    await tried(wishes.alarm);
    expect(keys[0]).toBe(keys[1]);
  });

  test.each([["carried out", DONE], ["refused", REFUSED]])("is another wish after it was %s", async (_, answer) => {
    const keys = answering(answer, DONE);
    await tried(wishes.alarm);
    await tried(wishes.alarm);
    expect(new Set(keys()).size).toBe(2);
  });

  test("is another wish with another word in it, or about another contact", async () => {
    const keys = answering(LOST, LOST, LOST);
    await tried(() => calls.addNote("e1", "一"));
    await tried(() => calls.addNote("e1", "一二"));
    await tried(() => calls.addNote("e2", "一"));
    expect(new Set(keys()).size).toBe(3);
  });

  test("is another wish when it was let be for long: an alarm is not taken for one of an hour ago", async () => {
    const keys = answering(LOST, LOST, DONE);
    await tried(wishes.alarm);
    vi.advanceTimersByTime(4 * 60_000);
    await tried(wishes.alarm);
    vi.advanceTimersByTime(6 * 60_000);
    await tried(wishes.alarm);
    const [first, soon, late] = keys();
    expect([soon === first, late === first]).toEqual([true, false]);
  });

  test("is forgotten with everything else when its person signs out", async () => {
    setActivePinia(createPinia());
    vi.stubGlobal("WebSocket", class extends FakeSocket {});
    vi.stubGlobal("Worker", undefined);
    const asked = serve((_, path) => (path.endsWith("/notes") ? LOST : { status: 200, body: ME }));
    const session = useSession();
    await session.signIn("lin", "secret");
    await tried(wishes.note);
    await session.signOut();
    await session.signIn("lin", "secret");
    await tried(wishes.note);
    const keys = asked.filter((each) => each.path.endsWith("/notes")).map((each) => each.key);
    expect(new Set(keys).size).toBe(2);
  });
});

test("an id is never the same twice", () => {
  expect(new Set(Array.from({ length: 1000 }, newId)).size).toBe(1000);
  expect(newId()).toMatch(UUID);
});
