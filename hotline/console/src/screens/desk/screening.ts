/** How pressing the screening is: calm, then a reminder, then overdue; seconds since the answer. */
export function urgency(seconds: number, remindSeconds: number, dueSeconds: number): "calm" | "remind" | "due" {
  if (seconds >= dueSeconds) return "due";
  return seconds >= remindSeconds ? "remind" : "calm";
}
