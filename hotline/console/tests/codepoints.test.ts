import { describe, expect, test } from "vitest";
import { cut, length } from "@/base/codepoints";

const marked = (words: string, ...spans: [number, number][]) =>
  cut(words, spans.map((span, by) => ({ span, by }))).filter((piece) => piece.by.length > 0).map((piece) => piece.words);

describe("the words that fired", () => {
  test("are found by code points, so an emoji before them moves nothing", () => {
    const words = "😔😔今晚我不想活了";
    expect(marked(words, [5, 9])).toEqual(["不想活了"]);
  });

  test("are found behind rare Han characters outside the basic plane", () => {
    expect(marked("𠮷野家里我想死", [5, 7])).toEqual(["想死"]);
  });

  test("keep every character of the message, in order", () => {
    const words = "𠮷 a😀b 我 e\u0301!";
    const whole = cut(words, [{ span: [1, 4], by: "x" }, { span: [3, 7], by: "y" }]).map((piece) => piece.words).join("");
    expect(whole).toBe(words);
  });

  test("carry every rule that covers them where two overlap", () => {
    const pieces = cut("abcdef", [{ span: [0, 4], by: "one" }, { span: [2, 6], by: "two" }]);
    expect(pieces).toEqual([
      { words: "ab", by: ["one"] },
      { words: "cd", by: ["one", "two"] },
      { words: "ef", by: ["two"] },
    ]);
  });

  test("are cut to fit when a span points outside, and an empty one marks nothing", () => {
    expect(marked("abc", [1, 99])).toEqual(["bc"]);
    expect(marked("abc", [-5, 1])).toEqual(["a"]);
    expect(marked("abc", [2, 2], [3, 1])).toEqual([]);
    expect(cut("", [{ span: [0, 3], by: 1 }])).toEqual([]);
  });

  test("are counted as the service counts them", () => {
    expect(length("😔活着")).toBe(3);
  });
});
