import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Autosave, type SaveState } from "@/screens/desk/autosave";
import { choosable, highest, isGrave } from "@/screens/desk/levels";
import { bodyOf, draftOf, missing, UNSCREENED } from "@/screens/desk/record";

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
    expect(bodyOf(draft)).toEqual({ age_band: "14-17", problem_types: [], summary: { words: "", facts: "", judgment: "", unknowns: "" } });
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
