/** Words for the answers to pages by telephone call. */
export default {
  answer: { taken: "took it by phone", heard: "is coming", declined: "cannot", late: "was too late", silent: "no key pressed" },
};
