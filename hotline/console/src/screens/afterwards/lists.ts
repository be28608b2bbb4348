/** A safety plan between its lists and the boxes that they are written in: one item a line. */

import { PARTS, type Lists, type Part } from "@/api/afterwards";

export function textOf(lists: Lists | null): Record<Part, string> {
  return Object.fromEntries(PARTS.map((part) => [part, (lists?.[part] ?? []).join("\n")])) as Record<Part, string>;
}

export function itemsOf(texts: Record<Part, string>): Lists {
  return Object.fromEntries(
    PARTS.map((part) => [part, texts[part].split("\n").map((line) => line.trim()).filter((line) => line !== "")]),
  ) as Lists;
}
