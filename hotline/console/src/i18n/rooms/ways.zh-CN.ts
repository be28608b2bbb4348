/** 各类危险标记对应的求助去向。 */

export default {
  label: "可以联系谁",
  now: "请立即拨打：",
  athand: "备用：",
  report: "可能须依法报告，请看待办。",
  flag: {
    suicide: "自杀危险",
    self_harm: "自伤",
    violence: "伤害他人的危险",
    abuse: "正受到伤害",
    child_in_danger: "未成年人处于危险中",
    medical: "身体急症",
    psychosis: "命令性幻听",
    intoxication: "饮酒或用药后",
    third_party: "他人处于危险中",
  },
  agency: { "110": "公安", "119": "消防", "120": "急救", other: "求助热线" },
};
