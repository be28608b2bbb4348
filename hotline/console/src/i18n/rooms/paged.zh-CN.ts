/** 电话通知的应答，以及危机小组所在的地区。 */
export default {
  region: "行政区划代码",
  regionHint: "按 GB/T 2260，如 42、4201、420106：当事人在该地区时优先通知；不填则面向整个中心。",
  answer: { taken: "已电话接手", heard: "会到岗", declined: "不能接手", late: "已由他人接手", silent: "未按键" },
};
