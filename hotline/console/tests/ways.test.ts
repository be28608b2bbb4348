import { mount } from "@vue/test-utils";
import { describe, expect, it } from "vitest";
import type { Way } from "@/api/schema";
import { i18n } from "@/i18n";
import WaysList from "@/screens/desk/WaysList.vue";

const medical: Way = {
  flag: "medical", team: "crisis", agencies: [{ code: "120", number: "120" }], is_now: true, report: false,
  advice: { zh: "先叫救护车", en: "Call the ambulance first" },
};
const child: Way = {
  flag: "child_in_danger", team: "child_protection", agencies: [{ code: "110", number: "110" }, { code: "other", number: "12355" }],
  is_now: false, report: true, advice: { zh: "确认是否安全", en: "Find out whether they are safe" },
};

describe("the ways of a contact's flags", () => {
  it("name the number to ring, what to do first, and a report that may be owed", () => {
    const shown = mount(WaysList, { props: { ways: [medical, child] }, global: { plugins: [i18n] } });
    const [first, second] = shown.findAll("[data-testid=way]");
    expect(first?.text()).toContain("120");
    expect(first?.classes()).toContain("now");
    expect(second?.text()).toContain("12355");
    expect(second?.find(".report").exists()).toBe(true);
  });

  it("are not shown where no flag leads anywhere", () => {
    const shown = mount(WaysList, { props: { ways: [] }, global: { plugins: [i18n] } });
    expect(shown.find("[data-testid=ways]").exists()).toBe(false);
  });
});
