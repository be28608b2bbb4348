/** What the console asks of the service about help sent out, opened numbers, and what is owed after a talk. */

import { http, take, under } from "./calls";
import { once } from "./once";
import type { ClueDraft, DetailsDraft, DispatchDraft, FoundResult, Id, TaskDraft } from "./schema";

export const getHelp = (contact_id: Id) => take(http.GET("/api/contacts/{contact_id}/help", { params: { path: { contact_id } } }));
export const sendHelp = (contact_id: Id, body: DispatchDraft) =>
  once(["dispatch", contact_id, body], (key) =>
    take(http.POST("/api/contacts/{contact_id}/dispatches", { params: { path: { contact_id }, ...under(key) }, body })));
export const amendDispatch = (dispatch_id: Id, body: DetailsDraft) =>
  take(http.PUT("/api/dispatches/{dispatch_id}/details", { params: { path: { dispatch_id } }, body }));
export const confirmDispatch = (dispatch_id: Id, result: FoundResult, words: string) =>
  take(http.POST("/api/dispatches/{dispatch_id}/confirmation", { params: { path: { dispatch_id } }, body: { result, words } }));
export const giveUpDispatch = (dispatch_id: Id, reason: string) =>
  take(http.POST("/api/dispatches/{dispatch_id}/giving-up", { params: { path: { dispatch_id } }, body: { reason } }));
export const addClue = (contact_id: Id, body: ClueDraft) =>
  once(["clue", contact_id, body], (key) =>
    take(http.POST("/api/contacts/{contact_id}/location-clues", { params: { path: { contact_id }, ...under(key) }, body })));
export const reportMinor = (contact_id: Id) =>
  take(http.POST("/api/contacts/{contact_id}/mandatory-report", { params: { path: { contact_id } } }));

export const listOpenings = () => take(http.GET("/api/number-openings"));
export const askForNumber = (contact_id: Id, reason: string) =>
  take(http.POST("/api/contacts/{contact_id}/number-openings", { params: { path: { contact_id } }, body: { reason } }));
export const decideOnNumber = (opening_id: Id, agrees: boolean) =>
  agrees
    ? take(http.POST("/api/number-openings/{opening_id}/approval", { params: { path: { opening_id } } }))
    : take(http.POST("/api/number-openings/{opening_id}/refusal", { params: { path: { opening_id } } }));
export const lookAtNumber = (opening_id: Id) =>
  take(http.POST("/api/number-openings/{opening_id}/looks", { params: { path: { opening_id } } }));

export const listTasks = () => take(http.GET("/api/tasks"));
export const getTask = (task_id: Id) => take(http.GET("/api/tasks/{task_id}", { params: { path: { task_id } } }));
export const takeTask = (task_id: Id) => take(http.POST("/api/tasks/{task_id}/taking", { params: { path: { task_id } } }));
export const completeTask = (task_id: Id, body: TaskDraft) =>
  take(http.POST("/api/tasks/{task_id}/completion", { params: { path: { task_id } }, body }));
export const askDismissal = (task_id: Id, reason: string) =>
  take(http.POST("/api/tasks/{task_id}/dismissal-request", { params: { path: { task_id } }, body: { reason } }));
export const keepTask = (task_id: Id) => take(http.DELETE("/api/tasks/{task_id}/dismissal-request", { params: { path: { task_id } } }));
export const dismissTask = (task_id: Id, reason: string) =>
  take(http.POST("/api/tasks/{task_id}/dismissal", { params: { path: { task_id } }, body: { reason } }));
