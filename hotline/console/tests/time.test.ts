import { mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { beforeEach, describe, expect, test } from "vitest";
import { nextTick } from "vue";
import { clock, secondsBetween, shortClock } from "@/base/spans";
import Ring from "@/design/Ring.vue";
import { lettersIn, secondsLeft, shareLeft } from "@/design/ring";
import { useClock } from "@/live/clock";
import { urgency } from "@/screens/desk/screening";

const FROM = "2026-11-21T10:00:00Z";
const UNTIL = "2026-11-21T10:00:15Z";
const at = (seconds: number) => Date.parse(FROM) + seconds * 1000;

describe("a countdown", () => {
  test("empties evenly and stays empty after the deadline", () => {
    expect([0, 3, 7.5, 15, 99].map((seconds) => shareLeft(FROM, UNTIL, at(seconds)))).toEqual([1, 0.8, 0.5, 0, 0]);
    expect(shareLeft(FROM, UNTIL, at(-5))).toBe(1);
    expect(shareLeft(FROM, FROM, at(0))).toBe(0);
  });

  test("shows the seconds left by the service's clock, then how late it is", async () => {
    setActivePinia(createPinia());
    const time = useClock();
    time.now = at(3.2);
    const ring = mount(Ring, { props: { from: FROM, until: UNTIL, over: true } });
    expect(ring.text()).toBe("0:12");
    time.now = at(25);
    await nextTick();
    expect(ring.text()).toBe("+0:10");
    expect(ring.classes()).toContain("late");
  });
});

describe("a ring's middle", () => {
  test("holds whatever the span is", () => {
    const shown = [0, 923, 5999, 6000, 359_999, 900_000].map(shortClock);
    expect(shown).toEqual(["0:00", "15:23", "99:59", "1h40", "99h59", "250h"]);
    for (const words of shown) expect(lettersIn(68, `+${words}`) * 0.7 * (words.length + 1)).toBeLessThan(0.7 * 68);
  });

  test("never says more than the whole, though this machine's clock is a little behind", () => {
    expect([-0.9, 0, 0.1, 14.2, 15, 16].map((seconds) => secondsLeft(FROM, UNTIL, at(seconds)))).toEqual([15, 15, 15, 1, 0, 0]);
  });
});

describe("spans of time", () => {
  beforeEach(() => setActivePinia(createPinia()));

  test("read as people on shift read them", () => {
    expect([0, 7.9, 65, 600, 3909, -3].map(clock)).toEqual(["0:00", "0:07", "1:05", "10:00", "1:05:09", "0:00"]);
  });

  test("are nothing while an end is unknown", () => {
    expect(secondsBetween(null, UNTIL)).toBe(0);
    expect(secondsBetween(FROM, UNTIL)).toBe(15);
  });

  test("remind of the screening at eight minutes and call it overdue at ten", () => {
    expect([0, 479, 480, 599, 600].map((seconds) => urgency(seconds, 480, 600))).toEqual(["calm", "calm", "remind", "remind", "due"]);
  });
});
