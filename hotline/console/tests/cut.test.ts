import { mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { nextTick } from "vue";
import type { Card, ContactCard, CounselorCard } from "@/api/cards";
import { chooseLocale, i18n } from "@/i18n";
import { useLive } from "@/live/store";
import ChatPanel from "@/screens/desk/ChatPanel.vue";
import PresenceBar from "@/screens/desk/PresenceBar.vue";
import RiskPanel from "@/screens/desk/RiskPanel.vue";
import EscalationItem from "@/screens/escalations/EscalationItem.vue";
import UnpagedBanner from "@/screens/shell/UnpagedBanner.vue";
import { useSession } from "@/session";
import { contactCard, FakePorts, ME, serve } from "./fake";

const AT = "2026-11-21T10:00:00Z";
let ports: FakePorts;

const lin = (given: Partial<CounselorCard>): CounselorCard => ({
  type: "counselor", id: "counselor:me", staff_id: "me", name: "林静怡", state: "engaged", reason: null, since: AT, choice: "ready",
  languages: [], skills: [], chats: 1, chat_capacity: 2, voice: false, free_at: null, ...given,
});
const talk = (contact_id: string, given: Partial<ContactCard> = {}) =>
  contactCard({ contact_id, state: "talking", counselor_id: "me", answered_at: AT, ...given });

function snapshot(...cards: Card[]): void {
  ports.last.opens();
  ports.last.says({ kind: "snapshot", cursor: "1", at: AT, cards });
}
async function backAfterACut(...cards: Card[]): Promise<void> {
  ports.last.dies(1006);
  await nextTick();
  useLive().reopen();
  snapshot(...cards);
  await nextTick();
}
const shown = (component: Parameters<typeof mount>[0], props: Record<string, unknown> = {}) =>
  mount(component, { props, global: { plugins: [i18n] } });

beforeEach(() => {
  setActivePinia(createPinia());
  chooseLocale("en");
  ports = new FakePorts();
  useSession().me = ME;
  useLive().start(3, () => undefined, ports);
});
afterEach(() => {
  useLive().stop();
  vi.unstubAllGlobals();
});

describe("a counselor who comes back from a cut", () => {
  const line = '[data-testid="presence-taken"]';

  test("is told in a line what became of her chat, until she has read it", async () => {
    snapshot(lin({}), talk("a"));
    const bar = shown(PresenceBar);
    await backAfterACut(lin({ state: "not_ready", reason: "console", choice: "not_ready" }));
    expect(bar.get(line).text()).toContain("went back to the line, at its old place");
    await bar.get('[data-testid="presence-taken-dismiss"]').trigger("click");
    expect(bar.find(line).exists()).toBe(false);
    await backAfterACut(lin({ state: "not_ready", reason: "console", choice: "not_ready" }));
    expect(bar.find(line).exists()).toBe(false);
  });

  test("is told on a page loaded anew, and no longer once she is ready", async () => {
    snapshot(lin({ state: "not_ready", reason: "console", choice: "not_ready" }));
    const bar = shown(PresenceBar);
    expect(bar.get(line).attributes("data-away")).toBe("console");
    ports.last.says({ kind: "cards", cursor: "2", at: AT, cards: [lin({ state: "ready", choice: "ready" })], gone: [] });
    await nextTick();
    expect(bar.find(line).exists()).toBe(false);
  });

  test("is told although she writes the record of another, when only one of two was taken back", async () => {
    snapshot(lin({ chats: 2 }), talk("a"), talk("b", { state: "wrapping" }));
    const bar = shown(PresenceBar);
    await backAfterACut(lin({ state: "wrapping", choice: "not_ready" }), talk("b", { state: "wrapping" }));
    expect(bar.get(line).attributes("data-away")).toBe("console");
  });

  test("is told nothing when her contact is still with her", async () => {
    snapshot(lin({}), talk("a"));
    const bar = shown(PresenceBar);
    await backAfterACut(lin({}), talk("a", { state: "wrapping" }));
    expect(bar.find(line).exists()).toBe(false);
  });

  test("has her unsent words sent by themselves", async () => {
    vi.useFakeTimers();
    snapshot(lin({}), talk("a"));
    const panel = shown(ChatPanel, { card: talk("a"), detail: null, messages: [] });
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed to fetch")));
    await panel.get("textarea").setValue("我在");
    await panel.get("form").trigger("submit");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(panel.find('[data-state="failed"]').exists()).toBe(true);
    const asked = serve(() => ({ status: 201, body: { seq: 1, at: AT } }));
    vi.useRealTimers();
    await backAfterACut(lin({}), talk("a"));
    await vi.waitFor(() => expect(panel.find('[data-state="sent"]').exists()).toBe(true));
    expect(asked.map((each) => each.path)).toEqual(["/api/contacts/a/messages"]);
    panel.unmount();
  });
});

describe("while no worker is at work", () => {
  const escalation: Card = {
    type: "escalation", id: "escalation:e", escalation_id: "e", contact_id: "a", level: "high", state: "paged", rung: 0, round: 0,
    declared_at: AT, acknowledge_by: AT, next_rung_at: AT, owner: null, counselor_id: "me", cause: { source: "rule", reason: { zh: "", en: "" } },
  };
  const beat = (workers_silent_seconds: number | null) => ports.last.says({ kind: "beat", at: AT, workers_silent_seconds });

  test("every screen says loudly that people have to call people, and stops when one is back", async () => {
    snapshot();
    const banner = shown(UnpagedBanner);
    expect(banner.text()).toBe("");
    beat(73);
    await nextTick();
    expect(banner.text()).toContain("Nobody is being paged");
    expect(banner.text()).toContain("73 s");
    expect(banner.text()).toContain("Call the crisis team yourself; tell the operator.");
    chooseLocale("zh-CN");
    await nextTick();
    expect(banner.text()).toContain("73 秒");
    beat(null);
    await nextTick();
    expect(banner.text()).toBe("");
  });

  test("no escalation is said to be paged, neither on the board nor at the desk", async () => {
    snapshot(talk("a"), escalation);
    const item = shown(EscalationItem, { card: escalation, names: new Map() });
    const panel = shown(RiskPanel, { card: talk("a"), detail: null, messages: [] });
    expect([item.text(), panel.text()].map((text) => /being (paged|called)/i.test(text))).toEqual([true, true]);
    beat(11);
    await nextTick();
    for (const each of [item, panel]) {
      expect(each.text()).toContain("Nobody is being paged");
      expect(each.text()).not.toMatch(/Being paged|· being paged|Next rung/);
    }
  });
});
