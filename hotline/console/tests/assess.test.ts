import { flushPromises, mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { AnswerSheet, GivenAnswers, Instrument, Risk, Walked } from "@/api/schema";
import { chooseLocale, i18n } from "@/i18n";
import { instruments } from "@/live/risk";
import AssessPanel from "@/screens/assess/AssessPanel.vue";
import RatingsPanel from "@/screens/assess/RatingsPanel.vue";
import { grouped, offered, sheetsOf, signed, stepBack, still } from "@/screens/assess/sheets";
import { unscreened } from "@/screens/board/queue";
import { useSession } from "@/session";
import { contactCard, ME, serve } from "./fake";

const both = (text: string) => ({ zh: text, en: text });
const yesNo = [{ id: "no", words: both("no") }, { id: "yes", words: both("yes") }];
const item = (id: string, group: string | null = null) => ({ id, ask: both(`${id}?`), group: group === null ? null : both(group), choices: yesNo, number: null });
const rating = (id: string) => ({ id, ask: both(id), group: null, choices: [], number: { least: 0, most: 100 } });
const made = (id: string, given: Partial<Instrument>): Instrument => ({
  id, version: "v1", use: "screener", name: both(id), source: "", may_stay_open: false, off: null, items: [item("thoughts"), item("plan"), item("act")], ...given,
});
const SCREENER = made("screener", {});
const CRITERIA = made("criteria", { use: "criteria", may_stay_open: true });
const SCALE = made("scale", { use: "scale", off: "no weights are entered" });
const RATINGS = made("ratings", { use: "ratings", items: [rating("intent"), rating("distress")] });
const RISK: Risk = {
  level: "low", subject_level: "none_found", subjects: [], assessments: [], moves: [], ratings: { before: {}, after: {}, change: {} },
};

/** As the service walks: a no to the first question leaves out the second. */
function walked(answers: GivenAnswers): Walked {
  const asked = answers.thoughts === "yes" ? ["thoughts", "plan", "act"] : ["thoughts", "act"];
  return {
    asked, next: asked.find((each) => !(each in answers)) ?? null,
    result: { level: "low", score: null, why: [both("wishes to be dead")], unsettled: [], could_be: null },
  };
}

function service() {
  return serve((method, path, body) => {
    if (path === "/api/instruments") return { status: 200, body: { instruments: [SCREENER, CRITERIA, SCALE, RATINGS] } };
    if (path === "/api/instruments/steps") return { status: 200, body: walked((body as { answers: GivenAnswers }).answers) };
    if (path.endsWith("/risk")) return { status: 200, body: RISK };
    return method === "POST" ? { status: 201, body: { id: "new" } } : { status: 204 };
  });
}

beforeEach(() => {
  setActivePinia(createPinia());
  chooseLocale("en");
  instruments.value = [];
  useSession().me = ME;
});
afterEach(() => vi.unstubAllGlobals());

describe("an instrument", () => {
  test("is asked question by question, past those that the service leaves out, and kept with its version", async () => {
    const asked = service();
    const panel = mount(AssessPanel, { props: { contactId: "c1" }, global: { plugins: [i18n] } });
    await flushPromises();
    expect(panel.findAll('[data-testid="instrument"]').map((each) => each.attributes("data-instrument"))).toEqual(["criteria", "screener"]);
    await panel.get('[data-testid="begin-screener"]').trigger("click");
    await flushPromises();
    const order: (string | undefined)[] = [];
    for (let time = 0; time < 2; time += 1) {
      order.push(panel.get('[data-testid="walk-question"]').attributes("data-item"));
      await panel.get('[data-testid="answer-no"] input').setValue(true);
      await flushPromises();
    }
    expect(order).toEqual(["thoughts", "act"]);
    expect(panel.get('[data-testid="walk-result"]').text()).toContain("wishes to be dead");
    await panel.get('[data-testid="walk"]').trigger("submit");
    await flushPromises();
    const kept = asked.find((each) => each.path === "/api/contacts/c1/assessments");
    expect(kept?.body).toEqual({ instrument: "screener", version: "v1", answers: { thoughts: "no", act: "no" }, words: "" });
    expect(kept?.key).toBeDefined();
    expect(panel.emitted("changed")).toHaveLength(1);
    panel.unmount();
  });

  test("goes back one question", async () => {
    service();
    const panel = mount(AssessPanel, { props: { contactId: "c1" }, global: { plugins: [i18n] } });
    await flushPromises();
    await panel.get('[data-testid="begin-screener"]').trigger("click");
    await flushPromises();
    await panel.get('[data-testid="answer-yes"] input').setValue(true);
    await flushPromises();
    expect(panel.get('[data-testid="walk-question"]').attributes("data-item")).toBe("plan");
    await panel.get('[data-testid="walk-back"]').trigger("click");
    await flushPromises();
    expect(panel.get('[data-testid="walk-question"]').attributes("data-item")).toBe("thoughts");
    panel.unmount();
  });
});

describe("ratings", () => {
  test("begin as not asked, and are kept for the moment of the talk", async () => {
    const asked = service();
    const panel = mount(RatingsPanel, { props: { instrument: RATINGS, contactId: "c1", ratings: RISK.ratings }, global: { plugins: [i18n] } });
    await panel.get('[data-testid="ratings-ask"]').trigger("click");
    await panel.get('[data-item="intent"] input[type="range"]').setValue("80");
    await panel.get("form").trigger("submit");
    await flushPromises();
    expect(asked.at(-1)?.body).toEqual({ instrument: "ratings", version: "v1", moment: "before", answers: { intent: 80, distress: "not_asked" } });
    panel.unmount();
  });

  test("show by how much each number has changed, with its sign", () => {
    expect([signed(-50), signed(35), signed(0)]).toEqual(["-50", "+35", "0"]);
    const ratings = { before: { intent: 80, distress: 90 }, after: { intent: 30, distress: "not_asked" }, change: { intent: -50 } };
    const panel = mount(RatingsPanel, { props: { instrument: RATINGS, contactId: "c1", ratings }, global: { plugins: [i18n] } });
    expect(panel.findAll("tbody tr").map((row) => row.findAll("td").map((cell) => cell.text()))).toEqual([["80", "30", "-50"], ["90", "–", "–"]]);
    panel.unmount();
  });
});

describe("sheets", () => {
  test("offer what is on, the hard criteria first, and leave ratings to their own panel", () => {
    expect(offered([SCREENER, SCALE, RATINGS, CRITERIA]).map((each) => each.id)).toEqual(["criteria", "screener"]);
  });

  test("are found by instrument and person, the newest first", () => {
    const sheet = (id: string, subject_id: string | null) => ({ id, subject_id, instrument: SCREENER }) as AnswerSheet;
    const all = [sheet("a", null), sheet("b", "son"), sheet("c", null)];
    expect(sheetsOf(all, "screener", null).map((each) => each.id)).toEqual(["c", "a"]);
    expect(sheetsOf(all, "screener", "son").map((each) => each.id)).toEqual(["b"]);
  });

  test("lose answers to questions that are not asked any more, and the last one on the way back", () => {
    expect(still({ thoughts: "no", plan: "yes" }, ["thoughts", "act"])).toEqual({ thoughts: "no" });
    expect(stepBack(SCREENER.items, { thoughts: "yes", plan: "no" })).toEqual({ thoughts: "yes" });
  });

  test("stand under the headings that they share", () => {
    const groups = grouped([item("a", "Now"), item("b", "Now"), item("c", "Before")]);
    expect(groups.map((each) => [each.heading?.en, each.items.map((one) => one.id)])).toEqual([["Now", ["a", "b"]], ["Before", ["c"]]]);
  });
});

test("the board lists who talks unscreened beyond the time, the longest first, and nobody who was screened", () => {
  const talk = (id: string, overdue: string | null, screening: "asked_denied" | null = null) =>
    contactCard({ contact_id: id, state: "talking", screening_overdue_at: overdue, screening });
  const cards = [talk("b", "2026-11-21T10:12:00Z"), talk("a", "2026-11-21T10:11:00Z"), talk("c", null), talk("d", "2026-11-21T10:10:00Z", "asked_denied")];
  expect(unscreened(cards).map((card) => card.contact_id)).toEqual(["a", "b"]);
});
