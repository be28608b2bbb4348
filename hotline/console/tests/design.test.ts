import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

/** It has no look of its own. */
const WITHOUT_SHEET = new Set(["ElConfigProvider"]);

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((each) =>
    each.isDirectory() ? sources(join(folder, each.name)) : /\.(vue|ts)$/.test(each.name) ? [join(folder, each.name)] : [],
  );
}

const kebab = (part: string) => part.slice(2).replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

test("every part of Element Plus that a screen uses comes with its style sheet", () => {
  const sheets = readFileSync("src/design/element.ts", "utf-8");
  const used = new Set(sources("src").flatMap((file) =>
    [...readFileSync(file, "utf-8").matchAll(/import \{([^}]*)\} from "element-plus"/g)].flatMap(([, names]) =>
      (names ?? "").split(",").map((name) => name.trim()).filter((name) => name.startsWith("El") && !WITHOUT_SHEET.has(name)),
    ),
  ));
  expect(used.size).toBeGreaterThan(15);
  expect([...used].filter((part) => !sheets.includes(`/${kebab(part)}/style/css"`))).toEqual([]);
});
