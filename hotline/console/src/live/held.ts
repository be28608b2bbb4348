import type { ContactCard } from "@/api/cards";
import type { Id } from "@/api/schema";

const HELD = new Set(["connecting", "talking", "wrapping"]);

/** The contacts of a counselor, in the order in which they came. */
export function heldBy(contacts: readonly ContactCard[], staffId: Id | undefined): ContactCard[] {
  return contacts
    .filter((card) => staffId !== undefined && card.counselor_id === staffId && HELD.has(card.state))
    .sort((left, right) => left.arrived_at.localeCompare(right.arrived_at));
}

/** Those of them that go back to the queue when the counselor leaves; a talk that is over stays over. */
export function wouldGoBack(held: readonly ContactCard[]): ContactCard[] {
  return held.filter((card) => card.state !== "wrapping");
}
