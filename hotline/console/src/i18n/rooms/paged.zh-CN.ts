/** 电话通知的应答。 */
export default {
  answer: { taken: "已电话接手", heard: "会到岗", declined: "不能接手", late: "已由他人接手", silent: "未按键" },
};
