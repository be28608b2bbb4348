/**
 * A thing the person wants done, sent as often as it takes and carried out once.
 *
 * It gets a key before the first try and keeps it until the service has answered: who presses again because
 * no answer came wants the same, and the service knows it by its key. With other words in it, or taken up
 * again after a long while, it is another wish with a key of its own.
 */

import { newId } from "@/base/ids";
import { asRefusal } from "./refusal";
import type { Id } from "./schema";

const KEPT_MS = 5 * 60_000;

const unanswered = new Map<string, { key: Id; triedMs: number }>();

/** Send what is wanted under its key; `wish` says what it is, with every word in it. */
export async function once<T>(wish: readonly unknown[], send: (key: Id) => Promise<T>): Promise<T> {
  const name = JSON.stringify(wish);
  const tried = unanswered.get(name);
  const key = tried && Date.now() - tried.triedMs < KEPT_MS ? tried.key : newId();
  unanswered.set(name, { key, triedMs: Date.now() });
  try {
    const answer = await send(key);
    unanswered.delete(name);
    return answer;
  } catch (thrown) {
    if (asRefusal(thrown).isPassing) unanswered.set(name, { key, triedMs: Date.now() });
    else unanswered.delete(name);
    throw thrown;
  }
}

/** Forget every wish: whoever signs in next has others. */
export function forgetWishes(): void {
  unanswered.clear();
}
