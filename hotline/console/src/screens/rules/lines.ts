/** Where a line of a text begins and ends, for an editor that shows a person the place of a fault. */

export function placeOf(text: string, line: number): { start: number; end: number } {
  const before = text.split("\n").slice(0, Math.max(line - 1, 0));
  const start = Math.min(before.reduce((sum, each) => sum + each.length + 1, 0), text.length);
  const end = text.indexOf("\n", start);
  return { start, end: end < 0 ? text.length : end };
}
