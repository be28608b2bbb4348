import { flushPromises, mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Card, DispatchCard, OpeningCard, TaskCard } from "@/api/cards";
import { i18n } from "@/i18n";
import { helpMark, owedMark } from "@/live/duties";
import { useLive } from "@/live/store";
import HelpPanel from "@/screens/help/HelpPanel.vue";
import Tasks from "@/screens/tasks/Tasks.vue";
import { useSession } from "@/session";
import { ME, serve } from "./fake";

const AT = "2026-11-21T10:00:00Z";
const task: TaskCard = {
  type: "task", id: "task:t1", task_id: "t1", contact_id: "c1", kind: "debrief", state: "open", role: "supervisor", due_at: AT, climbs: 0,
  assigned_to: null, asked_by: null,
};
const dispatch: DispatchCard = {
  type: "dispatch", id: "dispatch:d1", dispatch_id: "d1", contact_id: "c1", agency: "110", state: "open", called_at: AT, reminders: 0,
  next_reminder_at: null, location_source: null, location_confidence: null,
};
const opening: OpeningCard = { type: "opening", id: "opening:o1", opening_id: "o1", contact_id: "c2", state: "asked", asked_by: "lin", asked_at: AT };
const shows = (...cards: Card[]) => useLive().put({ kind: "cards", cursor: "1", at: AT, cards, gone: [] });
const goes = (...gone: string[]) => useLive().put({ kind: "cards", cursor: "2", at: AT, cards: [], gone });

describe("what is owed and who is on the way", () => {
  beforeEach(() => {
    setActivePinia(createPinia());
    useSession().me = { ...ME, permissions: ["dispatch.make", "task.see", "number.approve"] };
    useLive().put({ kind: "snapshot", cursor: "0", at: AT, cards: [] });
  });
  afterEach(() => vi.unstubAllGlobals());

  it("has a mark that moves with what concerns it, and with nothing else", () => {
    const before = owedMark([task, dispatch]);
    expect(owedMark([dispatch, task])).toBe(before);
    expect(owedMark([{ ...task, climbs: 1 }])).not.toBe(before);
    expect(helpMark([task, dispatch, opening], "c1")).toBe(helpMark([dispatch], "c1"));
    expect(helpMark([dispatch], "c1")).not.toBe(helpMark([{ ...dispatch, reminders: 1 }], "c1"));
  });

  it("is asked for again as soon as a card comes, changes or goes, without waiting for a clock", async () => {
    const asked = serve((_, path) => ({ status: 200, body: path.endsWith("openings") ? { openings: [] } : { tasks: [] } }));
    mount(Tasks, { global: { plugins: [i18n], stubs: { ContactDrawer: true } } });
    await flushPromises();
    const times = () => asked.filter((each) => each.path === "/api/tasks").length;
    expect(times()).toBe(1);
    shows(task);
    await flushPromises();
    shows({ ...task, assigned_to: "me" }, opening);
    await flushPromises();
    goes("task:t1");
    await flushPromises();
    expect(times()).toBe(4);
    shows(dispatch);
    await flushPromises();
    expect(times()).toBe(4);
  });

  it("shows help on the way to a contact that is over as it changes", async () => {
    const asked = serve(() => ({ status: 200, body: { dispatches: [], clues: [], openings: [], has_number: false, is_anonymous: false, may_be_switchboard: false } }));
    mount(HelpPanel, { props: { contactId: "c1", level: "high", card: {} }, global: { plugins: [i18n] } });
    await flushPromises();
    shows(dispatch);
    await flushPromises();
    goes("dispatch:d1");
    await flushPromises();
    shows(opening);
    await flushPromises();
    expect(asked.map((each) => each.path)).toEqual(Array(3).fill("/api/contacts/c1/help"));
  });
});
