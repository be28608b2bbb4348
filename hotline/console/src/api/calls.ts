/**
 * One function for each thing that the console asks of the service.
 *
 * Screens call these and catch `Refusal`; no screen knows an address. Every address and body is checked
 * by the compiler against `schema.ts`. What adds something goes through `once`.
 */

import createClient from "openapi-fetch";
import { once } from "./once";
import { asRefusal, refusalFrom } from "./refusal";
import type {
  Abuse, GivenAnswers, Ground, How, Id, Iso, Level, NotReadyReason, paths, Position, PresenceChoice, RecordDraft, Resolution, ScreeningResult,
  SheetDraft, SubjectDraft,
} from "./schema";

// The fetch of the moment is looked up at each call, so that tests can put their own in its place.
export const clientOf = <Paths extends object>() =>
  createClient<Paths>({
    baseUrl: globalThis.location?.origin ?? "",
    credentials: "same-origin",
    fetch: (request: Request) => globalThis.fetch(request),
  });
export const http = clientOf<paths>();

const onSignedOut: (() => void)[] = [];

/** Be told whenever the service says that nobody is signed in (any more). */
export function whenSignedOut(tell: () => void): void {
  onSignedOut.push(tell);
}

// --- session and presence -----------------------------------------------------------------------

export const findMe = () => take(http.GET("/api/session"));
export const signIn = (login: string, password: string) => take(http.POST("/api/session", { body: { login, password } }));
export const signOut = () => take(http.DELETE("/api/session"));

export const choosePresence = (choice: PresenceChoice, reason?: NotReadyReason) =>
  take(http.PUT("/api/presence", { body: reason === undefined ? { choice } : { choice, reason } }));

// --- offers and the softphone -------------------------------------------------------------------

export const acceptOffer = (offer_id: Id) =>
  take(http.POST("/api/offers/{offer_id}/acceptance", { params: { path: { offer_id } } }));
export const declineOffer = (offer_id: Id) =>
  take(http.POST("/api/offers/{offer_id}/refusal", { params: { path: { offer_id } }, body: {} }));
export const takeSoftphoneToken = () => take(http.POST("/api/softphone/tokens"));

// --- contacts -----------------------------------------------------------------------------------

export const getContact = (contact_id: Id) => take(http.GET("/api/contacts/{contact_id}", { params: { path: { contact_id } } }));
export const listReviews = () => take(http.GET("/api/reviews"));
export const listMessages = (contact_id: Id, after: number) =>
  take(http.GET("/api/contacts/{contact_id}/messages", { params: { path: { contact_id }, query: { after } } }));
export const explainRouting = (contact_id: Id) =>
  take(http.GET("/api/contacts/{contact_id}/routing", { params: { path: { contact_id } } }));
export const sendMessage = (contact_id: Id, client_id: Id, words: string) =>
  take(http.POST("/api/contacts/{contact_id}/messages", { params: { path: { contact_id } }, body: { client_id, words } }));
export const hangUp = (contact_id: Id) =>
  take(http.POST("/api/contacts/{contact_id}/hang-up", { params: { path: { contact_id } } }));
export const warnOfAbuse = (contact_id: Id, kind: Abuse) =>
  take(http.POST("/api/contacts/{contact_id}/abuse-warnings", { params: { path: { contact_id } }, body: { kind } }));
export const endAbuse = (contact_id: Id, kind: Abuse) =>
  take(http.POST("/api/contacts/{contact_id}/abuse-endings", { params: { path: { contact_id } }, body: { kind } }));
/** `seen` is the level on the screen: one that has moved since is not lowered. */
export const setLevel = (contact_id: Id, level: Level, basis: string, seen: Level) =>
  once(["level", contact_id, level, basis, seen], (key) =>
    take(http.PUT("/api/contacts/{contact_id}/level", { params: { path: { contact_id }, ...under(key) }, body: { level, basis, seen } })));
export const raiseEscalation = (contact_id: Id, level: "high" | "imminent", reason: string) =>
  once(["escalation", contact_id, level, reason], (key) =>
    take(http.POST("/api/contacts/{contact_id}/escalations", { params: { path: { contact_id }, ...under(key) }, body: { level, reason } })));

// --- instruments and people at risk --------------------------------------------------------------

export const listInstruments = () => take(http.GET("/api/instruments"));
export const walkInstrument = (instrument: string, answers: GivenAnswers) =>
  take(http.POST("/api/instruments/steps", { body: { instrument, answers } }));
export const getRisk = (contact_id: Id) => take(http.GET("/api/contacts/{contact_id}/risk", { params: { path: { contact_id } } }));
export const keepAssessment = (contact_id: Id, body: SheetDraft) =>
  once(["assessment", contact_id, body], (key) =>
    take(http.POST("/api/contacts/{contact_id}/assessments", { params: { path: { contact_id }, ...under(key) }, body })));
export const addSubject = (contact_id: Id, body: SubjectDraft & { client_id: Id }) =>
  take(http.POST("/api/contacts/{contact_id}/subjects", { params: { path: { contact_id } }, body }));
export const describeSubject = (subject_id: Id, body: SubjectDraft) =>
  take(http.PUT("/api/subjects/{subject_id}", { params: { path: { subject_id } }, body }));
export const setSubjectLevel = (subject_id: Id, level: Level, basis: string, seen: Level) =>
  once(["subject level", subject_id, level, basis, seen], (key) =>
    take(http.PUT("/api/subjects/{subject_id}/level", { params: { path: { subject_id }, ...under(key) }, body: { level, basis, seen } })));

// --- the counselor's own work on a contact --------------------------------------------------------

export const saveScreening = (session_id: Id, body: { result: ScreeningResult; reason?: string; level?: Level }) =>
  once(["screening", session_id, body], (key) =>
    take(http.PUT("/api/sessions/{session_id}/screening", { params: { path: { session_id }, ...under(key) }, body })));
/** `keepalive` lets the last save finish while the page is being left. */
export const saveRecord = (session_id: Id, body: RecordDraft, keepalive = false) =>
  take(http.PUT("/api/sessions/{session_id}/record", { params: { path: { session_id } }, body, keepalive }));
export const closeSession = (session_id: Id) =>
  take(http.POST("/api/sessions/{session_id}/closure", { params: { path: { session_id } } }));

// --- escalations --------------------------------------------------------------------------------

export const getEscalation = (escalation_id: Id) =>
  take(http.GET("/api/escalations/{escalation_id}", { params: { path: { escalation_id } } }));
export const acknowledge = (escalation_id: Id) =>
  take(http.POST("/api/escalations/{escalation_id}/acknowledgement", { params: { path: { escalation_id } } }));
export const addNote = (escalation_id: Id, words: string) =>
  once(["note", escalation_id, words], (key) =>
    take(http.POST("/api/escalations/{escalation_id}/notes", { params: { path: { escalation_id }, ...under(key) }, body: { words } })));
export const makeContact = (escalation_id: Id, how: How, words: string) =>
  take(http.POST("/api/escalations/{escalation_id}/contact", { params: { path: { escalation_id } }, body: { how, words } }));
/** `seen` is the turn that the person's screen showed: what has become graver since is not let go of. */
export const resolve = (escalation_id: Id, outcome: Resolution, words: string, seen: number) =>
  take(http.POST("/api/escalations/{escalation_id}/resolution", { params: { path: { escalation_id } }, body: { outcome, words, seen } }));
export const closeEscalation = (escalation_id: Id, seen: number) =>
  take(http.POST("/api/escalations/{escalation_id}/closure", { params: { path: { escalation_id } }, body: { seen } }));
export const standDown = (escalation_id: Id, ground: Ground, reason: string, seen: number) =>
  take(http.POST("/api/escalations/{escalation_id}/standing-down", { params: { path: { escalation_id } }, body: { ground, reason, seen } }));
export const holdOut = (escalation_id: Id, to: Id) =>
  take(http.PUT("/api/escalations/{escalation_id}/offer", { params: { path: { escalation_id } }, body: { to } }));
export const acceptHandover = (escalation_id: Id) =>
  take(http.POST("/api/escalations/{escalation_id}/offer/acceptance", { params: { path: { escalation_id } } }));
export const declineHandover = (escalation_id: Id) =>
  take(http.DELETE("/api/escalations/{escalation_id}/offer", { params: { path: { escalation_id } } }));
export const joinEscalation = (escalation_id: Id) =>
  take(http.POST("/api/escalations/{escalation_id}/joining", { params: { path: { escalation_id } } }));

// --- crisis teams and who is on call --------------------------------------------------------------

export const getRoster = () => take(http.GET("/api/teams"));
export const makeTeam = (centre_id: Id, name: string) => take(http.POST("/api/teams", { body: { centre_id, name } }));
export const changeTeam = (team_id: Id, name: string, members: Id[]) =>
  take(http.PUT("/api/teams/{team_id}", { params: { path: { team_id } }, body: { name, members } }));
export const placeTeam = (team_id: Id, region: string | null) =>
  take(http.PUT("/api/teams/{team_id}/region", { params: { path: { team_id } }, body: { region } }));
export const retireTeam = (team_id: Id) => take(http.DELETE("/api/teams/{team_id}", { params: { path: { team_id } } }));
export const putOnCall = (body: { centre_id: Id; staff_id: Id; position: Position; team_id: Id | null; begins_at: Iso; ends_at: Iso }) =>
  take(http.POST("/api/watches", { body }));
export const withdrawWatch = (watch_id: Id) => take(http.DELETE("/api/watches/{watch_id}", { params: { path: { watch_id } } }));

// --- the rulebook -------------------------------------------------------------------------------

export const getRulebook = () => take(http.GET("/api/rulebook"));
export const beginChange = (title: string, version?: string) =>
  once(["change", title, version], (key) =>
    take(http.POST("/api/rulebook/changes", { params: under(key), body: version === undefined ? { title } : { title, version } })));
export const getChange = (change_id: Id) => take(http.GET("/api/rulebook/changes/{change_id}", { params: { path: { change_id } } }));
export const getRuleFile = (change_id: Id, name: string) =>
  take(http.GET("/api/rulebook/changes/{change_id}/files/{name}", { params: { path: { change_id, name } } }));
export const saveRuleFile = (change_id: Id, name: string, text: string, edition: number) =>
  take(http.PUT("/api/rulebook/changes/{change_id}/files/{name}", { params: { path: { change_id, name } }, body: { text, edition } }));
export const checkChange = (change_id: Id) => take(http.POST("/api/rulebook/changes/{change_id}/check", { params: { path: { change_id } } }));
export const trySentence = (change_id: Id, text: string) =>
  take(http.POST("/api/rulebook/changes/{change_id}/explanation", { params: { path: { change_id } }, body: { text } }));
export const getDifference = (change_id: Id) =>
  take(http.GET("/api/rulebook/changes/{change_id}/difference", { params: { path: { change_id } } }));
export const askReplay = (change_id: Id, days: number, edition: number) =>
  once(["replay", change_id, days, edition], (key) =>
    take(http.POST("/api/rulebook/changes/{change_id}/replays", { params: { path: { change_id }, ...under(key) }, body: { days } })));
export const proposeChange = (change_id: Id) =>
  take(http.POST("/api/rulebook/changes/{change_id}/proposal", { params: { path: { change_id } } }));
export const withdrawChange = (change_id: Id) =>
  take(http.DELETE("/api/rulebook/changes/{change_id}/proposal", { params: { path: { change_id } } }));
export const rejectChange = (change_id: Id, reason: string) =>
  take(http.POST("/api/rulebook/changes/{change_id}/rejection", { params: { path: { change_id } }, body: { reason } }));
export const approveChange = (change_id: Id, version: string, replay_id?: Id) =>
  take(http.POST("/api/rulebook/changes/{change_id}/approval", {
    params: { path: { change_id } }, body: replay_id === undefined ? { version } : { version, replay_id },
  }));
export const carryOver = (change_id: Id, prefer?: "mine" | "theirs") =>
  take(http.POST("/api/rulebook/changes/{change_id}/carrying-over", { params: { path: { change_id } }, body: prefer === undefined ? {} : { prefer } }));
export const discardChange = (change_id: Id) =>
  take(http.POST("/api/rulebook/changes/{change_id}/discarding", { params: { path: { change_id } } }));

export const under = (key: Id) => ({ header: { "Idempotency-Key": key } });

type Answer<T> = { data?: T; error?: unknown; response: Response };

export async function take<T>(asked: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch (thrown) {
    throw asRefusal(thrown);
  }
  if (answer.response.ok) return answer.data as T;
  const refusal = refusalFrom(answer.response, answer.error);
  if (refusal.status === 401 && refusal.code !== "login.wrong") onSignedOut.forEach((tell) => tell());
  throw refusal;
}
