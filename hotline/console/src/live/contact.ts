/**
 * One contact opened up: its details and its words, kept fresh by its card.
 *
 * The card says *that* something changed; what changed is fetched. Fetches never overlap: a change that
 * comes during one leads to exactly one more. Messages are asked for from the first one of ours that has
 * not been read yet, so that reading marks arrive without fetching the whole conversation again.
 */

import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from "vue";
import { getContact, listMessages } from "@/api/calls";
import { asRefusal, type Refusal } from "@/api/refusal";
import type { Contact, Id, Message } from "@/api/schema";
import { useLive } from "./store";

const SETTLE_MS = 80;

export function useContact(contactId: Ref<Id>) {
  const live = useLive();
  const detail = shallowRef<Contact | null>(null);
  const messages = shallowRef<Message[]>([]);
  const refusal = shallowRef<Refusal | null>(null);
  const wordsRefused = ref(false);
  const card = computed(() => live.contact(contactId.value));
  let running = false;
  let isDirty = false;
  let settle: ReturnType<typeof setTimeout> | undefined;

  async function refresh(): Promise<void> {
    isDirty = true;
    if (running) return;
    running = true;
    while (isDirty) {
      isDirty = false;
      await fetchOnce(contactId.value);
    }
    running = false;
  }

  async function fetchOnce(id: Id): Promise<void> {
    try {
      const fresh = await getContact(id);
      if (id !== contactId.value) return;
      detail.value = fresh;
      refusal.value = null;
      if (fresh.channel === "chat") await fetchWords(id);
    } catch (thrown) {
      refusal.value = asRefusal(thrown);
    }
  }

  async function fetchWords(id: Id): Promise<void> {
    try {
      const { messages: fresh } = await listMessages(id, askAfter(messages.value));
      if (id === contactId.value) messages.value = merged(messages.value, fresh);
    } catch (thrown) {
      const status = asRefusal(thrown).status;
      wordsRefused.value = status === 403 || status === 404;
      if (!wordsRefused.value) throw thrown;
    }
  }

  function soon(): void {
    clearTimeout(settle);
    settle = setTimeout(() => void refresh(), SETTLE_MS);
  }

  watch(contactId, () => {
    detail.value = null;
    messages.value = [];
    wordsRefused.value = false;
    void refresh();
  }, { immediate: true });
  watch(card, soon);
  watch(() => live.link, (link) => link === "open" && soon());
  watch(() => live.hints, (hint) => hint?.what === "read" && hint.contact_id === contactId.value && soon());
  onScopeDispose(() => clearTimeout(settle));

  return { card, detail, messages, refusal, wordsRefused, refresh };
}

/** The number after which to ask: before the earliest of our own messages that is still unread. */
export function askAfter(held: readonly Message[]): number {
  const unread = held.find((message) => message.sender === "counselor" && message.read_at === null);
  return unread ? unread.seq - 1 : (held.at(-1)?.seq ?? 0);
}

/** Both lists in one, the fresh one winning, in order of their numbers. */
export function merged(held: readonly Message[], fresh: readonly Message[]): Message[] {
  const bySeq = new Map(held.map((message) => [message.seq, message]));
  for (const message of fresh) bySeq.set(message.seq, message);
  return [...bySeq.values()].sort((left, right) => left.seq - right.seq);
}
