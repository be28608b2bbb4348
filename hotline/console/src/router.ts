/** Which screens there are, and who may open them. */

import { createRouter, createWebHistory, type Router } from "vue-router";
import { useSession } from "./session";

declare module "vue-router" {
  interface RouteMeta {
    needs?: string;
    isOpen?: boolean;
  }
}

export const SCREENS = [
  { name: "desk", path: "/desk", needs: "contact.answer" },
  { name: "board", path: "/board", needs: "board.watch" },
  { name: "escalations", path: "/escalations", needs: "escalation.acknowledge" },
  { name: "tasks", path: "/tasks", needs: "task.see" },
  { name: "followups", path: "/follow-ups", needs: "followup.work" },
  { name: "shift", path: "/hand-over", needs: "shift.hand_over" },
  { name: "records", path: "/records", needs: "record.amend" },
  { name: "month", path: "/month", needs: "report.read" },
  { name: "rules", path: "/rules", needs: "rules.edit" },
  { name: "teams", path: "/teams", needs: "roster.keep" },
] as const;

export function makeRouter(): Router {
  const router = createRouter({
    history: createWebHistory(),
    routes: [
      { name: "sign-in", path: "/sign-in", component: () => import("./screens/sign-in/SignIn.vue"), meta: { isOpen: true } },
      { name: "desk", path: "/desk", component: () => import("./screens/desk/Desk.vue"), meta: { needs: "contact.answer" } },
      { name: "board", path: "/board", component: () => import("./screens/board/Board.vue"), meta: { needs: "board.watch" } },
      {
        name: "escalations", path: "/escalations",
        component: () => import("./screens/escalations/Escalations.vue"), meta: { needs: "escalation.acknowledge" },
      },
      { name: "rules", path: "/rules", component: () => import("./screens/rules/Rules.vue"), meta: { needs: "rules.edit" } },
      { name: "teams", path: "/teams", component: () => import("./screens/teams/Teams.vue"), meta: { needs: "roster.keep" } },
      { name: "tasks", path: "/tasks", component: () => import("./screens/tasks/Tasks.vue"), meta: { needs: "task.see" } },
      { name: "followups", path: "/follow-ups", component: () => import("./screens/afterwards/FollowUps.vue"), meta: { needs: "followup.work" } },
      { name: "shift", path: "/hand-over", component: () => import("./screens/afterwards/Shift.vue"), meta: { needs: "shift.hand_over" } },
      { name: "records", path: "/records", component: () => import("./screens/records/Records.vue"), meta: { needs: "record.amend" } },
      { name: "month", path: "/month", component: () => import("./screens/month/Month.vue"), meta: { needs: "report.read" } },
      { name: "nothing", path: "/nothing", component: () => import("./screens/shell/Nothing.vue") },
      { path: "/:rest(.*)*", redirect: "/" },
      { name: "home", path: "/", redirect: () => ({ name: first() }) },
    ],
  });
  router.beforeEach((to) => {
    const session = useSession();
    if (to.meta.isOpen) return session.isKnown ? { name: first() } : true;
    // "/" was redirected before anybody was known, so where it led says nothing of where this person begins.
    if (!session.isKnown) return { name: "sign-in", query: to.redirectedFrom ? {} : { to: to.fullPath } };
    return to.meta.needs === undefined || session.may(to.meta.needs) ? true : { name: first() };
  });
  return router;
}

/** The screen a person begins on: the first that the permissions open. */
function first(): string {
  const session = useSession();
  return SCREENS.find((screen) => session.may(screen.needs))?.name ?? "nothing";
}
