/**
 * Words cut into pieces by offsets that count Unicode code points.
 *
 * The service counts characters as Python does (one per code point); a JavaScript string counts UTF-16
 * units, so one emoji or rare Han character before a span would move every mark after it by one. Cutting
 * goes by code points throughout. Spans may overlap (two rules, one word) and may come in any order; a
 * piece carries everything that covers it. Offsets outside the words are cut to fit: a mark too short is
 * a smaller fault than a message that cannot be shown.
 */

export interface Marked<T> {
  span: readonly [number, number];
  by: T;
}

export interface Piece<T> {
  words: string;
  by: T[];
}

export function cut<T>(words: string, marks: readonly Marked<T>[]): Piece<T>[] {
  const points = Array.from(words);
  const inside = marks
    .map(({ span: [from, to], by }) => ({ from: clamp(from, points.length), to: clamp(to, points.length), by }))
    .filter(({ from, to }) => from < to);
  const edges = new Set([0, points.length]);
  for (const { from, to } of inside) edges.add(from).add(to);
  const at = [...edges].sort((left, right) => left - right);
  const pieces: Piece<T>[] = [];
  for (let index = 0; index + 1 < at.length; index += 1) {
    const [from, to] = [at[index] ?? 0, at[index + 1] ?? 0];
    const by = inside.filter((mark) => mark.from <= from && to <= mark.to).map((mark) => mark.by);
    pieces.push({ words: points.slice(from, to).join(""), by });
  }
  return pieces;
}

/** How many characters the service will count. */
export function length(words: string): number {
  return Array.from(words).length;
}

function clamp(offset: number, most: number): number {
  return Math.min(Math.max(Math.trunc(offset), 0), most);
}
