import { describe, expect, it } from "vitest";
import { i18n } from "@/i18n";
import { inWords } from "@/screens/rules/faults";

/** Sentences as `policy/rulebook.py`, `policy/ruletext.py` and `domain/risk/terms.py` say them. */
const SAID = [
  "signal 'zh_x': the example '我想死' should be noticed and that is not so: mend the terms, a mask, or the example.",
  "rule 'wish': the example '我想死' should miss and that is not so: mend the terms, a mask, or the example.",
  "signal 'zh_x' names the category 'farewel': add it to `categories` in rules.yaml or correct it.",
  "mask 'zh_x' turns into 'zh_y', which is no signal: add it or correct it.",
  "signal 'zh_x' stands there twice: give one of them another id.",
  "the category 'ideation' stands in two files: leave it in one.",
  "There must be exactly one file of rules with `limits`, found 2.",
  "A rulebook has 64 files at most: put some together.",
  "a file has 1000000 bytes at most: part it.",
  "rule 'wish' speaks only of what was said before, and would speak at every message: add what is said now (said.…).",
  "rule 'wish': the condition is not a yes-or-no question; compare it with something. Correct its `when`.",
  "rule 'wish': <input>:1:6: undeclared reference to 'sad' Correct its `when`.",
  "signal 'zh_x': <dy> is not a word list of this language; add it under `words`.",
  "signal 'zh_x': the gap …99 in '想…99死' is too wide; 40 is the most.",
  "signal 'zh_x': '(开' has a bracket that does not close.",
  "signal 'zh_x': '开)' has a bracket that does not open, or a stray sign.",
  "signal 'zh_x': '?死' has a stray '?'; write ？ for a question mark.",
  "signal 'zh_x': '(死)?' has no fixed word; leave one part without a question mark.",
  "this is not readable YAML: while parsing a block mapping.",
  "signals 'zh_x' termz: Extra inputs are not permitted.",
  "signals 'zh_x' category: Field required.",
  "rules 'wish' flags 0: Value error, 'suicid' is no flag; use one of: suicide, self_harm.",
  "rules 'wish' level: Value error, 'grave' is not a level; use one of: none_found, unknown, low, moderate, high, imminent..",
  "signals 'zh_x' id: String should match pattern '^[a-z]'.",
  "limits places_max: Input should be greater than or equal to 100.",
];

describe("the faults of a rulebook", () => {
  it.each(SAID)("are told in the reader's language: %s", (sentence) => {
    const fault = { file: "lexicon_zh.yaml", line: 1, entry: null, sentence };
    const told = (["zh-CN", "en"] as const).map((locale) => {
      i18n.global.locale.value = locale;
      return inWords(fault, i18n.global.t as never);
    });
    expect(told[0]).toMatch(/\p{Script=Han}/u);
    for (const each of told) expect(each).not.toMatch(/rules\.fault|^signal '|^rule '|should be noticed and/);
    expect(told[0]).not.toBe(sentence);
    expect(told[1]).not.toBe(told[0]);
  });

  it("of an unknown kind are shown as they came", () => {
    expect(inWords({ file: null, line: null, entry: null, sentence: "something new" }, (key) => key)).toBe("something new");
  });
});
