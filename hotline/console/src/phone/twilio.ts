/**
 * A phone made by Twilio's Voice SDK, loaded only where it is used.
 *
 * The page calls in (`connect`), so nothing rings here: ringing is our own offer. The microphone is asked
 * for while the counselor gets ready, not while a caller waits. Tokens are short and are renewed before
 * they end.
 */

import type { Call, Device } from "@twilio/voice-sdk";
import { takeSoftphoneToken } from "@/api/calls";
import type { Id } from "@/api/schema";
import { Listeners, type Phone, type PhoneEvents } from "./phone";

export class TwilioPhone implements Phone {
  private readonly listeners = new Listeners();
  private device: Device | null = null;
  private call: Call | null = null;

  constructor(private readonly token: string) {}

  async ready(): Promise<void> {
    if (this.device !== null) return;
    const sdk = await import("@twilio/voice-sdk");
    const device = new sdk.Device(this.token, {
      codecPreferences: [sdk.Call.Codec.Opus, sdk.Call.Codec.PCMU],
      closeProtection: false,
      logLevel: "error",
    });
    device.on("tokenWillExpire", () => void this.renew());
    device.on("error", (error: { code?: number }) => this.listeners.tell("fault", `twilio_${error.code ?? "unknown"}`));
    this.device = device;
    await askForMicrophone();
  }

  on<Name extends keyof PhoneEvents>(name: Name, tell: PhoneEvents[Name]): void {
    this.listeners.on(name, tell);
  }

  async connect({ offer }: { offer: Id }): Promise<void> {
    await this.ready();
    if (this.device === null) throw new Error("the phone is not ready");
    const call = await this.device.connect({ params: { offer } });
    this.call = call;
    call.on("accept", () => this.listeners.tell("connected"));
    call.on("error", (error: { code?: number }) => this.listeners.tell("fault", `twilio_${error.code ?? "unknown"}`));
    for (const ending of ["disconnect", "cancel", "reject"]) call.on(ending, () => this.over(call));
  }

  async hangUp(): Promise<void> {
    this.call?.disconnect();
  }

  mute(on: boolean): void {
    this.call?.mute(on);
  }

  close(): void {
    this.call?.disconnect();
    this.device?.destroy();
    this.device = null;
    this.call = null;
  }

  private over(call: Call): void {
    if (this.call !== call) return;
    this.call = null;
    this.listeners.tell("ended");
  }

  private async renew(): Promise<void> {
    const fresh = await takeSoftphoneToken().catch(() => null);
    if (fresh?.kind === "twilio") this.device?.updateToken(fresh.token);
  }
}

async function askForMicrophone(): Promise<void> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  for (const track of stream.getTracks()) track.stop();
}
