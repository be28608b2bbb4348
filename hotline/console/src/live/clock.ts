/**
 * The service's time, as well as this machine can know it.
 *
 * Deadlines are the service's; a desk computer may be minutes off. Each beat gives one sample (its
 * `at` against the middle of the round trip); of the last eight the one with the shortest round trip
 * is believed. `now` ticks twice a second for everything that counts up or down.
 */

import { defineStore } from "pinia";
import { ref } from "vue";

const SAMPLES_MAX = 8;
const TICK_MS = 500;

export const useClock = defineStore("clock", () => {
  const offsetMs = ref(0);
  const now = ref(Date.now());
  let samples: { offset: number; trip: number }[] = [];
  let timer: ReturnType<typeof setInterval> | undefined;

  function learn(at: string, sentMs: number, heardMs: number): void {
    const sample = { offset: Date.parse(at) - (sentMs + heardMs) / 2, trip: heardMs - sentMs };
    samples = [...samples, sample].slice(-SAMPLES_MAX);
    offsetMs.value = samples.reduce((best, next) => (next.trip <= best.trip ? next : best)).offset;
    now.value = heardMs + offsetMs.value;
  }

  /** Take `at` at its word while there is no round trip to measure by. */
  function guess(at: string, heardMs: number): void {
    if (samples.length > 0) return;
    offsetMs.value = Date.parse(at) - heardMs;
    now.value = heardMs + offsetMs.value;
  }

  function start(): void {
    timer ??= setInterval(() => (now.value = Date.now() + offsetMs.value), TICK_MS);
  }

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
  }

  return { offsetMs, now, learn, guess, start, stop };
});
