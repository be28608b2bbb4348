/**
 * The counselor's telephone as the desk sees it: its state, what is heard, and the contact it serves.
 *
 * A page that is loaded anew has no call, though the service may still count it as talking. Which offer
 * belongs to which contact is therefore kept for the life of the tab, so that the call can be taken up
 * again by hand.
 */

import { defineStore } from "pinia";
import { ref, shallowRef } from "vue";
import { takeSoftphoneToken } from "@/api/calls";
import type { Id, SoftphoneToken } from "@/api/schema";
import { after, type Heard, type Phone, type PhoneState, type PhoneStep } from "./phone";
import { PracticePhone } from "./practice";
import { TwilioPhone } from "./twilio";

const KEPT = "hotline.calls";

export const usePhone = defineStore("phone", () => {
  const kind = ref<SoftphoneToken["kind"]>("none");
  const state = ref<PhoneState>("idle");
  const contactId = ref<Id | null>(null);
  const fault = ref<string | null>(null);
  const heardNow = shallowRef<Heard | null>(null);
  const transcript = shallowRef<Heard[]>([]);
  const isMuted = ref(false);
  let phone: Phone | null = null;

  function step(taken: PhoneStep): void {
    state.value = after(state.value, taken) ?? state.value;
  }

  function failed(code: string): void {
    fault.value = code;
    step("fault");
  }

  function use(made: Phone): void {
    phone = made;
    made.on("connected", () => step("connected"));
    made.on("ended", () => step("ended"));
    made.on("fault", failed);
    made.on("heard", (now, told) => {
      heardNow.value = now;
      transcript.value = told;
    });
  }

  /** Get a phone for this page; a fault here is shown on the desk, it does not stop chats. */
  async function prepare(): Promise<void> {
    if (phone !== null) return;
    try {
      const token = await takeSoftphoneToken();
      kind.value = token.kind;
      if (token.kind === "practice") use(new PracticePhone(token.exchange_url, token.identity));
      if (token.kind === "twilio") use(new TwilioPhone(token.token));
      await (phone as Phone | null)?.ready();
    } catch (thrown) {
      failed(thrown instanceof DOMException ? "microphone" : "not_ready");
    }
  }

  async function connect(contact: Id, offer: Id): Promise<void> {
    keep(contact, offer);
    contactId.value = contact;
    fault.value = null;
    heardNow.value = null;
    transcript.value = [];
    isMuted.value = false;
    if (phone === null) await prepare();
    if (phone === null) return;
    step("connect");
    await phone.connect({ offer }).catch(() => failed("connect"));
  }

  async function hangUp(): Promise<void> {
    await phone?.hangUp();
  }

  function mute(on: boolean): void {
    isMuted.value = on;
    phone?.mute(on);
  }

  function forget(contact: Id): void {
    if (contactId.value !== contact) return;
    step("forget");
    contactId.value = null;
    keep(contact, null);
  }

  function close(): void {
    phone?.close();
    phone = null;
    state.value = "idle";
    contactId.value = null;
    kind.value = "none";
    sessionStorage.removeItem(KEPT);
  }

  const offerOf = (contact: Id): Id | null => kept()[contact] ?? null;

  return {
    kind, state, contactId, fault, heardNow, transcript, isMuted,
    use, prepare, connect, hangUp, mute, forget, close, offerOf,
  };
});

function kept(): Record<Id, Id> {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "{}") as Record<Id, Id>;
  } catch {
    return {};
  }
}

function keep(contact: Id, offer: Id | null): void {
  const { [contact]: _, ...rest } = kept();
  sessionStorage.setItem(KEPT, JSON.stringify(offer === null ? rest : { ...rest, [contact]: offer }));
}
