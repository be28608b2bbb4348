/**
 * What comes over the live socket: whole cards, to be put in place by their id.
 *
 * The service projects every change to cards, so the console's logic is `cards[id] = card`.
 */

import type { AssistReason } from "./assists";
import type { Both, Channel, ContactState, CounselorState, EscalationState, Id, Iso, Level, PresenceChoice, ScreeningResult } from "./schema";

export interface ContactCard {
  type: "contact"; id: string; contact_id: Id; centre_id: Id; channel: Channel; state: ContactState; level: Level;
  band: number; effective_band: number; line: string | { id: Id; name: string }; language: string;
  arrived_at: Iso; joined_at: Iso | null; since: Iso; counselor_id: Id | null; offer_to: Id | null; flags: string[];
  messages: number; screening: ScreeningResult | null; screening_overdue_at?: Iso | null; subject_level?: Level; answered_at: Iso | null; escalation_id: Id | null;
  /** When the session that is on now was opened; null before that, as after a caller was put back into the queue. */
  opened_at?: Iso | null;
  why_waiting?: Partial<Both> | string | null;
  /** Of one of very many from one address: how much later than it did it stands as if it had joined. */
  behind_seconds?: number;
}

export interface CounselorCard {
  type: "counselor"; id: string; staff_id: Id; name: string; state: CounselorState; reason: string | null; since: Iso;
  roles?: string[]; choice?: PresenceChoice; languages: string[]; skills: string[]; chats: number; chat_capacity: number; voice: boolean; free_at: Iso | null;
}

export interface OfferCard {
  type: "offer"; id: string; offer_id: Id; contact_id: Id; channel: Channel; level: Level;
  line: string | { id: Id; name: string }; language: string; made_at: Iso; deadline_at: Iso; returning?: boolean;
}

export interface EscalationCard {
  type: "escalation"; id: string; escalation_id: Id; contact_id: Id; level: Level; state: EscalationState;
  rung: number; round: number; declared_at: Iso; acknowledge_by: Iso | null; acknowledged_at?: Iso | null; next_rung_at: Iso | null;
  owner: { id: Id; name: string } | null; cause: { source: string; rule?: string | null; reason: Both; subject_id?: Id | null }; counselor_id: Id | null;
  turn?: number; chased?: number; offered_to?: Id | null; offered_until?: Iso | null; joiner_id?: Id | null; join_by?: Iso | null;
}

/** A counselor who asks for a supervisor; `taker` is who comes. */
export interface AssistCard {
  type: "assist"; id: string; assist_id: Id; contact_id: Id; session_id: Id; counselor: { id: Id; name: string };
  reason: AssistReason; has_words: boolean; state: "asked" | "taken"; asked_at: Iso; rung: number; next_at: Iso | null;
  taker: { id: Id; name: string } | null; taken_at: Iso | null;
}

/** Something owed, without its words; see `getTask`. */
export interface TaskCard {
  type: "task"; id: string; task_id: Id; contact_id: Id; kind: string; state: string; role: string; due_at: Iso; climbs: number;
  assigned_to: Id | null; asked_by: Id | null;
}

/** Somebody on the way to a caller; see `getHelp`. */
export interface DispatchCard {
  type: "dispatch"; id: string; dispatch_id: Id; contact_id: Id; agency: string; state: string; called_at: Iso; reminders: number;
  next_reminder_at: Iso | null; location_source: string | null; location_confidence: string | null;
}

/** A number that somebody asks for; see `listOpenings`. */
export interface OpeningCard {
  type: "opening"; id: string; opening_id: Id; contact_id: Id; state: string; asked_by: Id; asked_at: Iso;
}

export interface HealthCard {
  type: "health"; id: string; waiting: number; oldest_joined_at: Iso | null; on_duty: number;
  answered_today: number; abandoned_today: number; faults: string[];
}

export type Card = ContactCard | CounselorCard | OfferCard | EscalationCard | AssistCard | TaskCard | DispatchCard | OpeningCard | HealthCard;

export type Frame =
  | { kind: "snapshot"; cursor: string; at: Iso; cards: Card[] }
  | { kind: "cards"; cursor: string; at: Iso; cards: Card[]; gone: string[] }
  | { kind: "hint"; what: string; contact_id: Id }
  | { kind: "restart" }
  /** The last: for how many seconds no worker has given a sign of life, so that nobody is paged; null while all is well. */
  | { kind: "beat"; at: Iso; workers_silent_seconds?: number | null };

export type Sent = { kind: "beat" } | { kind: "typing"; contact_id: Id };

const BEFORE_ANSWER: ReadonlySet<ContactState> = new Set(["arriving", "waiting", "offered", "connecting"]);

/**
 * When the counselor of now answered. A caller who was put back has an earlier answer too, by somebody
 * else: it counts neither as talk nor towards the screening.
 */
export function openedAt(card: ContactCard): Iso | null {
  if (card.opened_at) return card.opened_at;
  return BEFORE_ANSWER.has(card.state) ? null : card.answered_at;
}

/** The name of a line, whichever way the card carries it. */
export function lineName(line: ContactCard["line"]): string {
  return typeof line === "string" ? line : line.name;
}
