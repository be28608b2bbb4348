import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { after, Listeners, type Phone, type PhoneEvents, type PhoneState, type PhoneStep } from "@/phone/phone";
import { told } from "@/phone/heard";
import { PracticePhone } from "@/phone/practice";
import { usePhone } from "@/phone/store";
import { serve } from "./fake";

const STATES: PhoneState[] = ["idle", "connecting", "talking", "ended", "fault"];
const STEPS: PhoneStep[] = ["connect", "connected", "ended", "fault", "forget"];

class FakePhone implements Phone {
  readonly told = new Listeners();
  asked: string[] = [];
  async ready(): Promise<void> {}
  async connect({ offer }: { offer: string }): Promise<void> {
    this.asked.push(`connect ${offer}`);
  }
  async hangUp(): Promise<void> {
    this.asked.push("hang up");
  }
  mute(on: boolean): void {
    this.asked.push(`mute ${on}`);
  }
  on<Name extends keyof PhoneEvents>(name: Name, tell: PhoneEvents[Name]): void {
    this.told.on(name, tell);
  }
  close(): void {}
}

beforeEach(() => setActivePinia(createPinia()));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  sessionStorage.clear();
});

describe("the phone's states", () => {
  test("are left only by steps of the table", () => {
    const moves = STATES.flatMap((state) => STEPS.map((step) => [state, step, after(state, step)] as const)).filter(([, , to]) => to !== null);
    expect(moves).toEqual([
      ["idle", "connect", "connecting"], ["idle", "fault", "fault"],
      ["connecting", "connected", "talking"], ["connecting", "ended", "ended"], ["connecting", "fault", "fault"],
      ["talking", "ended", "ended"], ["talking", "fault", "fault"],
      ["ended", "connect", "connecting"], ["ended", "forget", "idle"],
      ["fault", "connect", "connecting"], ["fault", "forget", "idle"],
    ]);
  });
});

describe("the desk's phone", () => {
  test("connects for an offer, talks, and is over when the other side ends", async () => {
    const [phone, made] = [usePhone(), new FakePhone()];
    phone.use(made);
    await phone.connect("contact", "offer");
    expect([made.asked, phone.state, phone.contactId]).toEqual([["connect offer"], "connecting", "contact"]);
    made.told.tell("connected");
    expect(phone.state).toBe("talking");
    made.told.tell("ended");
    expect(phone.state).toBe("ended");
    made.told.tell("connected");
    expect(phone.state).toBe("ended");
  });

  test("remembers which offer a contact came by, so that a page loaded anew can connect again", async () => {
    const phone = usePhone();
    phone.use(new FakePhone());
    await phone.connect("contact", "offer");
    setActivePinia(createPinia());
    expect(usePhone().offerOf("contact")).toBe("offer");
    expect(usePhone().state).toBe("idle");
    phone.forget("contact");
    expect(usePhone().offerOf("contact")).toBeNull();
  });

  test("shows a fault when it cannot connect", async () => {
    const [phone, made] = [usePhone(), new FakePhone()];
    made.connect = () => Promise.reject(new Error("no"));
    phone.use(made);
    await phone.connect("contact", "offer");
    expect([phone.state, phone.fault]).toEqual(["fault", "connect"]);
  });
});

describe("what is heard", () => {
  const heard = (kind: string, text: string) => told({ at: "", kind, text });

  test("names who is in the conversation, never a room or an address", () => {
    expect(heard("room", "in room c_0190 with: caller, supervisor (muted)")).toEqual({
      kind: "room", who: [{ name: "caller", isMuted: false }, { name: "supervisor", isMuted: true }], text: "",
    });
    expect(heard("room", "in room c_0190 with: nobody").kind).toBe("alone");
    expect(heard("ended", "completed").kind).toBe("ended");
  });

  test("is shown as it came when its kind is new", () => {
    expect(heard("whisper", "psst")).toEqual({ kind: null, who: [], text: "psst" });
  });
});

describe("the practice phone", () => {
  test("places the call on the exchange, says what is heard, and hangs up there", async () => {
    vi.useFakeTimers();
    let status = "ringing";
    const asked = serve((method, path) => {
      if (method === "POST") return { status: 200, body: { sid: "CA1" } };
      return path === "/practice/calls/CA1" ? { status: 200, body: { status, hears: { at: "", kind: "talk", text: "喂？" }, transcript: [] } } : { status: 404 };
    });
    const said: string[] = [];
    const phone = new PracticePhone("http://exchange.test", "counselor one");
    phone.on("connected", () => said.push("connected"));
    phone.on("heard", (now) => said.push(now?.text ?? ""));
    phone.on("ended", () => said.push("ended"));
    await phone.connect({ offer: "offer" });
    expect(asked[0]).toEqual({ method: "POST", path: "/practice/clients/counselor%20one/connect", body: { params: { offer: "offer" } } });
    await vi.advanceTimersByTimeAsync(500);
    status = "in-progress";
    await vi.advanceTimersByTimeAsync(500);
    expect(said).toEqual(["喂？", "connected", "喂？"]);
    await phone.hangUp();
    expect(said.at(-1)).toBe("ended");
    expect(asked.at(-1)).toMatchObject({ method: "POST", path: "/practice/calls/CA1/hangup" });
    const many = asked.length;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asked.length).toBe(many);
  });

  test("ends when the exchange says that the call is over", async () => {
    vi.useFakeTimers();
    serve((method) => (method === "POST" ? { status: 200, body: { sid: "CA1" } } : { status: 200, body: { status: "completed", hears: null, transcript: [] } }));
    const said: string[] = [];
    const phone = new PracticePhone("http://exchange.test", "one");
    phone.on("ended", () => said.push("ended"));
    await phone.connect({ offer: "offer" });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(said).toEqual(["ended"]);
  });

  test("gives up after three seconds in which the exchange does not answer", async () => {
    vi.useFakeTimers();
    serve((method) => (method === "POST" ? { status: 200, body: { sid: "CA1" } } : { status: 500 }));
    const said: string[] = [];
    const phone = new PracticePhone("http://exchange.test", "one");
    phone.on("fault", (code) => said.push(code));
    await phone.connect({ offer: "offer" });
    await vi.advanceTimersByTimeAsync(4_000);
    expect(said).toEqual(["exchange_lost"]);
  });
});
