/**
 * The sounds of the desk: a soft ring for an offer, a firmer call for an escalation or for a counselor who
 * asks for somebody.
 *
 * Made by WebAudio, so nothing is downloaded and both differ plainly from a telephone and from each
 * other. Browsers keep audio silent until the page has been clicked or typed on: `isSilenced` says so,
 * and the header then offers a button, for a ring nobody hears is a missed caller.
 */

import { ref } from "vue";

export const isSilenced = ref(false);

let context: AudioContext | null = null;
const playing = new Map<string, number>();

type Note = { hertz: number; at: number; lasts: number };
const RING: Note[] = [
  { hertz: 523, at: 0, lasts: 0.38 },
  { hertz: 659, at: 0.22, lasts: 0.5 },
];
const ALARM: Note[] = [
  { hertz: 880, at: 0, lasts: 0.2 },
  { hertz: 698, at: 0.24, lasts: 0.2 },
  { hertz: 880, at: 0.48, lasts: 0.3 },
];
const TICK: Note[] = [{ hertz: 740, at: 0, lasts: 0.16 }];

/** Start sound if the browser lets us; call from a click or key press. */
export async function unlock(): Promise<void> {
  const made = audio();
  if (made === null) return;
  if (made.state === "suspended") await made.resume().catch(() => undefined);
  isSilenced.value = made.state !== "running";
}

export function startRing(): void {
  repeat("ring", RING, 2_000, 0.22);
}

export function stopRing(): void {
  stop("ring");
}

/** Call for an escalation, again every `everyMs` until stopped. */
export function startAlarm(everyMs = 6_000): void {
  repeat("alarm", ALARM, everyMs, 0.26);
}

export function stopAlarm(): void {
  stop("alarm");
}

/** Call for a counselor who asks for a supervisor: the same notes, stopped by itself. */
export function startCall(everyMs = 6_000): void {
  repeat("call", ALARM, everyMs, 0.26);
}

export function stopCall(): void {
  stop("call");
}

/** One quiet note: words have come in on a contact that is not in front. */
export function tick(): void {
  play(TICK, 0.1);
}

function repeat(name: string, notes: Note[], everyMs: number, loudness: number): void {
  if (playing.has(name)) return;
  play(notes, loudness);
  playing.set(name, window.setInterval(() => play(notes, loudness), everyMs));
}

function stop(name: string): void {
  window.clearInterval(playing.get(name));
  playing.delete(name);
}

function play(notes: Note[], loudness: number): void {
  const made = audio();
  if (made === null) return;
  if (made.state === "suspended") void unlock();
  isSilenced.value = made.state !== "running";
  for (const note of notes) {
    const [tone, gain, begin] = [made.createOscillator(), made.createGain(), made.currentTime + note.at];
    tone.type = "sine";
    tone.frequency.value = note.hertz;
    gain.gain.setValueAtTime(0, begin);
    gain.gain.linearRampToValueAtTime(loudness, begin + 0.03);
    gain.gain.exponentialRampToValueAtTime(0.0001, begin + note.lasts);
    tone.connect(gain).connect(made.destination);
    tone.start(begin);
    tone.stop(begin + note.lasts + 0.05);
  }
}

function audio(): AudioContext | null {
  if (context === null && typeof AudioContext !== "undefined") context = new AudioContext();
  return context;
}
