import { flushPromises, mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AssistCard } from "@/api/cards";
import * as tone from "@/base/tone";
import { i18n } from "@/i18n";
import { useLive } from "@/live/store";
import AssistAlarm from "@/screens/assist/AssistAlarm.vue";
import AssistButton from "@/screens/assist/AssistButton.vue";
import AssistItem from "@/screens/assist/AssistItem.vue";
import { waitingFirst } from "@/screens/assist/order";
import { useSession } from "@/session";
import { ME, serve } from "./fake";

vi.mock("vue-router", () => ({ useRouter: () => ({ push: () => undefined }) }));

const asked = (given: Partial<AssistCard> = {}): AssistCard => ({
  type: "assist", id: "assist:a1", assist_id: "a1", contact_id: "c1", session_id: "s1", counselor: { id: "lin", name: "林静怡" },
  reason: "cannot_go_on", has_words: true, state: "asked", asked_at: "2026-11-21T10:00:00Z", rung: 1, next_at: "2026-11-21T10:00:30Z",
  taker: null, taken_at: null, ...given,
});
const taken = asked({ state: "taken", taker: { id: "me", name: "孙敏" }, taken_at: "2026-11-21T10:00:20Z", next_at: null });
const shows = (...cards: AssistCard[]) => useLive().put({ kind: "snapshot", cursor: "0", at: "2026-11-21T10:00:10Z", cards });
const global = { plugins: [i18n] };

describe("a counselor who asks for a supervisor", () => {
  beforeEach(() => {
    setActivePinia(createPinia());
    useSession().me = { ...ME, permissions: ["board.watch", "escalation.acknowledge"] };
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  it("needs no form: a reason is one press, with words or without", async () => {
    const requests = serve(() => ({ status: 201, body: { assist_id: "a1" } }));
    mount(AssistButton, { props: { sessionId: "s1" }, global, attachTo: document.body });
    document.querySelector<HTMLElement>("[data-testid=assist]")?.click();
    await flushPromises();
    document.querySelector<HTMLElement>("[data-testid=assist-cannot_go_on]")?.click();
    await flushPromises();
    expect(requests).toEqual([{ method: "POST", path: "/api/sessions/s1/assists", body: { reason: "cannot_go_on", words: "" } }]);
  });

  it("sees at once that somebody is called, then who comes, and can call again or withdraw", async () => {
    const requests = serve(() => ({ status: 204 }));
    shows(asked());
    const shown = mount(AssistButton, { props: { sessionId: "s1" }, global });
    expect(shown.find("[data-testid=assist-again]").exists()).toBe(false);
    shows(taken);
    await flushPromises();
    expect(shown.text()).toContain("孙敏");
    await shown.find("[data-testid=assist-again]").trigger("click");
    await flushPromises();
    await shown.find("[data-testid=assist-withdraw]").trigger("click");
    await flushPromises();
    expect(requests.map((each) => each.path)).toEqual(["/api/assists/a1/return", "/api/assists/a1/withdrawal"]);
    shows();
    await flushPromises();
    expect(shown.find("[data-testid=assist-standing]").exists()).toBe(false);
  });

  it("sounds at a supervisor's desk until somebody comes, and again when whoever came cannot", async () => {
    const [start, stop] = [vi.spyOn(tone, "startCall"), vi.spyOn(tone, "stopCall")];
    const shown = mount(AssistAlarm, { global });
    expect(shown.find("[data-testid=assist-alarm]").exists()).toBe(false);
    shows(asked());
    await flushPromises();
    expect(shown.text()).toContain("林静怡");
    expect(start).toHaveBeenCalledTimes(1);
    await shown.find("[data-testid=assist-silence]").trigger("click");
    expect(stop).toHaveBeenCalled();
    shows(taken);
    await flushPromises();
    expect(shown.find("[data-testid=assist-alarm]").exists()).toBe(false);
    shows(asked());
    await flushPromises();
    expect(start).toHaveBeenCalledTimes(2);
    shown.unmount();
  });

  it("rings at no desk of those who may not come, nor at one's own", async () => {
    const start = vi.spyOn(tone, "startCall");
    useSession().me = { ...ME, permissions: ["contact.answer"] };
    shows(asked());
    mount(AssistAlarm, { global }).unmount();
    useSession().me = { ...ME, permissions: ["escalation.acknowledge"] };
    shows(asked({ counselor: { id: "me", name: "林静怡" } }));
    mount(AssistAlarm, { global }).unmount();
    expect(start).not.toHaveBeenCalled();
  });

  it("is taken with one press, its words are read on asking, and ended by who came", async () => {
    const requests = serve((method) => (method === "GET" ? { status: 200, body: { words: "来人" } } : { status: 204 }));
    const shown = mount(AssistItem, { props: { card: asked() }, global });
    await shown.find("[data-testid=assist-take]").trigger("click");
    await flushPromises();
    await shown.find("[data-testid=assist-read]").trigger("click");
    await flushPromises();
    expect(shown.find("[data-testid=assist-said]").text()).toBe("来人");
    await shown.setProps({ card: taken });
    expect(shown.find("[data-testid=assist-take]").exists()).toBe(false);
    await shown.find("[data-testid=assist-end]").trigger("click");
    await flushPromises();
    expect(requests.map((each) => each.path)).toEqual(["/api/assists/a1/taking", "/api/assists/a1", "/api/assists/a1/ending"]);
  });

  it("stands above those to whom somebody is on the way", () => {
    const late = asked({ id: "late", asked_at: "2026-11-21T10:05:00Z" });
    expect(waitingFirst([taken, late, asked()]).map((card) => card.id)).toEqual(["assist:a1", "late", "assist:a1"]);
  });
});
