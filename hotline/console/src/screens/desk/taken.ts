/**
 * What became of the counselor's contacts while her line was away.
 *
 * Who is cut off for too long comes back to an empty desk. The reason of her presence tells it, also after a
 * reload; while she still has another contact in hand that reason is not shown, so what lay before her when
 * the line broke is compared with what lies there when it is back.
 */

import { computed, ref, watch } from "vue";
import type { ContactCard } from "@/api/cards";
import type { Id } from "@/api/schema";
import { heldBy } from "@/live/held";
import { useLive } from "@/live/store";

/** Which line was away: the page's, for chats, or the phone's, for calls. */
export type Away = "console" | "device";

export function useTaken(staffId: () => Id | undefined) {
  const live = useLive();
  const own = computed(() => live.counselor(staffId() ?? ""));
  const reason = computed(() => (own.value?.reason === "console" || own.value?.reason === "device" ? own.value.reason : null));
  const missing = ref<Away | null>(null);
  const dismissedSince = ref<string | null>(null);
  let before: ContactCard[] = [];

  const taken = computed<Away | null>(() =>
    missing.value ?? (own.value?.since === dismissedSince.value ? null : reason.value));

  function talks(): ContactCard[] {
    return heldBy(live.contacts, staffId()).filter((card) => card.state === "talking");
  }

  function dismiss(): void {
    missing.value = null;
    if (reason.value !== null) dismissedSince.value = own.value?.since ?? null;
  }

  watch(() => live.isStale, (isStale) => {
    if (isStale) {
      before = talks();
      return;
    }
    const here = new Set(heldBy(live.contacts, staffId()).map((card) => card.contact_id));
    const gone = before.find((card) => !here.has(card.contact_id));
    if (gone !== undefined) missing.value = gone.channel === "chat" ? "console" : "device";
  });
  watch(() => own.value?.choice, (choice) => {
    if (choice === "ready") missing.value = null;
  });

  return { taken, dismiss };
}
