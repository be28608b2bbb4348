import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Review } from "@/api/schema";
import { i18n } from "@/i18n";
import ToReview from "@/screens/board/ToReview.vue";
import { serve } from "./fake";

const likely: Review = {
  contact_id: "c1", channel: "chat", state: "closed", level: "none_found", arrived_at: "2026-11-20T04:00:00Z", opinion: 93, messages: 12,
};

afterEach(() => vi.unstubAllGlobals());

describe("what is worth a second look", () => {
  it("is listed as the service orders it, opened by a click, and asked for again when the talk is closed", async () => {
    const asked = serve(() => ({ status: 200, body: { reviews: [likely, { ...likely, contact_id: "c2", opinion: 61 }] } }));
    const shown = mount(ToReview, { props: { opened: null }, global: { plugins: [i18n] } });
    await flushPromises();
    expect(shown.findAll("li").map((each) => each.attributes("data-contact"))).toEqual(["c1", "c2"]);
    expect(shown.text()).toContain("93");
    await shown.find("button").trigger("click");
    expect(shown.emitted("open")).toEqual([["c1"]]);
    await shown.setProps({ opened: "c1" });
    await shown.setProps({ opened: null });
    await flushPromises();
    expect(asked).toHaveLength(2);
  });

  it("is silent where there is nothing, or nothing can be had", async () => {
    serve(() => ({ status: 503, body: { code: "store.unreachable", message: "later" } }));
    const shown = mount(ToReview, { props: { opened: null }, global: { plugins: [i18n] } });
    await flushPromises();
    expect(shown.find("[data-testid=board-reviews]").exists()).toBe(false);
  });
});
