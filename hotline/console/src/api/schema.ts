/**
 * The shapes that the console and the service agree on, in the form openapi-typescript writes.
 *
 * Written by hand from the contract, in the same layout as generated types (`paths` keyed by address
 * and verb), so that `npm run api -- http://…/api/openapi.json -o src/api/schema.ts` can take its
 * place: `calls.ts` and `shapes.ts` are the only readers of this file.
 */

import type { Both, Id, Iso, Level } from "./basics";
import type { RulebookPaths } from "./rulebook";

export type { Both, Id, Iso, Level };

export type Role = "counselor" | "supervisor" | "responder" | "admin";
export type Channel = "voice" | "chat";
export type ContactState =
  | "arriving" | "waiting" | "offered" | "connecting" | "talking" | "wrapping" | "closed" | "abandoned" | "diverted";
export type PresenceChoice = "ready" | "not_ready" | "signed_out";
export type NotReadyReason = "break" | "meal" | "meeting" | "training" | "supervision" | "admin" | "other";
export type CounselorState =
  | "signed_out" | "offline" | "not_ready" | "ready" | "reserved" | "connecting" | "engaged" | "wrapping" | "resting" | "recovering";
export type ScreeningResult = "asked_positive" | "asked_denied" | "asked_unclear" | "not_possible";
export type Disposition =
  | "counselling" | "information" | "referral_only" | "silent" | "hang_up" | "wrong_number" | "abusive" | "sexual_misuse" | "test";
export type Outcome = "calmer" | "unchanged" | "worse" | "unknown";
/** Where the caller lives, as the month asks: in the line's own area, outside it, or not known. */
export type Region = "local" | "non_local" | "unknown";
/** What an abusive contact was. */
export type Abuse = "insults" | "threats" | "sexual" | "prank";
export type Mark = "difficult" | "media" | "public_safety_event";
export type EscalationState = "raised" | "paged" | "acknowledged" | "contact_made" | "resolved" | "closed" | "stood_down";
export type How = "telephone" | "chat" | "in_person" | "by_family" | "by_service" | "other";
export type Ground = "quotation" | "misread" | "pressed_by_mistake" | "duplicate" | "test" | "other";
export type PageAnswer = "taken" | "heard" | "declined" | "late" | "silent";
export type Purpose = "call" | "remind" | "stalled" | "join" | "handover" | "cover" | "help";
export type Position = "team" | "supervisor" | "manager";
export interface Person { id: Id; name: string }

export interface RosterOf {
  teams: { id: Id; centre_id: Id; name: string; region: string | null; members: Person[] }[];
  watches: { id: Id; centre_id: Id; staff: Person; position: Position; team_id: Id | null; begins_at: Iso; ends_at: Iso }[];
  able: { id: Id; name: string; centre_id: Id; is_supervisor: boolean; has_telephone: boolean }[];
}
export type Resolution =
  | "safe_with_others" | "emergency_service_reached" | "admitted" | "safety_plan_agreed" | "not_reached" | "other";

export interface Me {
  staff: {
    id: Id; login: string; name: string; roles: Role[]; centre: { id: Id; name: string };
    skills: string[]; languages: string[]; endpoint: "browser" | "phone"; chat_capacity: number;
  };
  permissions: string[];
  softphone: "practice" | "twilio" | "none";
  emergency: { number: string; label: Both }[];
  limits: {
    offer_seconds: number; beat_seconds: number; wrap_up_seconds_min: number;
    screening_remind_seconds: number; screening_due_seconds: number;
    long_talk_remind_seconds: number; long_talk_due_seconds: number; message_characters_max: number;
  };
}

export interface Summary { words: string; facts: string; judgment: string; unknowns: string }

export interface Session {
  id: Id; staff_id: Id; state: "connecting" | "open" | "wrapping" | "closed" | "failed" | "interrupted";
  begun_at: Iso; opened_at: Iso | null; ended_at: Iso | null; wrap_up_until: Iso | null;
  screening: ScreeningResult | null; screening_reason: string | null; screened_at: Iso | null;
  disposition: Disposition | null; outcome: Outcome | null; summary: Summary | null;
  age_band?: string | null; region?: Region | null; problem_types?: string[] | null; marks?: Mark[] | null;
}

export interface Finding {
  id: Id; at: Iso; source: "message" | "form" | "key" | "history" | "note" | "counselor";
  message_seq: number | null; rule: string; verdict: "hit" | "unsure"; level: Level; flags: string[];
  reason: Both; spans: number[][];
}

/** A talk that the rules left below the flag; `opinion` is a likelihood in percent, and no judgement. */
export interface Review {
  contact_id: Id; channel: Channel; state: ContactState; level: Level; arrived_at: Iso; opinion: number; messages: number;
}

/** Where one flag of a contact leads; with `is_now` its agencies should be rung at once. */
export interface Way {
  flag: string; team: string; agencies: { code: string; number: string }[]; is_now: boolean; report: boolean; advice: Both;
}

export interface Contact {
  id: Id; channel: Channel; state: ContactState; level: Level; subject_level?: Level; band: number; language: string;
  line: { id: Id; name: string; address: string };
  arrived_at: Iso; joined_at: Iso | null; answered_at: Iso | null; ended_at: Iso | null;
  counselor_id: Id | null; counselor?: { id: Id; name: string } | null; generation: number;
  caller: {
    number: string | null; number_quality: "direct" | "withheld" | "switchboard" | "voip" | "unknown";
    earlier_contacts: number; recent_high: boolean; may_be_switchboard?: boolean;
  };
  form: {
    safe_now: "yes" | "no" | "unsure" | null; age_band: string | null; attempted_before: boolean | null; crisis_key: boolean;
  };
  findings: Finding[];
  ways: Way[];
  session: Session | null;
  escalation_id: Id | null;
}

export type GivenAnswers = Record<string, string | number>;
export type Relation =
  | "partner" | "parent" | "child" | "sibling" | "relative" | "friend" | "classmate" | "colleague" | "student" | "neighbour"
  | "client" | "stranger" | "unknown" | "other";

/** One question: choices from the least grave to the gravest, or a number. */
export interface InstrumentItem {
  id: string; ask: Both; group: Both | null; choices: { id: string; words: Both }[]; number: { least: number; most: number } | null;
}

export interface Instrument {
  id: string; version: string; use: "screener" | "criteria" | "scale" | "checklist" | "ratings"; name: Both; source: string;
  may_stay_open: boolean; off: string | null; items: InstrumentItem[];
}

/** What answers suggest so far; `could_be` is the level that unsettled answers leave possible. */
export interface Walked {
  asked: string[]; next: string | null;
  result: { level: Level | null; score: number | null; why: Both[]; unsettled: string[]; could_be: Level | null };
}

export interface AnswerSheet {
  id: Id; instrument: Instrument; moment: "before" | "during" | "after"; subject_id: Id | null; supersedes: Id | null;
  by: { id: Id; name: string }; at: Iso; answers: GivenAnswers; level: Level | null; score: number | null; why: Both[]; words: string | null;
}

export interface Subject {
  id: Id; relation: Relation; name: string | null; whereabouts: string | null; flags: string[]; level: Level;
  made_at: Iso; by: { id: Id; name: string };
}

export interface Risk {
  level: Level; subject_level: Level; subjects: Subject[]; assessments: AnswerSheet[];
  moves: {
    at: Iso; before: Level; after: Level; subject_id: Id | null; by: { id: Id; name: string } | null;
    source: "counselor" | "instrument" | "rules"; basis: string | null; reason: Both | null;
  }[];
  ratings: { before: GivenAnswers; after: GivenAnswers; change: Record<string, number> };
}

export interface SubjectDraft { relation: Relation; name: string; whereabouts: string; flags: string[] }
export interface SheetDraft {
  instrument: string; version: string; answers: GivenAnswers; moment?: "before" | "during" | "after"; subject_id?: Id; words?: string;
}

export interface Message {
  seq: number; sender: "caller" | "counselor" | "system"; words: string; at: Iso; client_id: Id | null; read_at: Iso | null;
}

export interface Escalation {
  id: Id; contact_id: Id; level: Level; state: EscalationState;
  cause: { source: string; rule?: string | null; reason: Both };
  declared_at: Iso; declared_by: { id: Id; name: string } | null; rung: number; round: number;
  ladder: { rung: number; who: Both; channels: string[]; seconds: number }[];
  next_rung_at: Iso | null; acknowledge_by: Iso | null; acknowledged_at: Iso | null;
  owner: { id: Id; name: string } | null;
  turn: number; chased: number; is_stalled: boolean; able: Person[];
  offered_to: Person | null; offered_until: Iso | null;
  joined: { staff: Person; asked_at: Iso; joined_at: Iso | null }[];
  contact_made_at: Iso | null; contact_made_by: Person | null; contact_how: How | null; contact_words: string | null;
  resolved_by: Person | null; ground: Ground | null; closed_at: Iso | null; closing: string | null;
  pages: {
    id: Id; rung: number; round: number; staff: { id: Id; name: string }; channel: string; purpose: Purpose;
    state: "due" | "sent" | "failed" | "delivered"; answer: PageAnswer | null; at: Iso;
  }[];
  notes: { at: Iso; by: { id: Id; name: string }; words: string }[];
  outcome: Resolution | null; resolved_at: Iso | null;
}

export type SoftphoneToken =
  | { kind: "practice"; exchange_url: string; identity: string }
  | { kind: "twilio"; token: string; identity: string; expires_at: Iso }
  | { kind: "none" };

export interface Routing {
  ahead: number | null;
  counselors: { id: Id; name: string; reason: string | null }[];
}

export interface RecordDraft {
  disposition?: Disposition; outcome?: Outcome; summary?: Summary; age_band?: string; problem_types?: string[];
  /** Left out, these two stay as they are; null and an empty list empty them. */
  region?: Region | null; marks?: Mark[];
}

export type Agency = "110" | "119" | "120" | "mobile_team" | "family" | "school" | "workplace" | "hospital" | "other";
export type Consent = "voluntary" | "involuntary" | "not_needed_attempt_in_progress";
export type ClueSource = "caller" | "number" | "carrier" | "earlier_record" | "third_party" | "inference";
export type Confidence = "low" | "medium" | "high";
export type FoundResult = "reached_safe" | "reached_injured" | "taken_to_hospital" | "not_found" | "refused" | "deceased";
type Named = { id: Id; name: string };

export interface Dispatch {
  id: Id; agency: Agency; consent: Consent; state: "open" | "confirmed" | "unconfirmed"; made_by: Named; called_at: Iso;
  next_reminder_at: Iso | null; reminders: number; options_tried: string | null; caller_answer: string | null; ground: string | null;
  contact_person: string | null; reference: string | null; location: string | null; location_source: ClueSource | null;
  location_confidence: Confidence | null; result: string | null; closed_at: Iso | null; closed_by: Named | null; words: string | null;
}
export interface Clue { at: Iso; by: Named; words: string; source: ClueSource; confidence: Confidence; region: string | null }
export interface Opening {
  id: Id; contact_id: Id; state: "asked" | "approved" | "refused"; asked_by: Named; asked_at: Iso; reason: string;
  decided_by: Named | null; decided_at: Iso | null; expires_at: Iso | null; is_open: boolean;
}
export interface Help {
  dispatches: Dispatch[]; clues: Clue[]; openings: Opening[]; has_number: boolean; is_anonymous: boolean; may_be_switchboard: boolean;
}
export interface DetailsDraft {
  contact_person?: string; reference?: string; location?: string; location_source?: ClueSource; location_confidence?: Confidence;
}
export interface DispatchDraft extends DetailsDraft {
  agency: Agency; consent: Consent; called_at?: Iso; options_tried?: string; caller_answer?: string; ground?: string;
}
export interface ClueDraft { words: string; source: ClueSource; confidence: Confidence; region: string | null }

export type TaskKind = "mandatory_report" | "managers_report" | "notify_caller" | "debrief" | "followup_missed" | "outreach";
export interface Task {
  id: Id; kind: TaskKind; contact_id: Id; state: "open" | "dismissal_asked" | "done" | "dismissed"; role: Role; made_at: Iso; due_at: Iso;
  climbs: number; reason: string | null; made_by: Named | null; assigned_to: Named | null; asked_by: Named | null; is_mine: boolean; is_barred: boolean;
}
export interface TaskOpened {
  task: Task; asked_reason: string | null; words: string | null; agency: string | null; reported_at: Iso | null; reference: string | null;
  closed_at: Iso | null; closed_by: Named | null;
  report: {
    level: Level; state: string; source: string; rule: string | null; declared_at: Iso; acknowledge_by: Iso; acknowledged_at: Iso | null;
    contact_made_at: Iso | null; outcome: string | null; closed_at: Iso | null;
    dispatches: { agency: string; consent: string; called_at: Iso; result: string | null; arrival_confirmed_at: Iso | null }[];
  } | null;
}
export interface TaskDraft { words: string; agency?: string; reported_at?: Iso; reference?: string }

export type Json<T> = { content: { "application/json": T } };
export type Body<T> = { requestBody: Json<T> };
export type Answers<Ok, Status extends number = 200> = { responses: { [S in Status]: Json<Ok> } };
export type Done = { responses: { 204: { content?: never } } };
export type Query<P> = { parameters: { query: P } };
export type Path<P> = { parameters: { path: P } };
export type Of<Name extends string> = Path<Record<Name, Id>>;
/** What may be sent again, and is carried out once under its key. */
export type Once = { parameters: { header?: { "Idempotency-Key"?: string | null } } };

export interface paths extends RulebookPaths {
  "/api/session": {
    get: Answers<Me>;
    post: Body<{ login: string; password: string }> & Answers<Me>;
    delete: Done;
  };
  "/api/presence": { put: Body<{ choice: PresenceChoice; reason?: NotReadyReason }> & Done };
  "/api/offers/{offer_id}/acceptance": { post: Of<"offer_id"> & Answers<{ contact_id: Id; session_id: Id }> };
  "/api/offers/{offer_id}/refusal": { post: Of<"offer_id"> & Body<{ reason?: string }> & Done };
  "/api/softphone/tokens": { post: Answers<SoftphoneToken> };
  "/api/reviews": { get: Answers<{ reviews: Review[] }> };
  "/api/contacts/{contact_id}": { get: Of<"contact_id"> & Answers<Contact> };
  "/api/contacts/{contact_id}/messages": {
    get: Of<"contact_id"> & Query<{ after: number }> & Answers<{ messages: Message[]; last_seq: number }>;
    post: Of<"contact_id"> & Body<{ client_id: Id; words: string }> & Answers<{ seq: number; at: Iso }, 201>;
  };
  "/api/contacts/{contact_id}/routing": { get: Of<"contact_id"> & Answers<Routing> };
  "/api/contacts/{contact_id}/hang-up": { post: Of<"contact_id"> & Done };
  "/api/contacts/{contact_id}/abuse-warnings": { post: Of<"contact_id"> & Body<{ kind: Abuse }> & Done };
  "/api/contacts/{contact_id}/abuse-endings": { post: Of<"contact_id"> & Body<{ kind: Abuse }> & Done };
  "/api/contacts/{contact_id}/level": { put: Of<"contact_id"> & Once & Body<{ level: Level; basis: string; seen?: Level }> & Done };
  "/api/contacts/{contact_id}/escalations": {
    post: Of<"contact_id"> & Once & Body<{ level: "high" | "imminent"; reason: string }> & Answers<{ id: Id }, 201>;
  };
  "/api/contacts/{contact_id}/risk": { get: Of<"contact_id"> & Answers<Risk> };
  "/api/contacts/{contact_id}/assessments": { post: Of<"contact_id"> & Once & Body<SheetDraft> & Answers<{ id: Id }, 201> };
  "/api/contacts/{contact_id}/subjects": {
    post: Of<"contact_id"> & Body<SubjectDraft & { client_id: Id }> & Answers<{ id: Id }, 201>;
  };
  "/api/subjects/{subject_id}": { put: Of<"subject_id"> & Body<SubjectDraft> & Done };
  "/api/subjects/{subject_id}/level": {
    put: Of<"subject_id"> & Once & Body<{ level: Level; basis: string; seen?: Level }> & Done;
  };
  "/api/instruments": { get: Answers<{ instruments: Instrument[] }> };
  "/api/instruments/steps": { post: Body<{ instrument: string; answers: GivenAnswers }> & Answers<Walked> };
  "/api/contacts/{contact_id}/help": { get: Of<"contact_id"> & Answers<Help> };
  "/api/contacts/{contact_id}/dispatches": { post: Of<"contact_id"> & Once & Body<DispatchDraft> & Answers<{ id: Id }, 201> };
  "/api/contacts/{contact_id}/location-clues": { post: Of<"contact_id"> & Once & Body<ClueDraft> & Done };
  "/api/contacts/{contact_id}/mandatory-report": { post: Of<"contact_id"> & Done };
  "/api/contacts/{contact_id}/number-openings": { post: Of<"contact_id"> & Body<{ reason: string }> & Answers<{ id: Id }, 201> };
  "/api/dispatches/{dispatch_id}/details": { put: Of<"dispatch_id"> & Body<DetailsDraft> & Done };
  "/api/dispatches/{dispatch_id}/confirmation": { post: Of<"dispatch_id"> & Body<{ result: FoundResult; words: string }> & Done };
  "/api/dispatches/{dispatch_id}/giving-up": { post: Of<"dispatch_id"> & Body<{ reason: string }> & Done };
  "/api/number-openings": { get: Answers<{ openings: Opening[] }> };
  "/api/number-openings/{opening_id}/approval": { post: Of<"opening_id"> & Done };
  "/api/number-openings/{opening_id}/refusal": { post: Of<"opening_id"> & Done };
  "/api/number-openings/{opening_id}/looks": { post: Of<"opening_id"> & Answers<{ number: string }> };
  "/api/tasks": { get: Answers<{ tasks: Task[] }> };
  "/api/tasks/{task_id}": { get: Of<"task_id"> & Answers<TaskOpened> };
  "/api/tasks/{task_id}/taking": { post: Of<"task_id"> & Done };
  "/api/tasks/{task_id}/completion": { post: Of<"task_id"> & Body<TaskDraft> & Done };
  "/api/tasks/{task_id}/dismissal-request": { post: Of<"task_id"> & Body<{ reason: string }> & Done; delete: Of<"task_id"> & Done };
  "/api/tasks/{task_id}/dismissal": { post: Of<"task_id"> & Body<{ reason: string }> & Done };
  "/api/sessions/{session_id}/screening": {
    put: Of<"session_id"> & Once & Body<{ result: ScreeningResult; reason?: string; level?: Level }> & Done;
  };
  "/api/sessions/{session_id}/record": { put: Of<"session_id"> & Body<RecordDraft> & Done };
  "/api/sessions/{session_id}/closure": { post: Of<"session_id"> & Done };
  "/api/escalations/{escalation_id}": { get: Of<"escalation_id"> & Answers<Escalation> };
  "/api/escalations/{escalation_id}/acknowledgement": { post: Of<"escalation_id"> & Done };
  "/api/escalations/{escalation_id}/notes": { post: Of<"escalation_id"> & Once & Body<{ words: string }> & Answers<unknown, 201> };
  "/api/escalations/{escalation_id}/resolution": {
    post: Of<"escalation_id"> & Body<{ outcome: Resolution; words: string; seen?: number }> & Done;
  };
  "/api/escalations/{escalation_id}/contact": { post: Of<"escalation_id"> & Body<{ how: How; words: string }> & Done };
  "/api/escalations/{escalation_id}/closure": { post: Of<"escalation_id"> & Body<{ seen?: number }> & Done };
  "/api/escalations/{escalation_id}/standing-down": {
    post: Of<"escalation_id"> & Body<{ reason: string; ground?: Ground; seen?: number }> & Done;
  };
  "/api/escalations/{escalation_id}/offer": {
    put: Of<"escalation_id"> & Body<{ to: Id }> & Done;
    delete: Of<"escalation_id"> & Done;
  };
  "/api/escalations/{escalation_id}/offer/acceptance": { post: Of<"escalation_id"> & Done };
  "/api/escalations/{escalation_id}/joining": { post: Of<"escalation_id"> & Done };
  "/api/teams": {
    get: Answers<RosterOf>;
    post: Body<{ centre_id: Id; name: string }> & Answers<{ id: Id }, 201>;
  };
  "/api/teams/{team_id}": { put: Of<"team_id"> & Body<{ name: string; members: Id[] }> & Done; delete: Of<"team_id"> & Done };
  "/api/teams/{team_id}/region": { put: Of<"team_id"> & Body<{ region: string | null }> & Done };
  "/api/watches": {
    post: Body<{ centre_id: Id; staff_id: Id; position: Position; team_id: Id | null; begins_at: Iso; ends_at: Iso }> & Answers<{ id: Id }, 201>;
  };
  "/api/watches/{watch_id}": { delete: Of<"watch_id"> & Done };
}
