import { describe, expect, test } from "vitest";
import { openedAt, type EscalationCard } from "@/api/cards";
import { heldBy, wouldGoBack } from "@/live/held";
import { answerRate, bandsOf, inHand, lengthOf } from "@/screens/board/queue";
import { ordered } from "@/screens/escalations/order";
import { contactCard } from "./fake";

const at = (minute: number) => `2026-11-21T10:${String(minute).padStart(2, "0")}:00Z`;

describe("the board", () => {
  test("shows who waits by the band they rank in, oldest first, with the oldest wait of each", () => {
    const bands = bandsOf([
      contactCard({ contact_id: "late", effective_band: 3, joined_at: at(9) }),
      contactCard({ contact_id: "early", effective_band: 3, joined_at: at(1) }),
      contactCard({ contact_id: "crisis", effective_band: 0, joined_at: at(8) }),
      contactCard({ contact_id: "aged", band: 3, effective_band: 2, joined_at: at(0), state: "offered" }),
      contactCard({ contact_id: "talking", state: "talking" }),
      contactCard({ contact_id: "greeting", state: "arriving" }),
    ]);
    expect(bands.map((band) => [band.number, band.waiting.map((card) => card.contact_id), band.oldestAt])).toEqual([
      [0, ["crisis"], at(8)], [1, [], null], [2, ["aged"], at(0)], [3, ["early", "late"], at(1)],
    ]);
  });

  test("shows one of a crowd behind those who come before it, and its wait as it is", () => {
    const [, , , last] = bandsOf([
      contactCard({ contact_id: "crowd", joined_at: at(1), behind_seconds: 900, flags: ["crowded"] }),
      contactCard({ contact_id: "before", joined_at: at(15) }),
      contactCard({ contact_id: "after", joined_at: at(17) }),
    ]);
    expect(last?.waiting.map((card) => card.contact_id)).toEqual(["before", "crowd", "after"]);
    expect(last?.oldestAt).toBe(at(1));
  });

  test("shows those with a counselor gravest first", () => {
    const held = inHand([
      contactCard({ contact_id: "calm", state: "talking", band: 3 }),
      contactCard({ contact_id: "grave", state: "wrapping", band: 0 }),
      contactCard({ contact_id: "waiting" }),
    ]);
    expect(held.map((card) => card.contact_id)).toEqual(["grave", "calm"]);
  });

  test("gives no answer rate before the first contact has ended", () => {
    const health = { type: "health" as const, id: "health:centre", waiting: 0, oldest_joined_at: null, on_duty: 1, faults: [] };
    expect(answerRate({ ...health, answered_today: 0, abandoned_today: 0 })).toBeNull();
    expect(answerRate({ ...health, answered_today: 19, abandoned_today: 1 })).toBe(95);
    expect(answerRate(undefined)).toBeNull();
  });
});

describe("a contact in hand", () => {
  test("is counted from the answer of now: one by an earlier counselor does not count", () => {
    const put = { contact_id: "back", answered_at: at(1) };
    expect(openedAt(contactCard({ ...put, state: "waiting", opened_at: null }))).toBeNull();
    expect(openedAt(contactCard({ ...put, state: "connecting", opened_at: null }))).toBeNull();
    expect(openedAt(contactCard({ ...put, state: "talking", opened_at: at(7) }))).toBe(at(7));
    expect(openedAt(contactCard({ ...put, state: "wrapping", opened_at: null }))).toBe(at(1));
  });

  test("goes back to the queue when its counselor leaves, unless the talk is over", () => {
    const cards = [
      contactCard({ contact_id: "talk", state: "talking", counselor_id: "lin", arrived_at: at(2) }),
      contactCard({ contact_id: "record", state: "wrapping", counselor_id: "lin", arrived_at: at(1) }),
      contactCard({ contact_id: "other", state: "talking", counselor_id: "wu" }),
      contactCard({ contact_id: "queue", state: "waiting", counselor_id: null }),
    ];
    const held = heldBy(cards, "lin");
    expect(held.map((card) => card.contact_id)).toEqual(["record", "talk"]);
    expect(wouldGoBack(held).map((card) => card.contact_id)).toEqual(["talk"]);
    expect(heldBy(cards, undefined)).toEqual([]);
  });
});

describe("open escalations", () => {
  const card = (id: string, given: Partial<EscalationCard>): EscalationCard => ({
    type: "escalation", id, escalation_id: id, contact_id: "c", level: "high", state: "paged", rung: 0, round: 0,
    declared_at: at(0), acknowledge_by: at(5), next_rung_at: null, owner: null, counselor_id: null,
    cause: { source: "rule", reason: { zh: "", en: "" } }, ...given,
  });

  test("come first when nobody has them or they have stalled, then by level, then the oldest; ended ones are gone", () => {
    const shown = ordered([
      card("taken", { state: "acknowledged", declared_at: at(1) }),
      card("grave", { state: "contact_made", level: "imminent", declared_at: at(9) }),
      card("settled", { state: "resolved", declared_at: at(2) }),
      card("later", { declared_at: at(8) }),
      card("sooner", { declared_at: at(6), state: "raised" }),
      card("gravest", { declared_at: at(9), level: "imminent" }),
      card("stalled", { state: "acknowledged", chased: 2, declared_at: at(7) }),
      card("over", { state: "stood_down" }),
      card("away", { state: "closed" }),
    ]);
    expect(shown.map((each) => each.id)).toEqual(["gravest", "sooner", "stalled", "later", "grave", "taken", "settled"]);
  });
});

describe("a long talk", () => {
  const limits = { long_talk_remind_seconds: 2400, long_talk_due_seconds: 3600 };
  const begun = contactCard({ contact_id: "long", state: "talking", opened_at: at(0), answered_at: at(0) });
  const after = (minutes: number) => Date.parse(at(0)) + minutes * 60_000;

  test("is marked after 40 minutes and more strongly after 60, for as long as it lasts", () => {
    const marks = [0, 39.9, 40, 59.9, 60, 600].map((minutes) => lengthOf(begun, after(minutes), limits));
    expect(marks).toEqual(["calm", "calm", "remind", "remind", "due", "due"]);
  });

  test("is one that goes on: nobody who waits or writes the record is marked", () => {
    for (const state of ["waiting", "connecting", "wrapping"] as const) {
      expect(lengthOf({ ...begun, state }, after(90), limits)).toBe("calm");
    }
    expect(lengthOf(begun, after(90), undefined)).toBe("calm");
  });
});
