"""Follow-ups: after a grave contact we call again, as often and as long as was agreed.

Who was at high or imminent is called on the next day, after a week, a month, three months and a year
(Huilongguan hotline, Beijing), after imminent danger also within 72 hours (safety planning with calls
halved suicidal acts: Stanley 2018); who was at moderate only if they wish it. Nobody is called who has not
agreed: without an agreement there is no task to call, but a line that says so. An agreement names the safe
way, hours, whether a machine may be spoken to, and a word by which the two know each other; the last one
counts, and taking it back works at once.

    due        to be called, at `due_at` or, after a try in vain, at `next_at`
    attempted  tried in vain, to be tried again
    unreached  too often in vain, or the number is wrong: a supervisor decides
    reached    we have talked; `closed`: over without it, with a result
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID

from hotline.base.errors import Absent, Forbidden, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import hours
from hotline.domain.access import Permission, Viewer
from hotline.domain.centre import Line
from hotline.domain.escalation import Escalation
from hotline.domain.hours import Calendars, Hours, Rule
from hotline.domain.journal import Entry, Json, staff_actor, system_actor
from hotline.domain.level import Level
from hotline.domain.machine import Machine
from hotline.domain.outcome import NOTHING, Outcome

MACHINE: Final = Machine(
    name="followup",
    start="due",
    moves={
        ("due", "attempt"): "attempted",
        ("due", "reach"): "reached",
        ("due", "give_up"): "unreached",
        ("due", "close"): "closed",
        ("attempted", "attempt"): "attempted",
        ("attempted", "reach"): "reached",
        ("attempted", "give_up"): "unreached",
        ("attempted", "close"): "closed",
        ("unreached", "attempt"): "unreached",
        ("unreached", "reach"): "reached",
        ("unreached", "give_up"): "unreached",
        ("unreached", "close"): "closed",
    },
    ends=frozenset({"reached", "closed"}),
)

BY_HAND: Final = "by_hand"
MISSED: Final = "followup_missed"
"""The kind of the task that hands a caller on to a supervisor."""
NOT_AGREED: Final = "no_contact_agreed"
NOT_ASKED: Final = "agreement_not_asked"
MISSES: Final = frozenset({"no_answer"})
WRONG: Final = frozenset({"wrong_number", "number_invalid"})
CLOSING: Final = frozenset({"refused", "in_care", "deceased"})
ATTEMPTS: Final = frozenset({"reached"}) | MISSES | WRONG | CLOSING
FOR_GOOD: Final = {"refused": NOT_AGREED, "deceased": "deceased"}
"""What ends every later step of the contact too, and with which result."""
RESULTS: Final = ATTEMPTS | {NOT_AGREED, NOT_ASKED, "not_needed"}
BY_DECISION: Final = frozenset({"no_answer", "number_invalid", "in_care", "deceased", "not_needed"})
"""Results that a supervisor may give to a step that is not called any more."""
ACTS: Final = frozenset({"none", "attempt", "death"})
WAYS: Final = frozenset({"phone", "sms", "chat", "email", "other"})
CLIMBED: Final = ("counselor", "supervisor", "manager")
RATING_MAX: Final = 100
CALLED: Final = frozenset({Level.HIGH, Level.IMMINENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the plan: so many days at the same local hour, or so many hours, after the talk."""

    code: str
    days: int = 0
    hours: int = 0
    levels: frozenset[Level] = CALLED
    offered: frozenset[Level] = frozenset()
    waits_for_holidays: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpPolicy:
    """The plan and its figures; `hours` are local hours in which callers are called."""

    steps: tuple[Step, ...]
    hours: Hours
    calendars: Calendars
    misses_max: int = 3
    again_after_hours: int = 4
    supervisor_after_hours: int = 12
    manager_after_hours: int = 36
    by_hand_days_max: int = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What a caller said to being called again; only ever added, the last one counts."""

    id: UUID
    contact_id: UUID
    centre_id: UUID
    staff_id: UUID
    at: datetime
    is_agreed: bool
    way: str | None = None
    reach: Sensitive | None = None
    since: time | None = None
    until: time | None = None
    may_leave_voicemail: bool = False
    code_word: Sensitive | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """One call that is owed to a caller; `climbed_to` is who has it on the list by now."""

    id: UUID
    contact_id: UUID
    centre_id: UUID
    line_id: UUID
    step: str
    level: Level
    state: str
    made_at: datetime
    due_at: datetime
    next_at: datetime
    climbs_at: datetime | None
    climbed_to: str = CLIMBED[0]
    staff_id: UUID | None = None
    misses: int = 0
    result: str | None = None
    closed_at: datetime | None = None
    closed_by: UUID | None = None
    closing: Sensitive | None = None

    @property
    def is_open(self) -> bool:
        """Whether the call is still owed."""
        return self.state not in MACHINE.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try; ratings are 0 to 100 as the caller gave them, `level` what the counselor concludes."""

    id: UUID
    follow_up_id: UUID
    staff_id: UUID
    at: datetime
    result: str
    intent: int | None = None
    hopefulness: int | None = None
    distress: int | None = None
    level: Level | None = None
    acts_since: str | None = None
    words: Sensitive | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What deciding needs: the house's plan, the contact's line, what the caller agreed to, fresh ids."""

    policy: FollowUpPolicy
    line: Line
    agreement: Agreement | None
    new_id: Callable[[], UUID]
    running: tuple[FollowUp, ...] = ()
    """Calls that are owed to the same caller already, for other contacts."""
    danger: Level = Level.NONE_FOUND
    """How grave the contact was while a team was called in: who is calmer since is called all the same."""

    @property
    def is_welcome(self) -> bool:
        """Whether the caller has agreed to be called."""
        return self.agreement is not None and self.agreement.is_agreed

    def rule(self, *, waits_for_holidays: bool) -> Rule:
        """When this caller may be called: by the line, the house, and their own wish."""
        asked, agreed = [self.policy.hours], self.agreement
        if agreed is not None and agreed.since is not None and agreed.until is not None:
            asked.append(Hours(since=agreed.since, until=agreed.until))
        calendars = self.policy.calendars if waits_for_holidays else hours.NO_CALENDARS
        return Rule(line=self.line, hours=tuple(asked), calendars=calendars)


def danger_of(escalation: Escalation | None) -> Level:
    """How grave it was when the team was called in; nothing where somebody stood it down as a mistake."""
    if escalation is None or escalation.state == "stood_down":
        return Level.NONE_FOUND
    return escalation.level


def require_reach(viewer: Viewer, follow_up: FollowUp) -> FollowUp:
    """The follow-up, if its centre is within these eyes' reach.

    Raises:
        Absent: it is not.
    """
    if not viewer.reaches(follow_up.centre_id):
        raise Absent("followup.absent", "There is no such follow-up.")
    return follow_up


def require_reading(viewer: Viewer, follow_up: FollowUp) -> FollowUp:
    """The follow-up with what is sealed in it, for whoever calls and for supervisors of the centre.

    Raises:
        Absent: it is not for these eyes; whoever wants to call takes it first.
    """
    is_own = follow_up.staff_id == viewer.staff_id
    if not is_own and not (viewer.reaches(follow_up.centre_id) and viewer.may(Permission.READ_CENTRE)):
        raise Absent("followup.absent", "There is no such follow-up.")
    return follow_up


def take(follow_up: FollowUp, staff_id: UUID) -> Outcome:
    """Somebody says that they will call.

    Raises:
        Refused: it is over.
    """
    _require_open(follow_up)
    if follow_up.staff_id == staff_id:
        return NOTHING
    taken = replace(follow_up, staff_id=staff_id)
    return Outcome(rows=(taken,), entries=(note(taken, "followup.taken", staff_actor(staff_id)),))


def own(follow_up: FollowUp, staff_id: UUID) -> FollowUp:
    """The follow-up, if it is this person's.

    Raises:
        Forbidden: it is somebody else's; it can be taken over.
    """
    if follow_up.staff_id != staff_id:
        raise Forbidden("followup.not_yours", "Somebody else calls here; take the follow-up over first.")
    return follow_up


def attempt(follow_up: FollowUp, tried: Attempt, *, means: Means, now: datetime) -> Outcome:
    """Keep a try and what became of it; the last of so many misses leaves the next step to a supervisor.

    Raises:
        Refused: it is over, or a code or rating is not in its list.
    """
    _require_open(follow_up)
    _require_known(tried)
    misses = follow_up.misses + (tried.result in MISSES)
    pause = timedelta(hours=means.policy.again_after_hours)
    again = hours.after(now + pause, means.rule(waits_for_holidays=False))
    if tried.result == "reached":
        after = ended(follow_up, "reach", "reached", now)
    elif tried.result in CLOSING:
        after = ended(follow_up, "close", tried.result, now)
    elif tried.result in WRONG or misses >= means.policy.misses_max:
        state = MACHINE.after(follow_up.state, "give_up")
        after = replace(follow_up, state=state, climbed_to=_at_least_supervisor(follow_up))
    else:
        after = replace(follow_up, state=MACHINE.after(follow_up.state, "attempt"))
    after = replace(after, misses=misses, next_at=again if after.is_open else after.next_at)
    if not after.is_open:
        after = replace(after, closed_by=tried.staff_id)
    found = None if tried.level is None else tried.level.text
    entry = note(
        after,
        f"followup.{after.state}",
        staff_actor(tried.staff_id),
        result=tried.result,
        misses=after.misses,
        acts_since=tried.acts_since,
        level=found,
    )
    return Outcome(rows=(after, tried), entries=(entry,))


def found_level(tried: Attempt) -> Level | None:
    """What the talk came to: an attempt since the last one is high at least (C-SSRS: behaviour)."""
    if tried.acts_since == "attempt":
        return Level.highest(tried.level or Level.HIGH, Level.HIGH)
    return tried.level


def needs_supervisor(before: FollowUp, after: FollowUp) -> bool:
    """Whether a supervisor has to look: too many misses, a wrong number, no wish to be called, a death."""
    is_given_up = after.state == "unreached" and before.state != "unreached"
    return is_given_up or after.result in FOR_GOOD


def close(follow_up: FollowUp, result: str, reason: Sensitive, staff_id: UUID, now: datetime) -> Outcome:
    """A supervisor ends it without a talk, with a result and a reason.

    Raises:
        Refused: the result is not one of those, there is no reason, or it is over.
    """
    if not follow_up.is_open and (follow_up.result, follow_up.closing) == (result, reason):
        return NOTHING
    _require_open(follow_up)
    if result not in BY_DECISION:
        raise Refused("followup.result", f"It ends as one of {', '.join(sorted(BY_DECISION))}.")
    if reason.is_blank:
        raise Refused("followup.reason", "Say why the caller is not called any more.")
    closed = replace(ended(follow_up, "close", result, now), closed_by=staff_id, closing=reason)
    entry = note(closed, "followup.closed", staff_actor(staff_id), result=result)
    return Outcome(rows=(closed,), entries=(entry,))


def climb(follow_up: FollowUp, policy: FollowUpPolicy, now: datetime) -> Outcome:
    """It is overdue: the next one above has it on the list too, the manager last and for good."""
    if follow_up.climbs_at is None or follow_up.climbs_at > now or not follow_up.is_open:
        return NOTHING
    above = CLIMBED[min(CLIMBED.index(follow_up.climbed_to) + 1, len(CLIMBED) - 1)]
    is_last = above == CLIMBED[-1]
    further = timedelta(hours=policy.manager_after_hours - policy.supervisor_after_hours)
    climbed = replace(follow_up, climbed_to=above, climbs_at=None if is_last else now + further)
    return Outcome(
        rows=(climbed,), entries=(note(climbed, "followup.climbed", system_actor("keeper"), to=above),)
    )


def ended(follow_up: FollowUp, step: str, result: str, now: datetime) -> FollowUp:
    state = MACHINE.after(follow_up.state, step)
    return replace(follow_up, state=state, result=result, closed_at=now, climbs_at=None)


def _at_least_supervisor(follow_up: FollowUp) -> str:
    return max(follow_up.climbed_to, CLIMBED[1], key=CLIMBED.index)


def _require_open(follow_up: FollowUp) -> None:
    if not follow_up.is_open:
        raise Refused("followup.over", "This follow-up is over; look at the list again.")


def _require_known(tried: Attempt) -> None:
    ratings = [each for each in (tried.intent, tried.hopefulness, tried.distress) if each is not None]
    if any(not 0 <= each <= RATING_MAX for each in ratings):
        raise Refused("followup.rating", f"A rating is between 0 and {RATING_MAX}.")
    if tried.result not in ATTEMPTS:
        raise Refused("followup.result", f"A try ends as one of {', '.join(sorted(ATTEMPTS))}.")
    if tried.acts_since not in {None, *ACTS}:
        raise Refused("followup.acts", f"Acts since are one of {', '.join(sorted(ACTS))}.")


def note(follow_up: FollowUp, kind: str, actor: str, **body: Json) -> Entry:
    return Entry(
        kind=kind,
        centre_id=follow_up.centre_id,
        contact_id=follow_up.contact_id,
        actor=actor,
        staff_ids=(follow_up.staff_id,) if follow_up.staff_id else (),
        body={"followup": str(follow_up.id), "step": follow_up.step, **body},
    )
