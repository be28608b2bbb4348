import { flushPromises, mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { chooseLocale, i18n } from "@/i18n";
import { useLive } from "@/live/store";
import QueueBands from "@/screens/board/QueueBands.vue";
import WhyWaiting from "@/screens/contact/WhyWaiting.vue";
import { contactCard, serve } from "./fake";

const WORDS = { "zh-CN": ["同一地址", "15:00"], en: ["one address", "15:00"] } as const;

beforeEach(() => {
  setActivePinia(createPinia());
  serve(() => ({ status: 200, body: { ahead: 3, counselors: [] } }));
});
afterEach(() => vi.unstubAllGlobals());

async function whyWaiting(behindSeconds: number) {
  const shown = mount(WhyWaiting, { props: { contactId: "c", state: "waiting", behindSeconds }, global: { plugins: [i18n] } });
  await flushPromises();
  return shown;
}

test.each(Object.entries(WORDS))("a supervisor is told why one of a crowd stands behind, in %s", async (locale, words) => {
  chooseLocale(locale as keyof typeof WORDS);
  const shown = await whyWaiting(900);
  for (const word of words) expect(shown.get("[data-testid=why-behind]").text()).toContain(word);
  shown.unmount();
});

test("nothing of it is said where nobody stands behind", async () => {
  const shown = await whyWaiting(0);
  expect(shown.find("[data-testid=why-behind]").exists()).toBe(false);
  shown.unmount();
});

test.each(Object.entries(WORDS))("the board marks who stands behind, beside what else moved it, in %s", (locale, words) => {
  chooseLocale(locale as keyof typeof WORDS);
  const live = useLive();
  const cards = [
    contactCard({ contact_id: "crowd", effective_band: 2, behind_seconds: 900, flags: ["crowded"] }),
    contactCard({ contact_id: "calm" }),
  ];
  vi.spyOn(live, "contacts", "get").mockReturnValue(cards);
  const shown = mount(QueueBands, { props: { names: new Map() }, global: { plugins: [i18n], stubs: { Ticking: true } } });
  const said = (id: string) => shown.get(`[data-contact=${id}] [data-testid=board-reason]`).text();
  for (const word of [...words, i18n.global.t("band.aged"), " · "]) expect(said("crowd")).toContain(word);
  expect(said("calm")).toBe("");
  shown.unmount();
});
