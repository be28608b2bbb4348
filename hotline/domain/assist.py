"""A counselor asks for a supervisor: somebody comes to them within a minute (requirement 55).

It is not an escalation of the caller: no level moves, no crisis team is called. The counselor needs somebody
at their side. Supervisors at their desks are asked first; whoever is nearer nobody hears of it, so a rung
that reaches nobody is passed at once, and after the last one the ladder begins again, by every channel.

    asked      supervisors are called, again and again, until one takes it
    taken      exactly one comes; it stays to be seen until it is over
    withdrawn  ends: the counselor needs nobody any more
    ended      ends: whoever came says so, or the counselor has closed the record

Whoever came too late, or did not come, is asked for anew (`hand_back`). A device that is lost ends nothing:
somebody who asked for help and then fell silent is looked for.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from hotline.base.errors import Absent, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import paging, session as sessions
from hotline.domain.access import Permission, Viewer
from hotline.domain.journal import Entry, Json, staff_actor, system_actor
from hotline.domain.ladder import CONSOLE, ON_DUTY, Responder, Roster
from hotline.domain.machine import Machine
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.paging import NewId, Page, Summons
from hotline.domain.session import Session

MACHINE: Final = Machine(
    name="assist",
    start="asked",
    moves={
        ("asked", "take"): "taken",
        ("asked", "withdraw"): "withdrawn",
        ("asked", "end"): "ended",
        ("taken", "hand_back"): "asked",
        ("taken", "withdraw"): "withdrawn",
        ("taken", "end"): "ended",
    },
    ends=frozenset({"withdrawn", "ended"}),
)

REASONS: Final = ("caller_in_danger", "cannot_go_on", "technical", "other")
"""Why somebody is asked for, gravest first; the counselor need not choose."""
HELPED: Final = "helped"
WITHDRAWN: Final = "withdrawn"
SESSION_CLOSED: Final = "session_closed"
RESULTS: Final = frozenset({HELPED, WITHDRAWN, SESSION_CLOSED})

REACHED_SECONDS_MAX: Final = 60
"""By then a supervisor has been called by more than a screen (requirement 55)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """The groups of the roster that are called, by which channels, and how long they have."""

    who: tuple[str, ...]
    channels: tuple[str, ...]
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistPolicy:
    """The ladder of those who come to a counselor; after its last rung it begins again."""

    rungs: tuple[Rung, ...]

    def rung(self, number: int) -> Rung:
        """The rung of a running number; from the second round on by every channel of the ladder."""
        rung = self.rungs[number % len(self.rungs)]
        if number < len(self.rungs):
            return rung
        return replace(
            rung, channels=tuple(dict.fromkeys(each for one in self.rungs for each in one.channels))
        )

    @property
    def seconds_to_telephones(self) -> int:
        """How long those at their desks are called alone; a ladder without other channels never ends so."""
        seconds = 0
        for rung in self.rungs:
            if set(rung.channels) - {CONSOLE}:
                return seconds
            seconds += rung.seconds
        return REACHED_SECONDS_MAX + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Assist:
    """A counselor's call for a supervisor; `rung` counts over the rounds, the next is called at `next_at`."""

    id: UUID
    session_id: UUID
    contact_id: UUID
    centre_id: UUID
    staff_id: UUID
    state: str
    reason: str
    words: Sensitive | None
    asked_at: datetime
    next_at: datetime | None
    rung: int = 0
    taken_by: UUID | None = None
    taken_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: UUID | None = None
    result: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody is still wanted, or with the counselor."""
        return self.state not in MACHINE.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the counselor says: a code, and words of their own or none."""

    reason: str
    words: Sensitive


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What calling takes: the ladder, who there is, and new ids."""

    policy: AssistPolicy
    roster: Roster
    new_id: NewId


def ask(session: Session, standing: Assist | None, asked: Asked, *, means: Means, now: datetime) -> Outcome:
    """The counselor presses the button: the first who can be reached are called with it.

    Asked for already, nobody is called twice; what is said anew is kept.

    Raises:
        Refused: the reason is not in the list, or the session is over.
    """
    if asked.reason not in REASONS:
        raise Refused("assist.reason", f"Say why: one of {', '.join(REASONS)}.", ("reason",))
    words = asked.words if not asked.words.is_blank else None
    if standing is not None:
        return _said_again(standing, asked.reason, words)
    if session.state in sessions.MACHINE.ends:
        raise Refused("assist.session_over", "This session is over; declare an escalation or telephone.")
    made = Assist(
        id=means.new_id(),
        session_id=session.id,
        contact_id=session.contact_id,
        centre_id=session.centre_id,
        staff_id=session.staff_id,
        state=MACHINE.start,
        reason=asked.reason,
        words=words,
        asked_at=now,
        next_at=now,
    )
    entry = _entry(made, "assist.asked", staff_actor(made.staff_id), reason=made.reason)
    return Outcome(rows=(made,), entries=(entry,)) + climb(made, means=means, now=now)


def _said_again(standing: Assist, reason: str, words: Sensitive | None) -> Outcome:
    graver = min(standing.reason, reason, key=REASONS.index)
    said = replace(standing, reason=graver, words=_joined(standing.words, words))
    if said == standing:
        return NOTHING
    entry = _entry(said, "assist.said", staff_actor(said.staff_id), reason=reason)
    return Outcome(rows=(said,), entries=(entry,))


def _joined(before: Sensitive | None, words: Sensitive | None) -> Sensitive | None:
    """What was said first and what was added; the same words twice are said once."""
    if before is None or words is None:
        return words or before
    lines = before.reveal().splitlines()
    return before if words.reveal() in lines else Sensitive("\n".join((*lines, words.reveal())))


def climb(assist: Assist, *, means: Means, now: datetime) -> Outcome:
    """Call the next rung, and those after it as long as nobody has been reached.

    A page on a screen reaches only who sits at a desk. Where nobody at all can be reached it is tried again,
    and the boards show it meanwhile.
    """
    if assist.state != "asked" or assist.next_at is None or assist.next_at > now:
        return NOTHING
    at_desks = {person.staff_id for person in means.roster.get(ON_DUTY, ())}
    made, number = dict[tuple[UUID, str], Page](), assist.rung
    while True:
        rung = means.policy.rung(number)
        for page in _pages(assist, rung, number, means, now):
            made.setdefault((page.staff_id, page.channel), page)
        number += 1
        is_tried = number - assist.rung >= len(means.policy.rungs)
        if is_tried or any(_reaches(page, at_desks) for page in made.values()):
            break
    called = replace(assist, rung=number, next_at=now + timedelta(seconds=rung.seconds))
    pages = tuple(made.values())
    body = {"rung": number, "pages": len(pages)}
    entry = _entry(called, "assist.called", system_actor("assist"), **body)
    return Outcome(rows=(called, *pages), entries=(entry,), effects=paging.sends(pages))


def _pages(assist: Assist, rung: Rung, number: int, means: Means, now: datetime) -> tuple[Page, ...]:
    summons = Summons(
        escalation_id=None,
        about_id=assist.id,
        centre_id=assist.centre_id,
        purpose=paging.HELP,
        rung=number,
        at=now,
        is_loud=number >= len(means.policy.rungs),
    )
    return paging.pages(summons, _people(assist, rung.who, means.roster), rung.channels, means.new_id)


def _people(assist: Assist, groups: Iterable[str], roster: Roster) -> list[Responder]:
    """Everybody in these groups, each once; nobody is called to come to oneself."""
    found = {each.staff_id: each for group in groups for each in roster.get(group, ())}
    return [person for staff_id, person in found.items() if staff_id != assist.staff_id]


def _reaches(page: Page, at_desks: Collection[UUID]) -> bool:
    return page.channel != CONSOLE or page.staff_id in at_desks


def take(assist: Assist, staff_id: UUID, now: datetime) -> Outcome:
    """Somebody comes: nobody else is called any more. Taking twice is no error.

    Raises:
        Refused: somebody else has it, it is over, or it is one's own.
    """
    if assist.state == "taken" and assist.taken_by == staff_id:
        return NOTHING
    if assist.staff_id == staff_id:
        raise Refused("assist.own", "You asked for this yourself; somebody else comes to you.")
    if assist.state == "taken":
        raise Refused("assist.taken", "Somebody else has taken this already; look who comes.")
    _require_open(assist)
    taken = replace(
        assist, state=MACHINE.after(assist.state, "take"), next_at=None, taken_by=staff_id, taken_at=now
    )
    return Outcome(rows=(taken,), entries=(_entry(taken, "assist.taken", staff_actor(staff_id)),))


def hand_back(assist: Assist, staff_id: UUID, *, means: Means, now: datetime) -> Outcome:
    """Whoever took it cannot come, or has not come: the others are called at once, by every channel.

    Raises:
        Refused: it is over.
    """
    if assist.state == "asked":
        return NOTHING
    _require_open(assist)
    back = replace(
        assist,
        state=MACHINE.after(assist.state, "hand_back"),
        next_at=now,
        rung=max(assist.rung, len(means.policy.rungs)),
        taken_by=None,
        taken_at=None,
    )
    entry = _entry(assist, "assist.handed_back", staff_actor(staff_id))
    return Outcome(rows=(back,), entries=(entry,)) + climb(back, means=means, now=now)


def withdraw(assist: Assist, staff_id: UUID, now: datetime) -> Outcome:
    """The counselor needs nobody any more; nobody has to say why.

    Raises:
        Absent: it is somebody else's.
        Refused: it is over otherwise.
    """
    if assist.staff_id != staff_id:
        raise Absent("assist.absent", "There is no such call for a supervisor.")
    return _over(assist, "withdraw", WITHDRAWN, staff_id, now)


def end(assist: Assist, staff_id: UUID, now: datetime) -> Outcome:
    """Whoever came says that it is over.

    Raises:
        Refused: somebody else has it, nobody has it yet, or it is over otherwise.
    """
    if assist.is_open and assist.taken_by != staff_id:
        raise Refused("assist.not_taken", "Only who has taken this can end it; take it first.")
    return _over(assist, "end", HELPED, staff_id, now)


def end_with_session(assist: Assist | None, now: datetime) -> Outcome:
    """The counselor has closed the record, so nobody has to come any more; a rule says so."""
    if assist is None or not assist.is_open:
        return NOTHING
    return _over(assist, "end", SESSION_CLOSED, None, now)


def _over(assist: Assist, step: str, result: str, staff_id: UUID | None, now: datetime) -> Outcome:
    if assist.result == result and assist.ended_by == staff_id:
        return NOTHING
    _require_open(assist)
    over = replace(
        assist,
        state=MACHINE.after(assist.state, step),
        next_at=None,
        ended_at=now,
        ended_by=staff_id,
        result=result,
    )
    actor = system_actor("assist") if staff_id is None else staff_actor(staff_id)
    return Outcome(rows=(over,), entries=(_entry(over, f"assist.{over.state}", actor, result=result),))


def is_for(assist: Assist, viewer: Viewer) -> bool:
    """Whether it is these eyes' business: the counselor's own, or of those of the centre who may come."""
    if viewer.staff_id in {assist.staff_id, assist.taken_by}:
        return True
    may_come = viewer.may(Permission.WATCH) or viewer.may(Permission.RESPOND)
    return may_come and viewer.reaches(assist.centre_id)


def require_for(assist: Assist, viewer: Viewer) -> None:
    """Let these eyes see it, or pretend that there is none.

    Raises:
        Absent: it is not for them.
    """
    if not is_for(assist, viewer):
        raise Absent("assist.absent", "There is no such call for a supervisor.")


def _require_open(assist: Assist) -> None:
    if not assist.is_open:
        raise Refused("assist.over", "This is over; if somebody is still needed, ask anew.")


def _entry(assist: Assist, kind: str, actor: str, **body: Json) -> Entry:
    people = (assist.staff_id, assist.taken_by)
    return Entry(
        kind=kind,
        centre_id=assist.centre_id,
        contact_id=assist.contact_id,
        actor=actor,
        staff_ids=tuple(each for each in people if each),
        body={"assist": str(assist.id), "session": str(assist.session_id), **body},
    )
