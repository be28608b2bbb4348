/** 咨询员呼叫督导。 */

export default {
  button: "请督导支援",
  title: "请督导支援",
  why: "督导会立即接到呼叫。求助者不会知道，也不会因此启动危机干预。",
  words: "补充说明",
  wordsHint: "可以不填",
  choose: "点选原因，立即发出",
  reason: {
    caller_in_danger: "求助者有危险",
    cannot_go_on: "我撑不住了",
    technical: "技术问题",
    other: "其他",
  },
  sent: "正在呼叫督导。",
  waiting: "正在呼叫督导",
  coming: "{name} 马上过来",
  withdraw: "不需要了",
  again: "没有人来，再次呼叫",
  list: "咨询员请求支援",
  asks: "{name} 请求督导支援",
  asksMany: "{n} 名咨询员请求督导支援",
  take: "我来",
  taken: "已由您接手，请马上过去。",
  comes: "{name} 正在赶去",
  mine: "您正在支援 {name}",
  end: "支援结束",
  back: "我去不了",
  readWords: "查看说明",
  open: "打开来电",
  silence: "静音",
};

export const refusals = {
  assist: {
    reason: "请选择原因。",
    session_over: "这次会谈已经结束；请发起危机干预，或直接打电话。",
    own: "这是您自己发出的呼叫，由别人来支援您。",
    taken: "已经有人去了。",
    over: "这次呼叫已经结束；如果仍需要支援，请再次呼叫。",
    not_taken: "只有接手的人可以结束；请先接手。",
    absent: "没有这次呼叫。",
  },
};
