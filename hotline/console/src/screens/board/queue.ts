/** The floor in figures: bands with their oldest wait, and counselors in the order a supervisor looks for. */

import { openedAt, type ContactCard, type CounselorCard, type HealthCard } from "@/api/cards";
import type { CounselorState, Me } from "@/api/schema";
import { secondsBetween } from "@/base/spans";
import { urgency } from "@/screens/desk/screening";

export interface Band {
  number: number;
  waiting: ContactCard[];
  oldestAt: string | null;
}

const BANDS = [0, 1, 2, 3];
const IN_QUEUE = new Set(["waiting", "offered"]);
const IN_HAND = new Set(["connecting", "talking", "wrapping"]);
const STATES: CounselorState[] = [
  "engaged", "connecting", "reserved", "wrapping", "ready", "resting", "recovering", "not_ready", "offline", "signed_out",
];

/** Waiting contacts by the band they rank in, in the order in which they will be answered. */
export function bandsOf(contacts: readonly ContactCard[]): Band[] {
  const waiting = contacts.filter((card) => IN_QUEUE.has(card.state)).sort((left, right) => stands(left) - stands(right) || byJoining(left, right));
  return BANDS.map((number) => {
    const here = waiting.filter((card) => card.effective_band === number);
    const oldest = [...here].sort(byJoining)[0];
    return { number, waiting: here, oldestAt: oldest ? joined(oldest) : null };
  });
}

/** Contacts that are with a counselor: gravest first, then the longest. */
export function inHand(contacts: readonly ContactCard[]): ContactCard[] {
  return contacts
    .filter((card) => IN_HAND.has(card.state))
    .sort((left, right) => left.band - right.band || byJoining(left, right));
}

/** Talks of whose missing screening the supervisors have been told, the longest first. */
export function unscreened(contacts: readonly ContactCard[]): ContactCard[] {
  return contacts
    .filter((card) => card.state === "talking" && card.screening === null && card.screening_overdue_at)
    .sort((left, right) => (left.screening_overdue_at ?? "").localeCompare(right.screening_overdue_at ?? ""));
}

type TalkLimits = Pick<Me["limits"], "long_talk_remind_seconds" | "long_talk_due_seconds">;

/** A talk past 40 or 60 minutes is marked, so that somebody looks in; nothing ends it. */
export function lengthOf(card: ContactCard, now: number, limits: TalkLimits | undefined): "calm" | "remind" | "due" {
  const opened = openedAt(card);
  if (!opened || card.state !== "talking" || !limits) return "calm";
  return urgency(secondsBetween(opened, now), limits.long_talk_remind_seconds, limits.long_talk_due_seconds);
}

export function ordered(counselors: readonly CounselorCard[]): CounselorCard[] {
  return counselors
    .filter((card) => card.state !== "signed_out" && (card.roles === undefined || card.roles.includes("counselor")))
    .sort((left, right) => STATES.indexOf(left.state) - STATES.indexOf(right.state) || left.since.localeCompare(right.since));
}

/** Answered of all that came to an end today, in percent; null before the first. */
export function answerRate(health: HealthCard | undefined): number | null {
  const all = (health?.answered_today ?? 0) + (health?.abandoned_today ?? 0);
  return health && all > 0 ? Math.round((100 * health.answered_today) / all) : null;
}

function joined(card: ContactCard): string {
  return card.joined_at ?? card.arrived_at;
}

const byJoining = (left: ContactCard, right: ContactCard) => joined(left).localeCompare(joined(right));

/** The moment it stands at in its band: one of a crowd stands later than it joined. */
const stands = (card: ContactCard) => Date.parse(joined(card)) + (card.behind_seconds ?? 0) * 1_000;
