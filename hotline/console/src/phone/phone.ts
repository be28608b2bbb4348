/**
 * What the desk needs of a telephone, whoever makes it.
 *
 * Two stand behind this: the practice phone (talks to the practice exchange, shows as text what is heard)
 * and Twilio's Voice SDK. The desk never learns which. A phone has one call at a time; its life is the
 * table below, and what does not fit the table is late news about a call that is over: it is let go.
 */

import type { Id } from "@/api/schema";

export interface Heard {
  at: string;
  kind: string;
  text: string;
}

export interface PhoneEvents {
  connected: () => void;
  ended: () => void;
  /** What the counselor hears, as text; only the practice phone knows. */
  heard: (now: Heard | null, transcript: Heard[]) => void;
  fault: (code: string) => void;
}

export interface Phone {
  /** Make ready to be used: a token, the microphone's permission. */
  ready(): Promise<void>;
  connect(what: { offer: Id }): Promise<void>;
  hangUp(): Promise<void>;
  mute(on: boolean): void;
  on<Name extends keyof PhoneEvents>(name: Name, tell: PhoneEvents[Name]): void;
  close(): void;
}

export type PhoneState = "idle" | "connecting" | "talking" | "ended" | "fault";
export type PhoneStep = "connect" | "connected" | "ended" | "fault" | "forget";

const MOVES: Record<PhoneState, Partial<Record<PhoneStep, PhoneState>>> = {
  idle: { connect: "connecting", fault: "fault" },
  connecting: { connected: "talking", ended: "ended", fault: "fault" },
  talking: { ended: "ended", fault: "fault" },
  ended: { connect: "connecting", forget: "idle" },
  fault: { connect: "connecting", forget: "idle" },
};

/** The state after a step, or null when the step does not belong here. */
export function after(state: PhoneState, step: PhoneStep): PhoneState | null {
  return MOVES[state][step] ?? null;
}

/** Keeps the listeners; both phones build on it. */
export class Listeners {
  private readonly told = new Map<keyof PhoneEvents, ((...given: never[]) => void)[]>();

  on<Name extends keyof PhoneEvents>(name: Name, tell: PhoneEvents[Name]): void {
    this.told.set(name, [...(this.told.get(name) ?? []), tell]);
  }

  tell<Name extends keyof PhoneEvents>(name: Name, ...words: Parameters<PhoneEvents[Name]>): void {
    for (const tell of this.told.get(name) ?? []) (tell as (...given: Parameters<PhoneEvents[Name]>) => void)(...words);
  }
}
