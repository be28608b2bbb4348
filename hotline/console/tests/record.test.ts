import { mount } from "@vue/test-utils";
import { createPinia } from "pinia";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Contact, Session } from "@/api/schema";
import { i18n } from "@/i18n";
import { Autosave, type SaveState } from "@/screens/desk/autosave";
import { choosable, highest, isGrave } from "@/screens/desk/levels";
import { bodyOf, draftOf, missing, UNSCREENED } from "@/screens/desk/record";
import RecordForm from "@/screens/desk/RecordForm.vue";
import { serve } from "./fake";

const blank = () => draftOf(null, null);

describe("closing a contact", () => {
  test("needs an end, a kind, a screening and how the caller is now", () => {
    expect(missing(blank(), null, false)).toEqual(["ended", "disposition", "screening", "outcome"]);
  });

  test("lacks nothing once counselling is screened and its outcome is noted", () => {
    const draft = { ...blank(), disposition: "counselling" as const, outcome: "calmer" as const };
    expect(missing(draft, "asked_denied", true)).toEqual([]);
    expect(missing(draft, null, true)).toEqual(["screening"]);
  });

  test("needs neither screening nor outcome where there was no talk", () => {
    for (const disposition of UNSCREENED) expect(missing({ ...blank(), disposition }, null, true), disposition).toEqual([]);
  });

  test("needs a screening, whatever its kind, where anybody was in danger", () => {
    for (const disposition of UNSCREENED) expect(missing({ ...blank(), disposition }, null, true, true), disposition).toEqual(["screening"]);
    expect([isGrave({ level: "moderate" }), isGrave({ level: "low", subject_level: "imminent" }), isGrave({ level: "high" })]).toEqual([false, true, true]);
  });

  test("begins from what was saved, with the age that the caller gave", () => {
    const draft = draftOf(null, "14-17");
    expect(draft.age_band).toBe("14-17");
    expect(bodyOf(draft)).toEqual({ age_band: "14-17", problem_types: [], region: null, marks: [], summary: { words: "", facts: "", judgment: "", unknowns: "" } });
  });

  test("keeps where the caller lives and the marks through every save", () => {
    const session: Session = {
      id: "s1", staff_id: "me", state: "open", begun_at: "2026-11-21T10:00:00Z", opened_at: null, ended_at: null, wrap_up_until: null,
      screening: null, screening_reason: null, screened_at: null, disposition: null, outcome: null, summary: null,
      region: "non_local", marks: ["difficult"],
    };
    const draft = draftOf(session, null);
    expect(bodyOf(draft)).toMatchObject({ region: "non_local", marks: ["difficult"] });
    expect(bodyOf({ ...draft, region: undefined, marks: [] })).toMatchObject({ region: null, marks: [] });
  });

  test("sends what is chosen in the form beside what was there", async () => {
    vi.useFakeTimers();
    const asked = serve(() => ({ status: 204 }));
    const form = { safe_now: null, age_band: null, attempted_before: null, crisis_key: false };
    const session = { ...draftOf(null, null), id: "s1", region: "local", marks: ["media"], wrap_up_until: null };
    const contact = { id: "c1", level: "low", form, session } as unknown as Contact;
    const shown = mount(RecordForm, { props: { contact, hasEnded: false, screening: null }, global: { plugins: [i18n, createPinia()] } });
    expect(shown.find("[data-testid=region-local] input").element).toHaveProperty("checked", true);
    await shown.find("[data-testid=mark-difficult] input").setValue(true);
    await vi.advanceTimersByTimeAsync(1_300);
    expect(asked.map((each) => each.body)).toMatchObject([{ region: "local", marks: ["media", "difficult"] }]);
    shown.unmount();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
});

describe("the record saves itself", () => {
  let saves: number;
  let states: SaveState[];
  let isFailing: boolean;
  let autosave: Autosave;

  beforeEach(() => {
    vi.useFakeTimers();
    [saves, states, isFailing] = [0, [], false];
    autosave = new Autosave(
      async () => {
        if (isFailing) throw new Error("no");
        saves += 1;
      },
      (state) => states.push(state),
    );
  });
  afterEach(() => {
    autosave.stop();
    vi.useRealTimers();
  });

  test("after a pause in the writing", async () => {
    autosave.touch();
    await vi.advanceTimersByTimeAsync(1_100);
    expect(saves).toBe(0);
    await vi.advanceTimersByTimeAsync(200);
    expect([saves, states]).toEqual([1, ["unsaved", "saving", "clean"]]);
  });

  test("within five seconds even if the writing never pauses", async () => {
    for (let half = 0; half < 11; half += 1) {
      autosave.touch();
      await vi.advanceTimersByTimeAsync(500);
    }
    expect(saves).toBe(1);
  });

  test("again after a failure, and says meanwhile that it is not saved", async () => {
    isFailing = true;
    autosave.touch();
    await vi.advanceTimersByTimeAsync(1_300);
    expect(states.at(-1)).toBe("failed");
    expect(await autosave.flush()).toBe(false);
    isFailing = false;
    await vi.advanceTimersByTimeAsync(5_100);
    expect([saves, states.at(-1), autosave.isDirty]).toEqual([1, "clean", false]);
  });

  test("at once when the contact is closed", async () => {
    autosave.touch();
    expect(await autosave.flush()).toBe(true);
    expect(saves).toBe(1);
  });
});

describe("levels", () => {
  test("combine by the highest", () => {
    expect(highest(["low", "imminent", "unknown"])).toBe("imminent");
    expect(highest([])).toBe("none_found");
  });

  test("go up for everybody and down only for those who may lower", () => {
    expect(choosable("moderate", false)).toEqual(["high", "imminent"]);
    expect(choosable("moderate", true)).toEqual(["none_found", "low", "high", "imminent"]);
  });
});
