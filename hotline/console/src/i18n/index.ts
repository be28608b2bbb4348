/** Two languages, chosen by the reader and remembered on this machine. */

import { createI18n } from "vue-i18n";
import en from "./en";
import zh from "./zh-CN";

export type Locale = "zh-CN" | "en";
const KEPT = "hotline.locale";

export const i18n = createI18n({
  legacy: false,
  locale: first(),
  fallbackLocale: "en",
  messages: { "zh-CN": zh, en },
});

export function chooseLocale(locale: Locale): void {
  i18n.global.locale.value = locale;
  document.documentElement.lang = locale;
  localStorage.setItem(KEPT, locale);
}

export function localeNow(): Locale {
  return i18n.global.locale.value as Locale;
}

function first(): Locale {
  const kept = localStorage.getItem(KEPT);
  if (kept === "zh-CN" || kept === "en") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}
