/** What stood in a field of a record before each amendment, and months and days as the forms need them. */

import { TEXT_FIELDS, SEVERAL_FIELDS, type Amendment, type Field, type Written } from "@/api/records";

/** The value of a field: words, or codes. */
export type Value = string | string[];
export type Amended = Amendment & { before: Value; after: Value };

const isText = (field: Field): field is (typeof TEXT_FIELDS)[number] => (TEXT_FIELDS as readonly string[]).includes(field);
const isSeveral = (field: Field): field is (typeof SEVERAL_FIELDS)[number] => (SEVERAL_FIELDS as readonly string[]).includes(field);
export { isText, isSeveral };

export function valueOf(record: Written, field: Field): Value {
  if (isText(field)) return record.summary[field];
  if (isSeveral(field)) return record[field];
  const code = record[field];
  return code === null ? [] : [code];
}

/** Every amendment with what it replaced, in order: what was closed is the first of all values. */
export function withBefore(closed: Written, amendments: readonly Amendment[]): Amended[] {
  const standing = new Map<Field, Value>();
  return amendments.map((each) => {
    const before = standing.get(each.field) ?? valueOf(closed, each.field);
    const after = each.codes ?? each.text ?? "";
    standing.set(each.field, after);
    return { ...each, before, after };
  });
}

/** The last months before and with `month` (YYYY-MM), the newest first. */
export function monthsBack(month: string, many: number): string[] {
  const [year = 0, nth = 1] = month.split("-").map(Number);
  return Array.from({ length: many }, (_, back) => {
    const count = year * 12 + nth - 1 - back;
    return `${Math.floor(count / 12)}-${String((count % 12) + 1).padStart(2, "0")}`;
  });
}

/** A day in local time, so many days from `now`, as a date field has it. */
export function dayFrom(now: Date, days: number): string {
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() + days);
  return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}`;
}

/** How many days lie between `now` and a day of a date field, by local midnights; summer time does not matter. */
export function daysUntil(now: Date, day: string): number {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return Math.round((Date.UTC(year, month - 1, date) - Date.UTC(now.getFullYear(), now.getMonth(), now.getDate())) / 86_400_000);
}
