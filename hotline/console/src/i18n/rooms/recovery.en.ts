/** Coming back early from recovery, in English. */

export default {
  needed: "Somebody in danger is waiting and nobody is free.",
  yours: "You may come back if you feel fit. It is yours alone to decide, and nobody is told if you rest on.",
  later: "From {time} on you may come back if you feel fit.",
  back: "I am fit again",
  done: "Thank you. You can be offered contacts again.",
};

export const refusals = {
  recovery: {
    too_early: "Please rest at least ten minutes after a grave contact.",
    not_needed: "Nobody in danger is waiting just now; go on resting.",
  },
};
