/** Records once they are over: read, amended, acted on; restrictions of callers; the official month. */

import { clientOf, take } from "./calls";
import type { Answers, Body, Done, Id, Iso, Level, Of, Path, Person, Query, Summary } from "./schema";

export const ACTION_KINDS = [
  "safety_plan", "means_removed", "family_called", "emergency_called", "referral", "information", "exercise", "follow_up", "other",
] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];
export const ACTION_STATES = ["discussed", "agreed", "planned", "done", "failed"] as const;
export type ActionState = (typeof ACTION_STATES)[number];
export const TEXT_FIELDS = ["words", "facts", "judgment", "unknowns"] as const;
export const SEVERAL_FIELDS = ["problem_types", "marks"] as const;
export const FIELDS = [...TEXT_FIELDS, "disposition", "outcome", "age_band", "region", ...SEVERAL_FIELDS] as const;
export type Field = (typeof FIELDS)[number];

export interface Action {
  action_id: Id; kind: ActionKind; state: ActionState; is_done: boolean;
  history: { state: ActionState; at: Iso; by: Person; words: string }[];
}
export interface Amendment {
  id: Id; field: Field; codes: string[] | null; text: string | null; reason: string; at: Iso; by: Person;
}
export interface Written {
  disposition: string | null; outcome: string | null; age_band: string | null; region: string | null;
  problem_types: string[]; marks: string[]; summary: Summary;
}
/** Whether what the chain has sealed of this record still stands as it was sealed. */
export interface Proof { links: number; holds: boolean; seq: number | null; mark: string | null }
export interface Recorded {
  session_id: Id; contact_id: Id; state: string; closed_at: Iso | null; counselor: Person;
  as_closed: Written; as_read: Written; actions: Action[]; amendments: Amendment[]; proof: Proof;
}
export interface Listed {
  session_id: Id; contact_id: Id; channel: "voice" | "chat"; level: Level; state: string; begun_at: Iso; closed_at: Iso | null;
  disposition: string | null; amendments: number; counselor: Person;
}
export interface AmendmentDraft { field: Field; codes?: string[]; text?: string; reason: string }
export interface ActionDraft { action_id: Id; kind: ActionKind; state: ActionState; words: string }

export const RESTRICTIONS = ["cooldown_24h", "limited_plan", "blocked"] as const;
export type RestrictionKind = (typeof RESTRICTIONS)[number];
export interface Restriction {
  id: Id; contact_id: Id; kind: RestrictionKind; state: "proposed" | "standing" | "lifted"; is_in_effect: boolean; reason: string;
  by: Person; approved_by: Person | null; made_at: Iso; review_on: string; ends_at: Iso;
}
export interface RestrictionDraft { kind: RestrictionKind; reason: string; review_on: string; ends_on: string | null }

export interface Centre { id: Id; name: string; parent_id: Id | null; month: string }
export interface Month {
  centre_id: Id; centre: string; month: string; definitions: string; begins_at: Iso; ends_at: Iso; put_away_at: Iso | null;
  cells: { name: string; count: number | null }[]; problems: { name: string; count: number | null }[];
  rates: { name: string; percent: number | null }[];
}
type OfMonth = Path<{ month: string }> & Query<{ centre_id: Id }>;

interface Paths {
  "/api/records": { get: Query<{ days: number }> & Answers<{ records: Listed[] }> };
  "/api/sessions/{session_id}/record": { get: Of<"session_id"> & Answers<Recorded> };
  "/api/sessions/{session_id}/actions": { post: Of<"session_id"> & Body<ActionDraft> & Done };
  "/api/sessions/{session_id}/amendments": { post: Of<"session_id"> & Body<AmendmentDraft> & Done };
  "/api/restrictions": { get: Answers<{ restrictions: Restriction[] }> };
  "/api/contacts/{contact_id}/restrictions": { post: Of<"contact_id"> & Body<RestrictionDraft> & Answers<{ id: Id }, 201> };
  "/api/restrictions/{restriction_id}/approval": { post: Of<"restriction_id"> & Done };
  "/api/restrictions/{restriction_id}/lifting": { post: Of<"restriction_id"> & Body<{ reason: string }> & Done };
  "/api/reports/centres": { get: Answers<{ centres: Centre[] }> };
  "/api/reports/months/{month}": { get: OfMonth & Answers<Month> };
  "/api/reports/months/{month}/snapshots": { post: OfMonth & Done };
}

const http = clientOf<Paths>();

export const listRecords = (days: number) => take(http.GET("/api/records", { params: { query: { days } } }));
export const getRecord = (session_id: Id) => take(http.GET("/api/sessions/{session_id}/record", { params: { path: { session_id } } }));
export const noteAction = (session_id: Id, body: ActionDraft) =>
  take(http.POST("/api/sessions/{session_id}/actions", { params: { path: { session_id } }, body }));
export const amendRecord = (session_id: Id, body: AmendmentDraft) =>
  take(http.POST("/api/sessions/{session_id}/amendments", { params: { path: { session_id } }, body }));

export const listRestrictions = () => take(http.GET("/api/restrictions"));
export const restrict = (contact_id: Id, body: RestrictionDraft) =>
  take(http.POST("/api/contacts/{contact_id}/restrictions", { params: { path: { contact_id } }, body }));
export const approveRestriction = (restriction_id: Id) =>
  take(http.POST("/api/restrictions/{restriction_id}/approval", { params: { path: { restriction_id } } }));
export const liftRestriction = (restriction_id: Id, reason: string) =>
  take(http.POST("/api/restrictions/{restriction_id}/lifting", { params: { path: { restriction_id } }, body: { reason } }));

export const listCentres = () => take(http.GET("/api/reports/centres"));
export const getMonth = (centre_id: Id, month: string) =>
  take(http.GET("/api/reports/months/{month}", { params: { path: { month }, query: { centre_id } } }));
export const putMonthAway = (centre_id: Id, month: string) =>
  take(http.POST("/api/reports/months/{month}/snapshots", { params: { path: { month }, query: { centre_id } } }));
export const monthAsTable = (centre_id: Id, month: string) => `/api/reports/months/${month}/csv?centre_id=${centre_id}`;
