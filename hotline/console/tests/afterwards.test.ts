import { describe, expect, test } from "vitest";
import { PARTS } from "@/api/afterwards";
import { itemsOf, textOf } from "@/screens/afterwards/lists";

describe("a safety plan between its lists and its boxes", () => {
  test("keeps one item a line, and leaves out what is empty", () => {
    const texts = { ...textOf(null), people: " 姐姐 \n\n老师\n" };
    expect(itemsOf(texts).people).toEqual(["姐姐", "老师"]);
    expect(itemsOf(texts).own_coping).toEqual([]);
  });

  test("comes back as it was written", () => {
    const lists = { ...itemsOf(textOf(null)), warning_signs: ["睡不着", "不接电话"] };
    expect(itemsOf(textOf(lists))).toEqual(lists);
  });

  test("has the six parts of the intervention", () => {
    expect(PARTS).toHaveLength(6);
  });
});
