import type { AssistCard } from "@/api/cards";

/** Those to whom nobody comes yet before the others, the longest waiting first. */
export function waitingFirst(cards: readonly AssistCard[]): AssistCard[] {
  const late = (card: AssistCard) => (card.state === "asked" ? 0 : 1);
  return [...cards].sort((left, right) => late(left) - late(right) || left.asked_at.localeCompare(right.asked_at));
}
