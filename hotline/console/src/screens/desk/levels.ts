/** Risk levels in their order; `unknown` stands above `none_found`, because nobody has looked yet. */
import type { Level } from "@/api/schema";

export const LEVELS: Level[] = ["none_found", "unknown", "low", "moderate", "high", "imminent"];

export function highest(levels: readonly Level[]): Level {
  return levels.reduce<Level>((top, level) => (rank(level) > rank(top) ? level : top), "none_found");
}

export function rank(level: Level): number {
  return LEVELS.indexOf(level);
}

/** Whether anybody in this contact is in danger, the caller or whom they call about. */
export function isGrave(contact: { level: Level; subject_level?: Level }): boolean {
  return Math.max(rank(contact.level), rank(contact.subject_level ?? "none_found")) >= rank("high");
}

/** What may be chosen from `level`: everything above it, and everything else for those who may lower. */
export function choosable(level: Level, mayLower: boolean): Level[] {
  return LEVELS.filter((each) => each !== "unknown" && each !== level && (mayLower || rank(each) > rank(level)));
}
