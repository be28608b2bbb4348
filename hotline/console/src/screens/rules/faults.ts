/** Faults of a rulebook in the reader's words; a sentence of an unknown kind is shown as it came. */

import type { Fault } from "@/api/rulebook";

type Words = (key: string, gaps: Record<string, string>) => string;

const KINDS: [RegExp, (found: RegExpMatchArray, t: Words) => string][] = [
  [/^\w+ '(\w+)': the example '(.*)' should (.+?) and does not/s, (found, t) =>
    t("rules.fault.example", { entry: found[1] ?? "", example: found[2] ?? "", should: t(`rules.fault.should.${found[3] ?? ""}`, {}) })],
  [/^\w+ '(\w+)' names the category '(\w+)'/, (found, t) => t("rules.fault.category", { entry: found[1] ?? "", name: found[2] ?? "" })],
  [/^\w+ '(\w+)' stands there twice/, (found, t) => t("rules.fault.twice", { entry: found[1] ?? "" })],
  [/^this is not readable YAML: (.*)$/s, (found, t) => t("rules.fault.yaml", { what: found[1] ?? "" })],
  [/^(.*): Extra inputs are not permitted/, (found, t) => t("rules.fault.extra", { place: found[1] ?? "" })],
  [/^(.*): Field required/, (found, t) => t("rules.fault.missing", { place: found[1] ?? "" })],
];

export function inWords(fault: Fault, t: Words): string {
  for (const [kind, say] of KINDS) {
    const found = fault.sentence.match(kind);
    if (found) return say(found, t);
  }
  return fault.sentence;
}
