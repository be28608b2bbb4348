/**
 * What the service says in codes or in two languages, put into the reader's language.
 *
 * A code that this console does not know yet is shown as it came: a strange word is better than none.
 */

import { useI18n } from "vue-i18n";
import type { Refusal } from "@/api/refusal";
import type { Both } from "@/api/schema";

export function useSay() {
  const { t, te, locale } = useI18n();

  /** A code out of `group`, in words where there are any. */
  const code = (group: string, name: string | null | undefined): string => {
    if (name === null || name === undefined || name === "") return "";
    return te(`${group}.${name}`) ? t(`${group}.${name}`) : name.replaceAll("_", " ");
  };

  const both = (words: Partial<Both> | null | undefined): string => {
    if (!words) return "";
    const [first, second] = locale.value === "zh-CN" ? [words.zh, words.en] : [words.en, words.zh];
    return first || second || "";
  };

  const refusal = (refused: Refusal): string => {
    if (refused.code === "login.throttled" && refused.waitSeconds !== null) {
      return t("signIn.throttledFor", { seconds: refused.waitSeconds });
    }
    if (te(`errors.${refused.code}`)) return t(`errors.${refused.code}`);
    return refused.message || t("errors.http", { status: refused.status });
  };

  const why = (reason: Partial<Both> | string | null): string =>
    typeof reason === "string" ? code("board.whyCode", reason) : both(reason);

  const clockTime = (iso: string | number): string =>
    new Intl.DateTimeFormat(locale.value, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false }).format(new Date(iso));

  const dayTime = (iso: string): string =>
    new Intl.DateTimeFormat(locale.value, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false }).format(new Date(iso));

  return { t, te, locale, code, both, refusal, why, clockTime, dayTime };
}
