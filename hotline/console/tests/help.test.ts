import { flushPromises, mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Dispatch, Help, Task } from "@/api/schema";
import { i18n } from "@/i18n";
import HelpPanel from "@/screens/help/HelpPanel.vue";
import TaskItem from "@/screens/tasks/TaskItem.vue";
import { useSession } from "@/session";
import { ME, serve } from "./fake";

const sent: Dispatch = {
  id: "d1", agency: "110", consent: "not_needed_attempt_in_progress", state: "open", made_by: { id: "me", name: "林静怡" },
  called_at: "2026-11-21T10:00:00Z", next_reminder_at: "2026-11-21T10:10:00Z", reminders: 2, options_tried: null, caller_answer: null,
  ground: null, contact_person: "王警官", reference: null, location: null, location_source: null, location_confidence: null, result: null,
  closed_at: null, closed_by: null, words: null,
};
const nothing: Help = { dispatches: [], clues: [], openings: [], has_number: true, is_anonymous: true, may_be_switchboard: true };
const task: Task = {
  id: "t1", kind: "mandatory_report", contact_id: "c1", state: "open", role: "counselor", made_at: "2026-11-21T10:00:00Z",
  due_at: "2026-11-21T10:00:00Z", climbs: 1, reason: null, made_by: null, assigned_to: null, asked_by: null, is_mine: false, is_barred: false,
};

describe("help at a counselor's desk", () => {
  beforeEach(() => {
    setActivePinia(createPinia());
    useSession().me = { ...ME, permissions: [...ME.permissions, "dispatch.make", "task.see"] };
  });

  it("is called for with one press in an attempt, without a form, and stays open until somebody confirms", async () => {
    let help = nothing;
    const asked = serve((method) => {
      if (method === "POST") help = { ...nothing, dispatches: [sent] };
      return { status: method === "POST" ? 201 : 200, body: method === "POST" ? { id: "d1" } : help };
    });
    const shown = mount(HelpPanel, { props: { contactId: "c1", level: "imminent", card: {} }, global: { plugins: [i18n] } });
    await flushPromises();
    await shown.find("[data-testid=help-110]").trigger("click");
    await flushPromises();
    const post = asked.find((each) => each.method === "POST");
    expect(post?.body).toEqual({ agency: "110", consent: "not_needed_attempt_in_progress" });
    expect(post?.key).toBeTruthy();
    expect(shown.find("[data-testid=dispatch-110]").text()).toContain("王警官");
    expect(shown.find("[data-testid=dispatch-reminded]").exists()).toBe(true);
  });

  it("marks a number that may be a switchboard's, and shows none before two have agreed", async () => {
    serve(() => ({ status: 200, body: nothing }));
    const shown = mount(HelpPanel, { props: { contactId: "c1", level: "low", card: {} }, global: { plugins: [i18n] } });
    await flushPromises();
    expect(shown.find("[data-testid=switchboard]").exists()).toBe(true);
    expect(shown.find("[data-testid=number-ask]").exists()).toBe(true);
    expect(shown.find("[data-testid=number-look]").exists()).toBe(false);
  });

  it("shows a late task as late, and sends away none that the law wants without somebody's asking", async () => {
    const asked = serve((method) => (method === "GET" ? { status: 200, body: { task, report: null, asked_reason: null, words: null, agency: null, reported_at: null, reference: null, closed_at: null, closed_by: null } } : { status: 204 }));
    const shown = mount(TaskItem, { props: { task }, global: { plugins: [i18n] } });
    expect(shown.classes()).toContain("late");
    await shown.find("[data-testid=task-open]").trigger("click");
    await flushPromises();
    await shown.find("[data-testid=task-reason]").setValue("成年人");
    await shown.findAll("form").at(-1)?.trigger("submit");
    await flushPromises();
    expect(asked.map((each) => each.path)).toContain("/api/tasks/t1/dismissal-request");
    vi.unstubAllGlobals();
  });
});
