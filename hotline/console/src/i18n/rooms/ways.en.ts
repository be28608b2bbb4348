/** Where the flags of a contact lead, in English. */

export default {
  label: "Who can help",
  now: "ring now:",
  athand: "keep at hand:",
  report: "The law may ask for a report: see the tasks.",
  flag: {
    suicide: "Suicide",
    self_harm: "Self-harm",
    violence: "Harm to others",
    abuse: "Being hurt",
    child_in_danger: "A child in danger",
    medical: "Medical emergency",
    psychosis: "Commanding voices",
    intoxication: "Drunk or on drugs",
    third_party: "Somebody else in danger",
  },
  agency: { "110": "Police", "119": "Fire service", "120": "Ambulance", other: "Helpline" },
};
