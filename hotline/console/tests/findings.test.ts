import { describe, expect, test } from "vitest";
import type { Finding } from "@/api/schema";
import { listed, messageOf } from "@/screens/desk/findings";

const found = (id: string, given: Partial<Finding>): Finding => ({
  id, at: "2026-11-21T10:00:00Z", source: "message", message_seq: 1, rule: "not_safe_now", verdict: "hit", level: "imminent",
  flags: [], reason: { zh: "", en: "" }, spans: [], ...given,
});

describe("findings", () => {
  const form = found("form", { source: "form", message_seq: null });
  const again = found("again", { at: "2026-11-21T10:01:00Z" });
  const words = found("words", { at: "2026-11-21T10:01:00Z", rule: "plan", level: "high", spans: [[0, 2]] });

  test("of the form stay the form's, though every message is judged together with it", () => {
    expect(listed([again, form, words]).map((each) => each.id)).toEqual(["form", "words"]);
    expect([form, again, words].map(messageOf)).toEqual([null, null, 1]);
  });

  test("in the words of two messages are two", () => {
    const later = found("later", { ...words, id: "later", message_seq: 2, at: "2026-11-21T10:02:00Z" });
    expect(listed([words, later]).map((each) => [each.id, messageOf(each)])).toEqual([["later", 2], ["words", 1]]);
  });
});
