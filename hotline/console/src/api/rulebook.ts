/** The shapes of the rulebook's routes, in the layout of `schema.ts`, which takes them in. */

import type { Both, Id, Iso, Level } from "./basics";

export interface Named { id: Id; name: string }
export interface Activation {
  number: number; version: string; at: Iso; proposed_by: Named | null; approved_by: Named | null;
  change_id: Id | null; is_replayed: boolean;
}
export interface RuleNode { kind: string; version: string; fault: string | null; at: Iso }
export type ChangeState = "draft" | "proposed" | "approved" | "discarded";
export interface ChangeListed { id: Id; title: string; author: Named; state: ChangeState; changed_at: Iso; is_behind: boolean }
export interface Rulebook {
  standing: Activation; newer_shipped: string | null; nodes: RuleNode[]; changes: ChangeListed[]; history: Activation[];
  file_bytes_max: number; replay_days_max: number;
}
export interface FileListed { name: string; lines: number; how: "same" | "added" | "changed" | "removed" }
export interface ReplayedContact { contact_id: Id; old: Level; new: Level; flags: string[]; rules: string[] }
export interface Replay {
  id: Id; state: "waiting" | "running" | "done" | "failed"; days: number; version: string; is_current: boolean;
  asked_at: Iso; ended_at: Iso | null; contacts: number; is_whole: boolean;
  moves: { old: Level; new: Level; contacts: number }[]; changed: ReplayedContact[];
}
export interface Change {
  id: Id; title: string; author: Named; state: ChangeState; based_on: string; edition: number; changed_at: Iso;
  proposed_at: Iso | null; version: string | null; is_mine: boolean; is_behind: boolean; decided_by: Named | null;
  answer: string | null; files: FileListed[]; replay: Replay | null;
}
export interface Fault { file: string | null; line: number | null; entry: string | null; sentence: string }
export interface Difference {
  is_sound: boolean; lines: string[];
  entries: { kind: string; name: string; file: string; how: "added" | "removed" | "changed"; fields: string[] }[];
  examples: { text: string; entry: string; old: Level; new: Level }[];
}
export interface Explanation {
  version: string; level: Level; flags: string[]; is_unsure: boolean;
  findings: { rule: string; verdict: string; level: Level; spans: number[][]; reason: Both }[];
  signals: { signal: string; mask: string | null; span: number[] }[];
}

type Json<T> = { content: { "application/json": T } };
type Body<T> = { requestBody: Json<T> };
type Answers<Ok, Status extends number = 200> = { responses: { [S in Status]: Json<Ok> } };
type Done = { responses: { 204: { content?: never } } };
type Of<Name extends string> = { parameters: { path: Record<Name, string> } };
type Once = { parameters: { header?: { "Idempotency-Key"?: string | null } } };
type Ofs = Of<"change_id">;

export interface RulebookPaths {
  "/api/rulebook": { get: Answers<Rulebook> };
  "/api/rulebook/changes": { post: Once & Body<{ title: string; version?: string }> & Answers<Change, 201> };
  "/api/rulebook/changes/{change_id}": { get: Ofs & Answers<Change> };
  "/api/rulebook/changes/{change_id}/files/{name}": {
    get: Of<"change_id" | "name"> & Answers<{ name: string; text: string }>;
    put: Of<"change_id" | "name"> & Body<{ text: string; edition: number }> & Answers<{ edition: number }>;
  };
  "/api/rulebook/changes/{change_id}/check": { post: Ofs & Answers<{ faults: Fault[] }> };
  "/api/rulebook/changes/{change_id}/explanation": { post: Ofs & Body<{ text: string }> & Answers<Explanation> };
  "/api/rulebook/changes/{change_id}/difference": { get: Ofs & Answers<Difference> };
  "/api/rulebook/changes/{change_id}/replays": { post: Ofs & Once & Body<{ days: number }> & Answers<Change, 202> };
  "/api/rulebook/changes/{change_id}/proposal": { post: Ofs & Done; delete: Ofs & Done };
  "/api/rulebook/changes/{change_id}/rejection": { post: Ofs & Body<{ reason: string }> & Done };
  "/api/rulebook/changes/{change_id}/approval": { post: Ofs & Body<{ version: string; replay_id?: Id }> & Done };
  "/api/rulebook/changes/{change_id}/carrying-over": { post: Ofs & Body<{ prefer?: "mine" | "theirs" }> & Done };
  "/api/rulebook/changes/{change_id}/discarding": { post: Ofs & Done };
}
