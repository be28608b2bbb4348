import type { EscalationCard } from "@/api/cards";

/** What nobody has taken first, by its deadline; then what somebody has, newest first. */
export function ordered(escalations: readonly EscalationCard[]): EscalationCard[] {
  const open = escalations.filter((each) => each.state !== "resolved" && each.state !== "stood_down");
  const waits = (each: EscalationCard) => each.state !== "acknowledged";
  return [
    ...open.filter(waits).sort((left, right) => (left.acknowledge_by ?? "").localeCompare(right.acknowledge_by ?? "")),
    ...open.filter((each) => !waits(each)).sort((left, right) => right.declared_at.localeCompare(left.declared_at)),
  ];
}
