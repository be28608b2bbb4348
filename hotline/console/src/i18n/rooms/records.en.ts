/** Records, amendments, abuse, restrictions and the month: what is said when the service refuses. */

export default {
  label: "Abuse",
  why: "Warn once if you like; if it goes on, one press ends it, and nothing more is asked. Where there are signs of danger, ask about suicide first.",
  kindLabel: "What kind",
  kind: { insults: "Insults", threats: "Threats", sexual: "Sexual", prank: "Prank" },
  warn: "I have warned them",
  warned: "The warning is noted.",
  end: "End this contact now",
  ended: "Ended; your supervisor can see it. Rest after the record, and go on when you are ready.",
};

export const refusals = {
  action: {
    no_talk: "There has been no talk in which something could be agreed.",
    kind: "An action keeps its kind and its record; add another one.",
    kind_unknown: "There is no such kind of action.",
    state_unknown: "An action cannot stand like that.",
  },
  amendment: {
    value: "Say what should stand there.",
    open: "This record is still open; write in it instead.",
    field: "This cannot be amended.",
    reason: "Say why the record is amended.",
  },
  abuse: {
    no_talk: "There is no talk that could be warned in.",
    kind: "Choose what kind of abuse it is.",
    risk_first: "There are signs of danger: ask about suicide first, or call your supervisor in.",
  },
  restriction: {
    absent: "There is no such restriction.",
    nobody: "This caller cannot be told from others, and so cannot be restricted.",
    risk_first: "Nobody is restricted while there is any sign of danger, now or lately, or before suicide was asked about and denied.",
    second_person: "Somebody else has to agree to this restriction.",
    over: "Its time is over; ask for another one if it is still needed.",
    reason: "Say why.",
    kind: "There is no such restriction.",
    review_on: "The day of review is today or later, and not too far away.",
    ends_on: "Say on which day it ends.",
  },
  report: {
    month: "Ask for a month as year and month, such as 2026-01.",
    month_open: "This month is not over; it can be put away when it is.",
  },
  centre: { absent: "There is no such centre." },
};
