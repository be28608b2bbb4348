/** Faults of a rulebook in the reader's words; a sentence of an unknown kind is shown as it came. */

import type { Fault } from "@/api/rulebook";

type Words = (key: string, gaps: Record<string, string>) => string;

const KINDS: [RegExp, (found: RegExpMatchArray, t: Words) => string][] = [
  [/^\w+ '(\w+)': the example '(.*)' should (.+?) and that is not so/s, (found, t) =>
    t("rules.fault.example", { entry: found[1] ?? "", example: found[2] ?? "", should: t(`rules.fault.should.${found[3] ?? ""}`, {}) })],
  [/^\w+ '(\w+)' names the category '(\w+)'/, (found, t) => t("rules.fault.category", { entry: found[1] ?? "", name: found[2] ?? "" })],
  [/^\w+ '(\w+)' turns into '(\w+)', which is no signal/, (found, t) => t("rules.fault.becomes", { entry: found[1] ?? "", name: found[2] ?? "" })],
  [/^\w+ '(\w+)' stands there twice/, (found, t) => t("rules.fault.twice", { entry: found[1] ?? "" })],
  [/^the category '(\w+)' stands in two files/, (found, t) => t("rules.fault.categoryTwice", { name: found[1] ?? "" })],
  [/^There must be exactly one file of rules with `limits`, found (\d+)/, (found, t) => t("rules.fault.limits", { count: found[1] ?? "" })],
  [/^A rulebook has (\d+) files at most/, (found, t) => t("rules.fault.files", { most: found[1] ?? "" })],
  [/^a file has (\d+) bytes at most/, (found, t) => t("rules.fault.bytes", { most: found[1] ?? "" })],
  [/^rule '(\w+)' speaks only of what was said before/, (found, t) => t("rules.fault.onlyBefore", { entry: found[1] ?? "" })],
  [/^rule '(\w+)': the condition is not a yes-or-no question/, (found, t) => t("rules.fault.notBoolean", { entry: found[1] ?? "" })],
  [/^rule '(\w+)': (.*) Correct its `when`\.$/s, (found, t) => t("rules.fault.when", { entry: found[1] ?? "", what: found[2] ?? "" })],
  [/^\w+ '(\w+)': <(.*)> is not a word list of this language/, (found, t) => t("rules.fault.wordList", { entry: found[1] ?? "", name: found[2] ?? "" })],
  [/^\w+ '(\w+)': the gap …(\d+) in '(.*)' is too wide; (\d+) is the most/s, (found, t) =>
    t("rules.fault.gap", { entry: found[1] ?? "", term: found[3] ?? "", most: found[4] ?? "" })],
  [/^\w+ '(\w+)': ['"](.*)['"] has a bracket that does not (?:open|close)/s, (found, t) => t("rules.fault.bracket", { entry: found[1] ?? "", term: found[2] ?? "" })],
  [/^\w+ '(\w+)': ['"](.*)['"] has a stray/s, (found, t) => t("rules.fault.stray", { entry: found[1] ?? "", term: found[2] ?? "" })],
  [/^\w+ '(\w+)': ['"](.*)['"] has no fixed word/s, (found, t) => t("rules.fault.fixedWord", { entry: found[1] ?? "", term: found[2] ?? "" })],
  [/^this is not readable YAML: (.*)$/s, (found, t) => t("rules.fault.yaml", { what: found[1] ?? "" })],
  [/^(.*): Extra inputs are not permitted/, (found, t) => t("rules.fault.extra", { place: found[1] ?? "" })],
  [/^(.*): Field required/, (found, t) => t("rules.fault.missing", { place: found[1] ?? "" })],
  [/^(.*): Value error, '(.*)' is no flag; use one of: (.*)\.$/, (found, t) => t("rules.fault.flag", { place: found[1] ?? "", name: found[2] ?? "", known: found[3] ?? "" })],
  [/^(.*): Value error, '(.*)' is not a level; use one of: (.*?)\.+$/, (found, t) => t("rules.fault.level", { place: found[1] ?? "", name: found[2] ?? "", known: found[3] ?? "" })],
  [/^(.*): (?:String|Tuple|Dictionary) should (.*)\.$/, (found, t) => t("rules.fault.form", { place: found[1] ?? "", what: found[2] ?? "" })],
  [/^(.*): Input should be (.*)\.$/, (found, t) => t("rules.fault.value", { place: found[1] ?? "", what: found[2] ?? "" })],
];

export function inWords(fault: Fault, t: Words): string {
  for (const [kind, say] of KINDS) {
    const found = fault.sentence.match(kind);
    if (found) return say(found, t);
  }
  return fault.sentence;
}
