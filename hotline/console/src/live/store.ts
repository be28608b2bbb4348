/**
 * What is on the floor right now: the cards, and whether they can be believed.
 *
 * Every screen reads from here and none writes: `cards[id] = card`, snapshot replaces all. When nothing
 * has been heard for three beats, or the socket is down, the screen says that it is old; it never goes
 * blank, because old news about who waits is better than none.
 */

import { defineStore } from "pinia";
import { computed, ref, shallowReactive } from "vue";
import type { AssistCard, Card, ContactCard, CounselorCard, EscalationCard, Frame, HealthCard, OfferCard } from "@/api/cards";
import type { Id } from "@/api/schema";
import { useClock } from "./clock";
import { Feed, type FeedPorts, type Link } from "./feed";
import { browserPorts } from "./ports";

const BEATS_UNTIL_STALE = 3;
const HINT_MS = 5_000;

export const useLive = defineStore("live", () => {
  const clock = useClock();
  const cards = shallowReactive(new Map<string, Card>());
  const link = ref<Link>("closed");
  const heardMs = ref(0);
  const beatSeconds = ref(3);
  const hasSnapshot = ref(false);
  /** Whether a snapshot has come over the socket that is open now; an open socket alone proves nothing. */
  const isCurrent = ref(false);
  /** For how long no worker has been at work, so that nobody is offered or paged; null while one is. */
  const unpagedSeconds = ref<number | null>(null);
  const typing = shallowReactive(new Map<Id, number>());
  const hints = ref<{ what: string; contact_id: Id; n: number } | null>(null);
  let feed: Feed | null = null;
  let beatSentMs = 0;
  let onSignedOut: () => void = () => undefined;

  function put(frame: Frame): void {
    const at = Date.now();
    heardMs.value = at;
    if (frame.kind === "snapshot") {
      const kept = new Set(frame.cards.map((card) => card.id));
      for (const id of cards.keys()) if (!kept.has(id)) cards.delete(id);
      for (const card of frame.cards) cards.set(card.id, card);
      hasSnapshot.value = isCurrent.value = true;
      clock.guess(frame.at, at);
    } else if (frame.kind === "cards") {
      for (const card of frame.cards) cards.set(card.id, card);
      for (const id of frame.gone) cards.delete(id);
    } else if (frame.kind === "beat") {
      clock.learn(frame.at, beatSentMs || at, at);
      unpagedSeconds.value = frame.workers_silent_seconds ?? null;
    } else if (frame.kind === "hint") {
      if (frame.what === "typing") typing.set(frame.contact_id, at + HINT_MS);
      hints.value = { what: frame.what, contact_id: frame.contact_id, n: (hints.value?.n ?? 0) + 1 };
    }
  }

  function start(beat: number, signedOut: () => void, ports: FeedPorts = browserPorts): void {
    stop();
    beatSeconds.value = beat;
    onSignedOut = signedOut;
    const owner = { take: put, link: linked, signedOut: () => onSignedOut() };
    feed = new Feed(owner, { ...ports, every: (s, call) => ports.every(s, () => beatNow(call)) }, beat);
    clock.start();
    feed.start();
    globalThis.addEventListener?.("online", reopen);
  }

  function linked(to: Link): void {
    link.value = to;
    if (to !== "open") isCurrent.value = false;
  }

  function beatNow(call: () => void): void {
    beatSentMs = Date.now();
    call();
  }

  function stop(): void {
    globalThis.removeEventListener?.("online", reopen);
    feed?.stop();
    feed = null;
    clock.stop();
    cards.clear();
    hasSnapshot.value = false;
    unpagedSeconds.value = null;
  }

  function reopen(): void {
    feed?.reopen();
  }

  const all = computed(() => [...cards.values()]);
  const contacts = computed(() => all.value.filter((card): card is ContactCard => card.type === "contact"));
  const counselors = computed(() => all.value.filter((card): card is CounselorCard => card.type === "counselor"));
  const offers = computed(() => all.value.filter((card): card is OfferCard => card.type === "offer"));
  const escalations = computed(() => all.value.filter((card): card is EscalationCard => card.type === "escalation"));
  const assists = computed(() => all.value.filter((card): card is AssistCard => card.type === "assist"));
  const health = computed(() => together([...cards.values()].filter((card): card is HealthCard => card.type === "health")));

  const silentSeconds = computed(() => Math.max(0, (clock.now - clock.offsetMs - heardMs.value) / 1000));
  const isStale = computed(
    () => hasSnapshot.value && (!isCurrent.value || silentSeconds.value > BEATS_UNTIL_STALE * beatSeconds.value),
  );

  const contact = (id: Id) => cards.get(`contact:${id}`) as ContactCard | undefined;
  const counselor = (id: Id) => cards.get(`counselor:${id}`) as CounselorCard | undefined;
  const isTyping = (id: Id) => (typing.get(id) ?? 0) > clock.now - clock.offsetMs;
  const sayTyping = (contact_id: Id) => feed?.send({ kind: "typing", contact_id }) ?? false;

  return {
    cards, link, hasSnapshot, hints, contacts, counselors, offers, escalations, assists, health, silentSeconds, isStale, unpagedSeconds,
    put, start, stop, reopen, contact, counselor, isTyping, sayTyping,
  };
});

/** The days of all centres in reach as one: counts add up, the oldest wait is the oldest of all. */
function together(days: HealthCard[]): HealthCard | undefined {
  const sum = (pick: (day: HealthCard) => number) => days.reduce((total, day) => total + pick(day), 0);
  const oldest = days.map((day) => day.oldest_joined_at).filter((at): at is string => at !== null).sort()[0];
  if (days.length === 0) return undefined;
  return {
    type: "health", id: "health", waiting: sum((day) => day.waiting), oldest_joined_at: oldest ?? null,
    on_duty: sum((day) => day.on_duty), answered_today: sum((day) => day.answered_today),
    abandoned_today: sum((day) => day.abandoned_today),
    faults: [...new Set(days.flatMap((day) => day.faults))],
  };
}
