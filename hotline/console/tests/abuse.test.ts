import { flushPromises, mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Contact } from "@/api/schema";
import { i18n } from "@/i18n";
import AbusePanel from "@/screens/desk/AbusePanel.vue";
import { draftOf } from "@/screens/desk/record";
import RecordForm from "@/screens/desk/RecordForm.vue";
import { serve } from "./fake";

const panel = () => mount(AbusePanel, { props: { contactId: "c1" }, global: { plugins: [i18n] } });

describe("abuse at the desk", () => {
  beforeEach(() => setActivePinia(createPinia()));
  afterEach(() => vi.unstubAllGlobals());

  it("is warned of once, and then ended with one press and no question", async () => {
    const asked = serve(() => ({ status: 204 }));
    const shown = panel();
    await shown.find("[data-testid=abuse-sexual] input").setValue(true);
    await shown.find("[data-testid=abuse-warn]").trigger("click");
    await flushPromises();
    expect(shown.find("[data-testid=abuse-warn]").attributes("disabled")).toBeDefined();
    await shown.find("[data-testid=abuse-end]").trigger("click");
    await flushPromises();
    expect(asked).toEqual([
      { method: "POST", path: "/api/contacts/c1/abuse-warnings", body: { kind: "sexual" } },
      { method: "POST", path: "/api/contacts/c1/abuse-endings", body: { kind: "sexual" } },
    ]);
    expect(shown.emitted("ended")).toHaveLength(1);
  });

  it("is folded away, and nothing is pressed by mistake before it is said what it was", () => {
    const shown = panel();
    expect(shown.find("[data-testid=abuse]").attributes("open")).toBeUndefined();
    for (const button of ["abuse-warn", "abuse-end"]) expect(shown.find(`[data-testid=${button}]`).attributes("disabled")).toBeDefined();
  });

  it("is not ended so where there are signs of danger, and says what to do first", async () => {
    serve(() => ({ status: 409, body: { code: "abuse.risk_first", sentence: "", fields: {} } }));
    const shown = panel();
    await shown.find("[data-testid=abuse-insults] input").setValue(true);
    await shown.find("[data-testid=abuse-end]").trigger("click");
    await flushPromises();
    expect(shown.find("[data-testid=abuse-fault]").text()).toBe(i18n.global.t("errors.abuse.risk_first"));
    expect(shown.emitted("ended")).toBeUndefined();
  });

  it("leaves the kind of contact in the record, which the open form takes over", async () => {
    const form = { safe_now: null, age_band: null, attempted_before: null, crisis_key: false };
    const session = { ...draftOf(null, null), id: "s1", wrap_up_until: null };
    const contact = { id: "c1", level: "low", form, session } as unknown as Contact;
    const shown = mount(RecordForm, { props: { contact, hasEnded: false, screening: null }, global: { plugins: [i18n] } });
    await flushPromises();
    await shown.setProps({ contact: { ...contact, session: { ...session, disposition: "abusive" } } as unknown as Contact, hasEnded: true });
    expect(shown.find("[data-testid=disposition-abusive] input").element).toHaveProperty("checked", true);
    expect(shown.find("[data-testid=record-missing]").text()).toBe("");
    await flushPromises();
    shown.unmount();
  });
});
