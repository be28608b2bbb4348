/**
 * The record of a contact: what is written, and what it still lacks before it can be closed.
 *
 * The service decides; `missing` foretells its answer by the same rules, so that the form can say what is
 * missing while it is being written. Whatever the service names beyond that is shown too.
 */

import type { Disposition, Mark, Outcome, RecordDraft, Region, ScreeningResult, Session, Summary } from "@/api/schema";

export const DISPOSITIONS: Disposition[] = [
  "counselling", "information", "referral_only", "silent", "hang_up", "wrong_number", "abusive", "sexual_misuse", "test",
];
/** Kinds of contact in which there was no talk that could have been screened. */
export const UNSCREENED: ReadonlySet<Disposition> = new Set(["silent", "hang_up", "wrong_number", "abusive", "sexual_misuse", "test"]);
export const OUTCOMES: Outcome[] = ["calmer", "unchanged", "worse", "unknown"];
export const PROBLEMS = [
  "crisis", "emotion", "mental_illness", "love", "marriage", "family", "parenting", "child_education", "study", "work",
  "interpersonal", "grief", "violence", "addiction", "sexuality", "health", "economic", "other",
] as const;
/** The service's name of an age band, and the key of its words. */
export const AGES: [string, string][] = [
  ["<10", "under10"], ["10-13", "a10_13"], ["14-17", "a14_17"], ["18-24", "a18_24"], ["25-29", "a25_29"],
  ["30-44", "a30_44"], ["45-59", "a45_59"], ["60+", "over60"], ["unknown", "unknown"],
];
export const REGIONS: Region[] = ["local", "non_local", "unknown"];
export const MARKS: Mark[] = ["difficult", "media", "public_safety_event"];
export const SUMMARY_FIELDS: (keyof Summary)[] = ["words", "facts", "judgment", "unknowns"];

export interface Draft {
  disposition: Disposition | undefined;
  outcome: Outcome | undefined;
  problem_types: string[];
  age_band: string | undefined;
  region: Region | undefined;
  marks: Mark[];
  summary: Summary;
}

export type Gap = "ended" | "disposition" | "screening" | "outcome";

export function draftOf(session: Session | null, toldAge: string | null): Draft {
  return {
    disposition: session?.disposition ?? undefined,
    outcome: session?.outcome ?? undefined,
    problem_types: [...(session?.problem_types ?? [])],
    age_band: session?.age_band ?? toldAge ?? undefined,
    region: session?.region ?? undefined,
    marks: [...(session?.marks ?? [])],
    summary: { words: "", facts: "", judgment: "", unknowns: "", ...session?.summary },
  };
}

/** What goes to the service: everything that has been filled in; region and marks always, for left out they would stay. */
export function bodyOf(draft: Draft): RecordDraft {
  const body: RecordDraft = {
    summary: { ...draft.summary }, problem_types: [...draft.problem_types], region: draft.region ?? null, marks: [...draft.marks],
  };
  if (draft.disposition !== undefined) body.disposition = draft.disposition;
  if (draft.outcome !== undefined) body.outcome = draft.outcome;
  if (draft.age_band !== undefined) body.age_band = draft.age_band;
  return body;
}

export function needsScreening(disposition: Disposition | null | undefined): boolean {
  return !disposition || !UNSCREENED.has(disposition);
}

/** What stands between this contact and its closing, in the order of the form; in danger every end needs a screening. */
export function missing(draft: Draft, screening: ScreeningResult | null, hasEnded: boolean, isGrave = false): Gap[] {
  const gaps: [Gap, boolean][] = [
    ["ended", !hasEnded],
    ["disposition", draft.disposition === undefined],
    ["screening", (isGrave || needsScreening(draft.disposition)) && screening === null],
    ["outcome", needsScreening(draft.disposition) && draft.outcome === undefined],
  ];
  return gaps.filter(([, isMissing]) => isMissing).map(([name]) => name);
}
