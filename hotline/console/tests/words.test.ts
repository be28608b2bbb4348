import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import en from "@/i18n/en";
import zh from "@/i18n/zh-CN";

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, before = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === "string") found.set(before + key, value);
    else for (const [inner, words] of flat(value, `${before}${key}.`)) found.set(inner, words);
  }
  return found;
}

const [inEnglish, inChinese] = [flat(en), flat(zh)];
const gaps = (words: string) => [...words.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((each) =>
    each.isDirectory() ? sources(join(folder, each.name)) : /\.(vue|ts)$/.test(each.name) ? [join(folder, each.name)] : [],
  );
}

describe("the two languages", () => {
  test("have the same keys", () => {
    expect([...inChinese.keys()].sort()).toEqual([...inEnglish.keys()].sort());
  });

  test("leave nothing empty and fill the same gaps", () => {
    for (const [key, words] of inEnglish) {
      expect(words.trim(), key).not.toBe("");
      expect(inChinese.get(key)?.trim(), key).not.toBe("");
      expect(gaps(inChinese.get(key) ?? ""), key).toEqual(gaps(words));
    }
  });

  test("are really two: no Chinese among the English words but the toggle", () => {
    const han = [...inEnglish].filter(([, words]) => /\p{Script=Han}/u.test(words)).map(([key]) => key);
    expect(han).toEqual(["locale.toggle", "locale.short"]);
  });

  test("hold every key that a screen asks for by its whole name", () => {
    const asked = sources("src").flatMap((file) => [...readFileSync(file, "utf8").matchAll(/(?:\bt\(|keypath=)"([a-zA-Z][\w.]+)"/g)].map((match) => match[1] ?? ""));
    expect(asked.length).toBeGreaterThan(100);
    expect([...new Set(asked)].filter((key) => !inEnglish.has(key))).toEqual([]);
  });

  test("hold every table of codes that a screen looks into, and every table a key is put together from", () => {
    const tables = sources("src").flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/\bcode\("([a-zA-Z][\w.]+)"|\bt\(`([a-zA-Z][\w.]+)\.\$\{/g)].map((match) => `${match[1] ?? match[2]}.`),
    );
    expect(tables.length).toBeGreaterThan(20);
    const held = [...inEnglish.keys()];
    expect([...new Set(tables)].filter((table) => !held.some((key) => key.startsWith(table)))).toEqual([]);
  });

  test("say in words why the house refuses a step of an escalation, a team, a dispatch or a task", () => {
    const domain = ["custody", "escalation", "team", "dispatch", "number", "task", "assist"].map((room) => join("..", "domain", `${room}.py`));
    const flow = ["escalation", "handover", "team", "dispatch"].map((room) => join("..", "flow", `${room}.py`));
    const rooms = [...domain, ...flow].map((file) => readFileSync(file, "utf8"));
    const codes = rooms.flatMap((room) => [...room.matchAll(/(?:Refused|Malformed|Forbidden|Absent)\(\s*"([\w.]+)"/g)].map((match) => `errors.${match[1]}`));
    expect(codes.length).toBeGreaterThan(40);
    expect([...new Set(codes)].filter((key) => !inEnglish.has(key))).toEqual([]);
  });

  test("say in words why a record, a warning, a restriction or a month is refused", () => {
    const rooms = ["abuse", "record", "measures"].map((room) => readFileSync(join("..", "domain", `${room}.py`), "utf8"));
    const codes = rooms.flatMap((room) => [...room.matchAll(/(?:Refused|Malformed|Forbidden|Absent)\(\s*"([\w.]+)"/g)].map((match) => `errors.${match[1]}`));
    expect(codes.length).toBeGreaterThan(15);
    expect(codes.filter((key) => !inEnglish.has(key))).toEqual([]);
  });
});
