import { secondsBetween } from "@/base/spans";

/** The share of the time between `from` and `until` that is still left at `now`: 1 at first, 0 from the deadline on. */
export function shareLeft(from: string, until: string, now: number): number {
  const whole = secondsBetween(from, until);
  if (whole <= 0) return 0;
  return Math.min(1, Math.max(0, secondsBetween(now, until) / whole));
}

/** Whole seconds left, never more than there were at first: clocks differ by a little. */
export function secondsLeft(from: string, until: string, now: number): number {
  const whole = Math.max(0, Math.round(secondsBetween(from, until)));
  return Math.min(whole, Math.max(0, Math.ceil(secondsBetween(now, until))));
}

/** The size of letters at which `words` fit across a ring of `size`, both in pixels, in the widest of common fonts. */
export function lettersIn(size: number, words: string): number {
  return Math.min(size / 3.8, (size * 0.68) / (0.7 * words.length));
}
