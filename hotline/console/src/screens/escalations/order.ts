import type { EscalationCard } from "@/api/cards";
import type { EscalationState, Level } from "@/api/schema";

const GRAVITY: Level[] = ["none_found", "unknown", "low", "moderate", "high", "imminent"];
const OVER: ReadonlySet<EscalationState> = new Set(["closed", "stood_down"]);

/** Whether nobody has it yet. */
export function isCalling(state: EscalationState): boolean {
  return state === "raised" || state === "paged";
}

/** Whether its owner was reminded and others were called, so that any of them may take it over. */
export function isStalled(card: EscalationCard): boolean {
  return !isCalling(card.state) && (card.chased ?? 0) >= 2;
}

/** What nobody has, and what has stalled, first; then by level, the gravest first, and the oldest of a level first. */
export function ordered(escalations: readonly EscalationCard[]): EscalationCard[] {
  const waits = (each: EscalationCard) => (isCalling(each.state) || isStalled(each) ? 0 : 1);
  return escalations
    .filter((each) => !OVER.has(each.state))
    .sort((left, right) =>
      waits(left) - waits(right)
      || GRAVITY.indexOf(right.level) - GRAVITY.indexOf(left.level)
      || left.declared_at.localeCompare(right.declared_at));
}
