/**
 * A thing the person does that the service has to carry out: busy while it runs, its refusal in words.
 *
 * A second press while the first runs is let go, so that a double click is one request.
 */

import { ElMessage } from "element-plus";
import { ref } from "vue";
import { asRefusal } from "@/api/refusal";
import { useSay } from "@/i18n/say";

export function useAct() {
  const isBusy = ref(false);
  const fault = ref("");
  const say = useSay();

  /** Whether it was carried out. */
  async function act(what: () => Promise<unknown>, done?: string): Promise<boolean> {
    if (isBusy.value) return false;
    isBusy.value = true;
    fault.value = "";
    try {
      await what();
      if (done !== undefined) ElMessage.success({ message: done, grouping: true });
      return true;
    } catch (thrown) {
      fault.value = say.refusal(asRefusal(thrown));
      return false;
    } finally {
      isBusy.value = false;
    }
  }

  /** As `act`, with the refusal in a message of its own, for buttons that have no room for one. */
  async function actAloud(what: () => Promise<unknown>, done?: string): Promise<boolean> {
    const wasDone = await act(what, done);
    if (!wasDone && fault.value) ElMessage.error({ message: fault.value, grouping: true, duration: 6_000 });
    return wasDone;
  }

  return { isBusy, fault, act, actAloud };
}
