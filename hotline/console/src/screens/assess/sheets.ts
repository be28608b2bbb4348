/** Answer sheets in order: the last of each instrument about one person, and what a questionnaire shows. */

import type { AnswerSheet, GivenAnswers as Answers, Id, Instrument, InstrumentItem } from "@/api/schema";

export const NOT_ASKED = "not_asked";
export const UNKNOWN = "unknown";
export const RATINGS = "ratings";

/** What a counselor begins with stands first; ratings have a panel of their own. */
const ORDER = ["criteria", "screener", "scale", "checklist"];

export function offered(instruments: readonly Instrument[]): Instrument[] {
  return instruments
    .filter((each) => each.use !== RATINGS && each.off === null)
    .sort((left, right) => ORDER.indexOf(left.use) - ORDER.indexOf(right.use));
}

/** The sheets of one instrument about one person, the newest first. */
export function sheetsOf(sheets: readonly AnswerSheet[], instrument: Id, subject: Id | null): AnswerSheet[] {
  return sheets.filter((each) => each.instrument.id === instrument && each.subject_id === subject).reverse();
}

/** The answers without those to questions that are not asked any more. */
export function still(answers: Answers, asked: readonly string[]): Answers {
  return Object.fromEntries(Object.entries(answers).filter(([item]) => asked.includes(item)));
}

/** The answers before the last one that was given, in the order of the questions. */
export function stepBack(items: readonly InstrumentItem[], answers: Answers): Answers {
  const last = items.findLast((item) => item.id in answers)?.id;
  return Object.fromEntries(Object.entries(answers).filter(([item]) => item !== last));
}

/** Questions side by side under the heading that they share. */
export function grouped(items: readonly InstrumentItem[]): { heading: InstrumentItem["group"]; items: InstrumentItem[] }[] {
  const groups: { heading: InstrumentItem["group"]; items: InstrumentItem[] }[] = [];
  for (const item of items) {
    const last = groups.at(-1);
    if (last && last.heading?.en === item.group?.en) last.items.push(item);
    else groups.push({ heading: item.group, items: [item] });
  }
  return groups;
}

/** How much a number has grown or shrunk, with its sign. */
export function signed(change: number): string {
  return change > 0 ? `+${change}` : String(change);
}
