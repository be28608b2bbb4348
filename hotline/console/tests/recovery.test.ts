import { flushPromises, mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { i18n } from "@/i18n";
import RecoveryNote from "@/screens/desk/RecoveryNote.vue";
import { serve } from "./fake";

const [past, ahead] = ["2020-01-01T00:00:00Z", "2090-01-01T00:00:00Z"];

async function shown(recovery: { may_end_at: string | null; is_needed: boolean }) {
  const asked = serve(() => ({ status: 200, body: recovery }));
  const note = mount(RecoveryNote, { global: { plugins: [i18n] } });
  await flushPromises();
  return { asked, note };
}

beforeEach(() => setActivePinia(createPinia()));
afterEach(() => vi.unstubAllGlobals());

describe("whoever recovers", () => {
  it("is told of somebody in danger, and comes back by an own click", async () => {
    const { asked, note } = await shown({ may_end_at: past, is_needed: true });
    await note.get("[data-testid=recovery-back]").trigger("click");
    await flushPromises();
    expect(asked.map((each) => each.method)).toEqual(["GET", "DELETE", "GET"]);
  });

  it("has no way back in the first minutes, and is not disturbed where nobody in danger waits", async () => {
    const early = await shown({ may_end_at: ahead, is_needed: true });
    expect(early.note.find("[data-testid=recovery-note]").exists()).toBe(true);
    expect(early.note.find("[data-testid=recovery-back]").exists()).toBe(false);
    const calm = await shown({ may_end_at: past, is_needed: false });
    expect(calm.note.find("[data-testid=recovery-note]").exists()).toBe(false);
  });
});
