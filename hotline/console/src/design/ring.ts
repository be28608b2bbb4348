import { secondsBetween } from "@/base/spans";

/** The share of the time between `from` and `until` that is still left at `now`: 1 at first, 0 from the deadline on. */
export function shareLeft(from: string, until: string, now: number): number {
  const whole = secondsBetween(from, until);
  if (whole <= 0) return 0;
  return Math.min(1, Math.max(0, secondsBetween(now, until) / whole));
}
