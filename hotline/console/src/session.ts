/** Who is signed in, what that person may do, and the coming and going of everything that hangs on it. */

import { defineStore } from "pinia";
import { computed, shallowRef } from "vue";
import * as calls from "@/api/calls";
import { forgetWishes } from "@/api/once";
import { asRefusal } from "@/api/refusal";
import type { Me } from "@/api/schema";
import { leaveMark, mayBeSignedIn } from "@/base/mark";
import { useLive } from "@/live/store";
import { usePhone } from "@/phone/store";

export const useSession = defineStore("session", () => {
  const me = shallowRef<Me | null>(null);
  const wasSignedOut = shallowRef(false);
  const isUnreachable = shallowRef(false);
  const live = useLive();
  const phone = usePhone();
  const isKnown = computed(() => me.value !== null);
  const may = (permission: string) => me.value?.permissions.includes(permission) ?? false;

  function begin(found: Me): void {
    me.value = found;
    wasSignedOut.value = false;
    leaveMark(true);
    live.start(found.limits.beat_seconds, end);
  }

  /** The service no longer knows us; keep nothing of what was on the screen. */
  function end(): void {
    if (me.value === null) return;
    me.value = null;
    wasSignedOut.value = true;
    leaveMark(false);
    live.stop();
    phone.close();
    forgetWishes();
  }

  /** Take up the session of an earlier page, if there is one; never raises. */
  async function resume(): Promise<void> {
    if (!mayBeSignedIn()) return;
    try {
      begin(await calls.findMe());
    } catch (thrown) {
      isUnreachable.value = asRefusal(thrown).status !== 401;
      if (!isUnreachable.value) leaveMark(false);
    }
  }

  async function signIn(login: string, password: string): Promise<void> {
    begin(await calls.signIn(login, password));
  }

  async function signOut(): Promise<void> {
    await calls.choosePresence("signed_out").catch(() => undefined);
    await calls.signOut().catch(() => undefined);
    end();
    wasSignedOut.value = false;
  }

  calls.whenSignedOut(end);
  return { me, wasSignedOut, isUnreachable, isKnown, may, resume, signIn, signOut };
});
