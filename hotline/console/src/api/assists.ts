/** What the console asks of the service when a counselor asks for a supervisor. */

import { clientOf, take } from "./calls";
import type { Answers, Body, Done, Id, Iso, Of, Person } from "./schema";

export const ASSIST_REASONS = ["caller_in_danger", "cannot_go_on", "technical", "other"] as const;
export type AssistReason = (typeof ASSIST_REASONS)[number];
export type AssistState = "asked" | "taken" | "withdrawn" | "ended";

export interface AssistOpened {
  id: Id; contact_id: Id; state: AssistState; reason: AssistReason; words: string | null;
  asked_at: Iso; counselor: Person; taker: Person | null; taken_at: Iso | null;
}

interface AssistPaths {
  "/api/sessions/{session_id}/assists": { post: Of<"session_id"> & Body<{ reason: AssistReason; words: string }> & Answers<{ assist_id: Id }, 201> };
  "/api/assists/{assist_id}": { get: Of<"assist_id"> & Answers<AssistOpened> };
  "/api/assists/{assist_id}/taking": { post: Of<"assist_id"> & Done };
  "/api/assists/{assist_id}/return": { post: Of<"assist_id"> & Done };
  "/api/assists/{assist_id}/withdrawal": { post: Of<"assist_id"> & Done };
  "/api/assists/{assist_id}/ending": { post: Of<"assist_id"> & Done };
}
const http = clientOf<AssistPaths>();
const of = (assist_id: Id) => ({ params: { path: { assist_id } } });

/** Pressed again it is the same call, so it needs no key of its own. */
export const askForSupervisor = (session_id: Id, reason: AssistReason, words: string) =>
  take(http.POST("/api/sessions/{session_id}/assists", { params: { path: { session_id } }, body: { reason, words } }));
export const getAssist = (assist_id: Id) => take(http.GET("/api/assists/{assist_id}", of(assist_id)));
export const takeAssist = (assist_id: Id) => take(http.POST("/api/assists/{assist_id}/taking", of(assist_id)));
export const handBackAssist = (assist_id: Id) => take(http.POST("/api/assists/{assist_id}/return", of(assist_id)));
export const withdrawAssist = (assist_id: Id) => take(http.POST("/api/assists/{assist_id}/withdrawal", of(assist_id)));
export const endAssist = (assist_id: Id) => take(http.POST("/api/assists/{assist_id}/ending", of(assist_id)));
