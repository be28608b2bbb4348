import type { Iso } from "@/api/schema";

export interface Gap {
  from: number;
  to: number;
}

/** The times between two moments (in ms) in which no watch runs. */
export function gaps(watches: readonly { begins_at: Iso; ends_at: Iso }[], from: number, to: number): Gap[] {
  const runs = watches
    .map((each) => ({ from: Date.parse(each.begins_at), to: Date.parse(each.ends_at) }))
    .sort((left, right) => left.from - right.from);
  const found: Gap[] = [];
  let covered = from;
  for (const run of runs) {
    if (run.from > covered) found.push({ from: covered, to: Math.min(run.from, to) });
    covered = Math.max(covered, run.to);
    if (covered >= to) break;
  }
  if (covered < to) found.push({ from: covered, to });
  return found.filter((each) => each.to > each.from);
}
