/** A counselor asks for a supervisor, in English. */

export default {
  button: "Ask for a supervisor",
  title: "Ask for a supervisor",
  why: "Somebody is called to you at once. The caller hears nothing of it, and it is no crisis alarm.",
  words: "In a few words",
  wordsHint: "You may leave this empty.",
  choose: "Press what fits: it is sent at once",
  reason: {
    caller_in_danger: "The caller is in danger",
    cannot_go_on: "I cannot go on",
    technical: "Something technical",
    other: "Something else",
  },
  sent: "A supervisor is being called.",
  waiting: "A supervisor is being called",
  coming: "{name} is coming",
  withdraw: "No longer needed",
  again: "Nobody came: call again",
  list: "Counselors who ask for a supervisor",
  asks: "{name} asks for a supervisor",
  asksMany: "{n} counselors ask for a supervisor",
  take: "I am coming",
  taken: "It is yours: go to them now.",
  comes: "{name} is coming",
  mine: "You are with {name}",
  end: "It is over",
  back: "I cannot come",
  readWords: "Read their words",
  open: "Open the contact",
  silence: "Silence",
};

export const refusals = {
  assist: {
    reason: "Choose why.",
    session_over: "This session is over; declare an escalation, or telephone.",
    own: "You asked for this yourself; somebody else comes to you.",
    taken: "Somebody else is coming already.",
    over: "This is over; if somebody is still needed, ask again.",
    not_taken: "Only who is coming can end it; take it first.",
    absent: "There is no such call for a supervisor.",
  },
};
