/**
 * How grave one contact is and why, kept fresh by its card; and the instruments of the house, loaded once.
 *
 * As for a contact's details, the card says *that* something changed and what changed is fetched.
 */

import { onScopeDispose, shallowRef, watch, type Ref } from "vue";
import { getRisk, listInstruments } from "@/api/calls";
import { asRefusal, type Refusal } from "@/api/refusal";
import type { Id, Instrument, Risk } from "@/api/schema";
import { useLive } from "./store";

const SETTLE_MS = 120;

/** The instruments of this house; empty until they have come. */
export const instruments = shallowRef<Instrument[]>([]);

export async function loadInstruments(): Promise<void> {
  instruments.value = (await listInstruments()).instruments;
}

export function useRisk(contactId: Ref<Id>) {
  const live = useLive();
  const risk = shallowRef<Risk | null>(null);
  const refusal = shallowRef<Refusal | null>(null);
  let settle: ReturnType<typeof setTimeout> | undefined;

  async function refresh(): Promise<void> {
    const id = contactId.value;
    try {
      if (instruments.value.length === 0) await loadInstruments();
      const fresh = await getRisk(id);
      if (id === contactId.value) [risk.value, refusal.value] = [fresh, null];
    } catch (thrown) {
      refusal.value = asRefusal(thrown);
    }
  }

  function soon(): void {
    clearTimeout(settle);
    settle = setTimeout(() => void refresh(), SETTLE_MS);
  }

  watch(contactId, () => {
    risk.value = null;
    void refresh();
  }, { immediate: true });
  watch(() => live.contact(contactId.value), soon);
  onScopeDispose(() => clearTimeout(settle));

  return { risk, refusal, refresh };
}
