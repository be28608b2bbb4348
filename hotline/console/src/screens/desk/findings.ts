/**
 * The findings of a contact as they are listed: each once, and of the words only what the words gave.
 *
 * Every message is judged together with the form, the keys and the history, so that what the form gave
 * is found anew with each. Such a repetition marks no words; it is shown once, where it came from.
 */

import type { Finding } from "@/api/schema";
import { rank } from "./levels";

export function listed(findings: readonly Finding[]): Finding[] {
  const first = new Map<string, Finding>();
  const byAge = [...findings].sort((left, right) => left.at.localeCompare(right.at));
  for (const each of [...byAge.filter((one) => !isOfMessage(one)), ...byAge.filter(isOfMessage)]) {
    const key = marksWords(each) ? each.id : `${each.rule}:${each.verdict}:${each.level}`;
    if (!first.has(key)) first.set(key, each);
  }
  return [...first.values()].sort((left, right) => rank(right.level) - rank(left.level) || right.at.localeCompare(left.at));
}

/** The message that a finding speaks of; null for one that came from elsewhere. */
export function messageOf(finding: Finding): number | null {
  return isOfMessage(finding) && (marksWords(finding) || finding.verdict === "unsure") ? finding.message_seq : null;
}

function isOfMessage(finding: Finding): boolean {
  return finding.source === "message";
}

function marksWords(finding: Finding): boolean {
  return finding.spans.length > 0;
}
