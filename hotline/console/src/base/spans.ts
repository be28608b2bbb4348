/** Spans of time as people on shift read them: 0:07, 12:40, 1:05:09. Seconds, never below zero. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const tail = `${hours > 0 ? String(minutes).padStart(2, "0") : minutes}:${String(rest).padStart(2, "0")}`;
  return hours > 0 ? `${hours}:${tail}` : tail;
}

/** A span where there is little room, never more than six characters: 0:07, 99:59, then 1h40, 230h. */
export function shortClock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60)];
  if (minutes < 100) return `${minutes}:${String(whole % 60).padStart(2, "0")}`;
  return hours < 100 ? `${hours}h${String(minutes % 60).padStart(2, "0")}` : `${hours}h`;
}

/** Seconds from `from` to `to` (milliseconds since 1970, or ISO); 0 when either is unknown. */
export function secondsBetween(from: string | number | null | undefined, to: string | number | null | undefined): number {
  if (from === null || from === undefined || to === null || to === undefined) return 0;
  return (instant(to) - instant(from)) / 1000;
}

function instant(value: string | number): number {
  return typeof value === "number" ? value : Date.parse(value);
}
