/** What a supervisor looks at again, in English. */

export default {
  label: "Worth a second look",
  why: "The rules marked nothing; a learned second opinion finds these talks like words of danger. It is no judgement.",
  likely: "{percent} % alike",
  messages: "{count} messages",
  open: "Open the talk of {at}",
};
