/** What follows a contact: safety plans, follow-ups, calls to those who hung up, the hand-over of a shift. */

import { clientOf, take, under } from "./calls";
import { once } from "./once";
import type { Answers, Body, Done, Id, Iso, Level, Of, Once, Query, Summary } from "./schema";

export type Person = { id: Id; name: string };

export const PARTS = ["warning_signs", "own_coping", "distraction", "people", "professionals", "safer_place"] as const;
export type Part = (typeof PARTS)[number];
export type Lists = Record<Part, string[]>;

export interface SafetyPlan extends Lists {
  contact_id: Id; version: number; made_at: Iso; by: Person; made_with_caller: boolean;
}
export type PlanDraft = Lists & { based_on: number; made_with_caller: boolean };

export type AttemptResult = "reached" | "no_answer" | "refused" | "wrong_number" | "number_invalid" | "in_care" | "deceased";
export type Decision = "no_answer" | "number_invalid" | "in_care" | "deceased" | "not_needed";

export interface FollowUp {
  id: Id; contact_id: Id; step: string; level: Level; state: "due" | "attempted" | "reached" | "unreached" | "closed";
  due_at: Iso; next_at: Iso; climbed_to: "counselor" | "supervisor" | "manager"; staff: Person | null; misses: number;
  result: string | null; closed_at: Iso | null;
}

export interface Agreement {
  agreed: boolean; at: Iso; way: string | null; reach: string | null; since: string | null; until: string | null;
  may_leave_voicemail: boolean; code_word: string | null;
}
export interface Wish {
  agreed: boolean; way?: string; reach?: string; since?: string | null; until?: string | null; may_leave_voicemail?: boolean; code_word?: string;
}

export interface Attempt {
  at: Iso; by: Person; result: AttemptResult; intent: number | null; hopefulness: number | null; distress: number | null;
  level: Level | null; acts_since: "none" | "attempt" | "death" | null; words: string | null;
}
export interface AttemptDraft {
  result: AttemptResult; intent: number | null; hopefulness: number | null; distress: number | null; level: Level | null;
  acts_since: "none" | "attempt" | "death" | null; words: string;
}
export interface OpenedFollowUp {
  follow_up: FollowUp; agreement: Agreement | null; reach: string | null; plan: SafetyPlan | null; attempts: Attempt[]; closing: string | null;
}

export interface History {
  earlier: {
    contact_id: Id; channel: "voice" | "chat"; state: string; level: Level; arrived_at: Iso; disposition: string | null;
    outcome: string | null; counselor: Person | null;
  }[];
  plan: SafetyPlan | null;
  last_record: { contact_id: Id; closed_at: Iso | null; by: Person; summary: Summary } | null;
  follow_ups: FollowUp[];
}

export interface Gone {
  contact_id: Id; level: Level; age_band: string | null; language: string; line: { id: Id; name: string; address: string };
  left_at: Iso; tries: number; last_at: Iso | null; callable_from: Iso;
}
export type CallResult = "reached" | "no_answer" | "voicemail" | "refused" | "wrong_number" | "number_invalid";
export interface Begun { call_id: Id; number: string; voicemail: string }

export interface SheetItem {
  id: Id | null; contact_id: Id; state: string; level: Level | null; kind: string | null; step: string | null; since: Iso | null;
  due_at: Iso | null; staff: Person | null;
}
export interface Sheet { contacts: SheetItem[]; escalations: SheetItem[]; dispatches: SheetItem[]; follow_ups: SheetItem[]; tasks: SheetItem[] }
export interface Handover {
  id: Id; given_by: Person; given_at: Iso; taken_by: Person | null; taken_at: Iso | null; words: string | null; sheet: Sheet;
}
export interface Shift { now: Sheet; handovers: Handover[] }

interface Paths {
  "/api/contacts/{contact_id}/safety-plan": {
    get: Of<"contact_id"> & Answers<{ plan: SafetyPlan | null }>;
    put: Of<"contact_id"> & Body<PlanDraft> & Answers<{ version: number }>;
  };
  "/api/contacts/{contact_id}/history": { get: Of<"contact_id"> & Answers<History> };
  "/api/contacts/{contact_id}/follow-ups": {
    get: Of<"contact_id"> & Answers<{ agreement: Agreement | null; follow_ups: FollowUp[] }>;
    post: Of<"contact_id"> & Once & Body<{ days: number }> & Done;
  };
  "/api/contacts/{contact_id}/follow-up-agreement": { put: Of<"contact_id"> & Once & Body<Wish> & Done };
  "/api/follow-ups": { get: Query<{ days: number }> & Answers<{ follow_ups: FollowUp[] }> };
  "/api/follow-ups/{follow_up_id}": { get: Of<"follow_up_id"> & Answers<OpenedFollowUp> };
  "/api/follow-ups/{follow_up_id}/taking": { post: Of<"follow_up_id"> & Done };
  "/api/follow-ups/{follow_up_id}/attempts": { post: Of<"follow_up_id"> & Once & Body<AttemptDraft> & Done };
  "/api/follow-ups/{follow_up_id}/closure": { post: Of<"follow_up_id"> & Body<{ result: Decision; reason: string }> & Done };
  "/api/outreach": { get: Answers<{ waiting: Gone[] }> };
  "/api/outreach/{abandoned_id}/calls": { post: Of<"abandoned_id"> & Answers<Begun, 201> };
  "/api/outreach/calls/{call_id}/report": { post: Of<"call_id"> & Body<{ result: CallResult; words: string }> & Done };
  "/api/handovers": { get: Answers<Shift>; post: Once & Body<{ words: string }> & Done };
  "/api/handovers/{handover_id}/taking": { post: Of<"handover_id"> & Done };
}

const http = clientOf<Paths>();

export const getPlan = (contact_id: Id) => take(http.GET("/api/contacts/{contact_id}/safety-plan", { params: { path: { contact_id } } }));
export const savePlan = (contact_id: Id, body: PlanDraft) =>
  take(http.PUT("/api/contacts/{contact_id}/safety-plan", { params: { path: { contact_id } }, body }));
export const getHistory = (contact_id: Id) => take(http.GET("/api/contacts/{contact_id}/history", { params: { path: { contact_id } } }));
export const getFollowUpsOf = (contact_id: Id) => take(http.GET("/api/contacts/{contact_id}/follow-ups", { params: { path: { contact_id } } }));
export const addFollowUp = (contact_id: Id, days: number) =>
  once(["follow-up by hand", contact_id, days], (key) =>
    take(http.POST("/api/contacts/{contact_id}/follow-ups", { params: { path: { contact_id }, ...under(key) }, body: { days } })));
export const saveWish = (contact_id: Id, body: Wish) =>
  once(["follow-up agreement", contact_id, body], (key) =>
    take(http.PUT("/api/contacts/{contact_id}/follow-up-agreement", { params: { path: { contact_id }, ...under(key) }, body })));
export const listFollowUps = (days: number) => take(http.GET("/api/follow-ups", { params: { query: { days } } }));
export const openFollowUp = (follow_up_id: Id) => take(http.GET("/api/follow-ups/{follow_up_id}", { params: { path: { follow_up_id } } }));
export const takeFollowUp = (follow_up_id: Id) => take(http.POST("/api/follow-ups/{follow_up_id}/taking", { params: { path: { follow_up_id } } }));
export const saveAttempt = (follow_up_id: Id, body: AttemptDraft) =>
  once(["attempt", follow_up_id, body], (key) =>
    take(http.POST("/api/follow-ups/{follow_up_id}/attempts", { params: { path: { follow_up_id }, ...under(key) }, body })));
export const closeFollowUp = (follow_up_id: Id, result: Decision, reason: string) =>
  take(http.POST("/api/follow-ups/{follow_up_id}/closure", { params: { path: { follow_up_id } }, body: { result, reason } }));
export const listGone = () => take(http.GET("/api/outreach"));
export const beginCall = (abandoned_id: Id) => take(http.POST("/api/outreach/{abandoned_id}/calls", { params: { path: { abandoned_id } } }));
export const reportCall = (call_id: Id, result: CallResult, words: string) =>
  take(http.POST("/api/outreach/calls/{call_id}/report", { params: { path: { call_id } }, body: { result, words } }));
export const getShift = () => take(http.GET("/api/handovers"));
export const giveShift = (words: string) =>
  once(["hand over", words], (key) => take(http.POST("/api/handovers", { params: { ...under(key) }, body: { words } })));
export const takeShift = (handover_id: Id) => take(http.POST("/api/handovers/{handover_id}/taking", { params: { path: { handover_id } } }));
