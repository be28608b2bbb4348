import { flushPromises, mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FollowUp } from "@/api/afterwards";
import type { Recorded, Restriction, Written } from "@/api/records";
import type { AnswerSheet, Instrument, Risk } from "@/api/schema";
import { i18n } from "@/i18n";
import OwedCalls from "@/screens/afterwards/OwedCalls.vue";
import LevelHistory from "@/screens/assess/LevelHistory.vue";
import Month from "@/screens/month/Month.vue";
import RecordSheet from "@/screens/records/RecordSheet.vue";
import RestrictionList from "@/screens/records/RestrictionList.vue";
import { dayFrom, daysUntil, monthsBack, withBefore } from "@/screens/records/written";
import { useSession } from "@/session";
import { ME, serve } from "./fake";

const LI = { id: "li", name: "李" };
const CLOSED: Written = {
  disposition: "counselling", outcome: "calmer", age_band: null, region: null, problem_types: ["grief"], marks: [],
  summary: { words: "", facts: "和父母住", judgment: "", unknowns: "" },
};
const global = { plugins: [i18n] };

function signedIn(...permissions: string[]): void {
  useSession().me = { ...ME, permissions };
}

describe("records, restrictions, the month, old answers and calls by hand", () => {
  beforeEach(() => setActivePinia(createPinia()));
  afterEach(() => vi.unstubAllGlobals());

  it("keeps what stood in a record before each amendment", () => {
    const base = { codes: null, reason: "", at: "", by: LI };
    const [first, second, third] = withBefore(CLOSED, [
      { ...base, id: "1", field: "facts", text: "独居" }, { ...base, id: "2", field: "problem_types", codes: ["grief", "love"], text: null },
      { ...base, id: "3", field: "facts", text: "和室友住" },
    ]);
    expect([first?.before, second?.before, third?.before]).toEqual(["和父母住", ["grief"], "独居"]);
    expect(third?.after).toBe("和室友住");
  });

  it("counts months and days by the calendar", () => {
    expect(monthsBack("2026-02", 4)).toEqual(["2026-02", "2026-01", "2025-12", "2025-11"]);
    expect(dayFrom(new Date(2028, 1, 28), 1)).toBe("2028-02-29");
    expect(daysUntil(new Date(2026, 11, 31, 23, 59), "2027-01-02")).toBe(2);
  });

  it("shows an amended record with its old words, and says when the chain does not hold", async () => {
    signedIn("record.amend");
    const found: Recorded = {
      session_id: "s1", contact_id: "c1", state: "closed", closed_at: "2026-11-20T10:00:00Z", counselor: LI, as_closed: CLOSED,
      as_read: { ...CLOSED, summary: { ...CLOSED.summary, facts: "独居" } }, actions: [],
      amendments: [{ id: "a", field: "facts", codes: null, text: "独居", reason: "听错了", at: "2026-11-21T10:00:00Z", by: LI }],
      proof: { links: 2, holds: false, seq: 7, mark: "abcd" },
    };
    const asked = serve((method) => (method === "GET" ? { status: 200, body: found } : { status: 204 }));
    const shown = mount(RecordSheet, { props: { sessionId: "s1" }, global });
    await flushPromises();
    expect(shown.find("[data-field=facts]").text()).toContain("独居");
    expect(shown.find("[data-testid=amendment] del").text()).toBe("和父母住");
    expect(shown.find("[data-testid=record-proof]").text()).toContain(i18n.global.t("papers.proof.broken"));
    await shown.find("[data-testid=amend-text] textarea, textarea[data-testid=amend-text]").setValue("和姐姐住");
    await shown.find("input[data-testid=amend-reason]").setValue("核对过");
    await shown.find("[data-testid=amend] form").trigger("submit");
    await flushPromises();
    expect(asked.find((each) => each.method === "POST")).toEqual({
      method: "POST", path: "/api/sessions/s1/amendments", body: { field: "facts", text: "和姐姐住", reason: "核对过" },
    });
  });

  it("lets a second person agree to a restriction, never the one who asked", async () => {
    signedIn("restriction.review");
    const one: Restriction = {
      id: "r1", contact_id: "c1", kind: "blocked", state: "proposed", is_in_effect: false, reason: "辱骂", by: LI, approved_by: null,
      made_at: "2026-11-20T10:00:00Z", review_on: "2026-11-27", ends_at: "2026-11-27T16:00:00Z",
    };
    const own: Restriction = { ...one, id: "r2", by: { id: ME.staff.id, name: "" } };
    const asked = serve((method) => (method === "GET" ? { status: 200, body: { restrictions: [one, own] } } : { status: 204 }));
    const shown = mount(RestrictionList, { global });
    await flushPromises();
    const agree = shown.findAll("[data-testid=restriction-approve]");
    expect(agree).toHaveLength(1);
    await agree[0]?.trigger("click");
    await flushPromises();
    expect(asked.some((each) => each.path === "/api/restrictions/r1/approval")).toBe(true);
  });

  it("tells the month of the centre that is chosen, and why a figure is not told", async () => {
    const asked = serve((_, path) => path === "/api/reports/centres"
      ? { status: 200, body: { centres: [{ id: "z1", name: "示范中心", parent_id: null, month: "2026-11" }] } }
      : { status: 200, body: {
        centre_id: "z1", centre: "示范中心", month: "2026-10", definitions: "2026-11", begins_at: "", ends_at: "", put_away_at: null,
        cells: [{ name: "in", count: 120 }, { name: "repeat", count: null }], problems: [{ name: "grief", count: 9 }],
        rates: [{ name: "connection_rate", percent: 91.7 }],
      } });
    const shown = mount(Month, { global });
    await flushPromises();
    await flushPromises();
    expect(asked.at(-1)?.path).toBe("/api/reports/months/2026-10");
    expect(shown.find("[data-cell=in] td").text()).toBe("120");
    expect(shown.find("[data-cell=repeat] td").text()).toBe(i18n.global.t("papers.month.withheld"));
    expect(shown.find("[data-testid=month-withheld]").exists()).toBe(true);
    expect(shown.find("[data-testid=month-keep]").exists()).toBe(true);
  });

  it("opens the answers of the day from the move that they made, in the words of then", async () => {
    const instrument = {
      id: "screener", version: "0123456789", use: "screener", name: { zh: "筛查", en: "Screener" }, source: "", may_stay_open: false, off: null,
      items: [{ id: "q1", ask: { zh: "旧题", en: "Old question" }, group: null, choices: [{ id: "yes", words: { zh: "是", en: "Yes" } }], number: null }],
    } as Instrument;
    const at = "2026-11-20T10:00:00Z";
    const sheet: AnswerSheet = {
      id: "a1", instrument, moment: "during", subject_id: null, supersedes: null, by: LI, at, answers: { q1: "yes" }, level: "high",
      score: null, why: [], words: null,
    };
    const moves: Risk["moves"] = [{ at, before: "unknown", after: "high", subject_id: null, by: LI, source: "instrument", basis: null, reason: null }];
    const shown = mount(LevelHistory, { props: { moves, subjects: [], sheets: [sheet] }, global });
    await shown.find("[data-testid=move-answers]").trigger("click");
    const told = shown.find("[data-testid=level-move] [data-testid=answer-sheet]");
    expect(told.attributes("data-version")).toBe("01234567");
    expect(told.find("[data-item=q1]").text()).toMatch(/Yes|是/);
  });

  it("plans a call by hand only for a caller who has agreed", async () => {
    const asked = serve(() => ({ status: 204 }));
    const due = { id: "f1", contact_id: "c0", step: "d7", state: "due", next_at: "2026-11-27T10:00:00Z", result: null } as FollowUp;
    const shown = mount(OwedCalls, { props: { contactId: "c1", followUps: [due], isAgreed: false }, global });
    expect(shown.find("[data-testid=by-hand-add]").attributes("disabled")).toBeDefined();
    expect(shown.find("[data-testid=owed-call]").text()).toContain(i18n.global.t("papers.byHand.elsewhere"));
    await shown.setProps({ isAgreed: true });
    await shown.find("[data-testid=by-hand-day]").setValue(dayFrom(new Date(), 3));
    await shown.find("form").trigger("submit");
    await flushPromises();
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ method: "POST", path: "/api/contacts/c1/follow-ups", body: { days: 3 } });
    expect(shown.emitted("added")).toHaveLength(1);
  });
});
