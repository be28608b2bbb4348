/**
 * What is owed, who is on the way, and which numbers are asked for: cards that say *that* a list has changed.
 *
 * What has changed is fetched, because names, reasons and words are shown only where access was asked.
 */

import type { Card, DispatchCard, OpeningCard, TaskCard } from "@/api/cards";
import type { Id } from "@/api/schema";

/** The same as long as no task and no asking for a number has come, changed or gone. */
export function owedMark(cards: Iterable<Card>): string {
  return mark([...cards].filter((card): card is TaskCard | OpeningCard => card.type === "task" || card.type === "opening"));
}

/** The same as long as nothing has changed in who is on the way to this contact, or who asks for its number. */
export function helpMark(cards: Iterable<Card>, contactId: Id): string {
  return mark([...cards].filter((card): card is DispatchCard | OpeningCard => (card.type === "dispatch" || card.type === "opening") && card.contact_id === contactId));
}

function mark(cards: Card[]): string {
  return JSON.stringify(cards.sort((left, right) => left.id.localeCompare(right.id)));
}
