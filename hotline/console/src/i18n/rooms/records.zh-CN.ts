/** 记录、更正、骚扰、限制和月报：服务拒绝时说的话。 */

export default {
  label: "遇到骚扰",
  why: "可以先警告一次；对方仍不停止，按一下就结束，不再询问。有危险迹象时，请先询问自杀风险。",
  kindLabel: "哪一种",
  kind: { insults: "辱骂", threats: "威胁", sexual: "性骚扰", prank: "恶作剧" },
  warn: "已警告对方",
  warned: "已记下这次警告。",
  end: "立即结束这次来访",
  ended: "已结束，督导可以看到。整理完记录后您可以先休息，准备好再接听。",
};

export const refusals = {
  action: {
    no_talk: "还没有交谈，无法登记商定的措施。",
    kind: "已登记的措施不能改换类别或记录，请另外添加一条。",
    kind_unknown: "没有这类措施。",
    state_unknown: "措施没有这种进展。",
  },
  amendment: {
    value: "请写明应改成什么。",
    open: "记录还没有结束，请直接修改。",
    field: "这一项不能更正。",
    reason: "请写明更正的理由。",
  },
  abuse: {
    no_talk: "现在没有通话或会话，无法警告。",
    kind: "请选择是哪一种骚扰。",
    risk_first: "这次来访有危险迹象：请先询问自杀风险，或请督导介入。",
  },
  restriction: {
    absent: "没有这项限制。",
    nobody: "无法辨认这位求助者，不能加以限制。",
    risk_first: "只要现在或近期有危险迹象，或者还没有问过自杀风险并得到否认，就不能限制。",
    second_person: "须由另一个人同意这项限制。",
    over: "这项限制已到期；如仍有需要，请重新提出。",
    reason: "请写明理由。",
    kind: "没有这种限制。",
    review_on: "复核日期须从今天起，且不能太远。",
    ends_on: "请写明限制到哪一天为止。",
  },
  report: {
    month: "请按“年-月”填写月份，例如 2026-01。",
    month_open: "这个月还没有结束，月底之后才能存档。",
  },
  centre: { absent: "没有这个中心。" },
};
