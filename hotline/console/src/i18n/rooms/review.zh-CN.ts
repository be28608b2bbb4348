/** 值得主管再看一遍的对话。 */

export default {
  label: "值得再看一遍",
  why: "规则没有标记这些对话，学习模型认为它们与有风险的表达相似。这不是结论，请人工判断。",
  likely: "相似度 {percent}%",
  messages: "{count} 条消息",
  open: "打开 {at} 的对话",
};
