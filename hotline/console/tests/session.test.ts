import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import * as calls from "@/api/calls";
import { Refusal } from "@/api/refusal";
import { leaveMark } from "@/base/mark";
import { useSession } from "@/session";
import { FakeSocket, ME, serve } from "./fake";

beforeEach(() => {
  setActivePinia(createPinia());
  vi.stubGlobal("WebSocket", class extends FakeSocket {});
  vi.stubGlobal("Worker", undefined);
  leaveMark(true);
});
afterEach(() => vi.unstubAllGlobals());

const caught = async (asked: Promise<unknown>): Promise<Refusal> => {
  try {
    await asked;
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown;
  }
  throw new Error("was not refused");
};

describe("signing in", () => {
  test("opens what the permissions open", async () => {
    serve(() => ({ status: 200, body: ME }));
    const session = useSession();
    await session.signIn("lin", "secret");
    expect(session.isKnown).toBe(true);
    expect([session.may("contact.answer"), session.may("board.watch")]).toEqual([true, false]);
  });

  test("is refused with a code for a wrong password", async () => {
    serve(() => ({ status: 401, body: { code: "login.wrong", sentence: "Login or password is wrong." } }));
    const refusal = await caught(useSession().signIn("lin", "x"));
    expect([refusal.code, refusal.isPassing]).toEqual(["login.wrong", false]);
    expect(useSession().wasSignedOut).toBe(false);
  });

  test("is told how long to wait when there were too many tries", async () => {
    serve(() => ({ status: 429, body: { code: "login.throttled", sentence: "Too many attempts; wait 42 seconds." } }));
    expect((await caught(useSession().signIn("lin", "x"))).waitSeconds).toBe(42);
  });

  test("ends, with nothing left on the screen, as soon as the service does not know us", async () => {
    serve((_, path) => (path === "/api/session" ? { status: 200, body: ME } : { status: 401, body: { code: "session.none", sentence: "" } }));
    const session = useSession();
    await session.resume();
    expect(session.isKnown).toBe(true);
    await caught(calls.getContact("c"));
    expect([session.isKnown, session.wasSignedOut]).toEqual([false, true]);
  });

  test("is not asked about where nobody has signed in, or has signed out, or the session was over", async () => {
    leaveMark(false);
    const asked = serve((method) => (method === "POST" ? { status: 200, body: ME } : { status: 401, body: { code: "session.none", sentence: "" } }));
    const probes = () => asked.filter((each) => each.method === "GET").length;
    await useSession().resume();
    expect(probes()).toBe(0);
    await useSession().signIn("lin", "secret");
    await useSession().signOut();
    await useSession().resume();
    expect(probes()).toBe(0);
    leaveMark(true);
    await useSession().resume();
    await useSession().resume();
    expect(probes()).toBe(1);
  });

  test("tells a service that cannot be reached from one where nobody is signed in", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed to fetch")));
    const session = useSession();
    await session.resume();
    expect([session.isKnown, session.isUnreachable]).toEqual([false, true]);
  });
});

describe("what the console asks", () => {
  test("goes to the contract's addresses with the contract's bodies", async () => {
    const asked = serve((method) => ({ status: method === "POST" ? 201 : 204, body: { seq: 1, at: "" } }));
    await calls.choosePresence("not_ready", "meal");
    await calls.sendMessage("c1", "m1", "我在");
    await calls.saveScreening("s1", { result: "not_possible", reason: "挂断" });
    expect(asked).toEqual([
      { method: "PUT", path: "/api/presence", body: { choice: "not_ready", reason: "meal" } },
      { method: "POST", path: "/api/contacts/c1/messages", body: { client_id: "m1", words: "我在" } },
      { method: "PUT", path: "/api/sessions/s1/screening", body: { result: "not_possible", reason: "挂断" }, key: expect.any(String) },
    ]);
  });
});
