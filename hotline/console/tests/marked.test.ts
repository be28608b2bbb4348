import { mount } from "@vue/test-utils";
import { expect, test } from "vitest";
import type { Finding } from "@/api/schema";
import { chooseLocale, i18n } from "@/i18n";
import MarkedWords from "@/screens/desk/MarkedWords.vue";

const finding: Finding = {
  id: "f", at: "2026-11-21T10:00:00Z", source: "message", message_seq: 1, rule: "suicide.intent", verdict: "hit", level: "imminent",
  flags: [], reason: { zh: "明确表达自杀意念", en: "Plain intent to die" }, spans: [[3, 7]],
};

test("the marked words carry their reason in the reader's language, for the eye and for the ear", async () => {
  chooseLocale("zh-CN");
  const shown = mount(MarkedWords, { props: { words: "😔今晚不想活了", findings: [finding] }, global: { plugins: [i18n] } });
  const mark = shown.get("mark");
  expect(shown.text()).toBe("😔今晚不想活了");
  expect([mark.text(), mark.attributes("tabindex")]).toEqual(["不想活了", "0"]);
  expect(mark.classes()).toContain("imminent");
  expect(mark.attributes("aria-label")).toContain("明确表达自杀意念");
  chooseLocale("en");
  await shown.vm.$nextTick();
  expect(mark.attributes("aria-label")).toContain("Plain intent to die");
});

test("words without findings are shown as they are, line breaks and markup included", () => {
  const words = "<b>第一行</b>\n第二行";
  const shown = mount(MarkedWords, { props: { words, findings: [] }, global: { plugins: [i18n] } });
  expect(shown.element.textContent).toBe(words);
});
