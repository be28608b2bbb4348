import { describe, expect, test } from "vitest";
import { gaps } from "@/screens/teams/gaps";

const at = (hour: number) => new Date(Date.UTC(2026, 10, 22, hour)).toISOString();
const ms = (hour: number) => Date.UTC(2026, 10, 22, hour);
const watch = (from: number, to: number) => ({ begins_at: at(from), ends_at: at(to) });

describe("the times in which nobody is on call", () => {
  test("are the whole span without any watch", () => {
    expect(gaps([], ms(0), ms(24))).toEqual([{ from: ms(0), to: ms(24) }]);
  });

  test("lie before, between and after the watches, however these overlap", () => {
    const watches = [watch(10, 14), watch(2, 8), watch(6, 9)];
    expect(gaps(watches, ms(0), ms(20))).toEqual([
      { from: ms(0), to: ms(2) },
      { from: ms(9), to: ms(10) },
      { from: ms(14), to: ms(20) },
    ]);
  });

  test("are none where one watch follows the other", () => {
    expect(gaps([watch(0, 8), watch(8, 24)], ms(1), ms(24))).toEqual([]);
  });
});
