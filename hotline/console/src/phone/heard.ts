/**
 * What the practice exchange says is heard, taken apart for people: a key of words, and who or what fills it.
 *
 * The exchange tells in English and names rooms and addresses, which say nothing to a counselor.
 */

import type { Heard } from "./phone";

/** Everything that the exchange can say; each has its words under `call.hears`. */
export const KINDS = ["ringing", "say", "play", "tones", "silence", "music", "room", "hold", "talk", "recording", "error", "ended"] as const;
export type HeardKind = (typeof KINDS)[number] | "alone";

export interface Told {
  kind: HeardKind | null;
  /** Who else is in the conversation, by role. */
  who: { name: string; isMuted: boolean }[];
  text: string;
}

const MUTED = " (muted)";

export function told(heard: Heard): Told {
  const kind = KINDS.find((each) => each === heard.kind) ?? null;
  if (kind !== "room") return { kind, who: [], text: heard.text };
  const listed = heard.text.split(" with: ")[1] ?? "nobody";
  if (listed === "nobody") return { kind: "alone", who: [], text: "" };
  const who = listed.split(", ").map((each) => ({ name: each.replace(MUTED, ""), isMuted: each.endsWith(MUTED) }));
  return { kind, who, text: "" };
}
