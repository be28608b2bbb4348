/** Words for the answers to pages by telephone call, and for the regions of crisis teams. */
export default {
  region: "Region code",
  regionHint: "GB/T 2260, such as 42, 4201 or 420106: called for people who are there. Empty: the whole centre.",
  answer: { taken: "took it by phone", heard: "is coming", declined: "cannot", late: "was too late", silent: "no key pressed" },
};
