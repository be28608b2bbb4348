"""Pages: one call for one person by one channel, and whom a rung of the ladder calls.

The console shows its own pages as soon as they are saved; every other channel goes by the relay, at least
once, with the page's id as the key that the receiver sees. A telephone call rings those who have no console
open, and everybody once a ladder has come round; what they answer is in `page_call`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from hotline.domain.effects import Send
from hotline.domain.journal import Entry, system_actor
from hotline.domain.ladder import CONSOLE, VOICE, Responder
from hotline.domain.outcome import Outcome

NewId = Callable[[], UUID]

DEFAULT_LANGUAGE: Final = "zh"

CALL: Final = "call"
"""Somebody should take it."""
REMIND: Final = "remind"
"""Its owner should go on with it."""
STALLED: Final = "stalled"
"""Its owner does not go on with it: somebody should look, and may take it over."""
JOIN: Final = "join"
"""A supervisor should join and listen."""
NUMBER: Final = "number"
"""Somebody needs the caller's number: another has to agree."""
HANDOVER: Final = "handover"
"""It is held out to somebody."""
COVER: Final = "cover"
"""Nobody who could acknowledge is on duty: somebody should come. Not about an escalation."""
HELP: Final = "help"
"""A counselor asks for help. Not about an escalation either."""
PURPOSES: Final = (CALL, REMIND, STALLED, JOIN, NUMBER, HANDOVER, COVER, HELP)
SPOKEN: Final = frozenset({CALL, STALLED, HANDOVER, COVER, HELP})
"""Purposes for which somebody is rung up: a key can answer. An owner is not rung away from the person."""
ANSWERS: Final = ("taken", "heard", "declined", "late", "silent")
"""What became of a call: they have it, they come, not they, too late, or no key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One call for one person by one channel; `rung` counts over the rounds, `purpose` says what for.

    It is about an escalation, or about the thing of `about_id`. A telephone call has the network's id, and an
    answer once a key was pressed or nobody pressed any.
    """

    id: UUID
    escalation_id: UUID | None
    centre_id: UUID
    staff_id: UUID
    channel: str
    rung: int
    state: str
    made_at: datetime
    sent_at: datetime | None = None
    purpose: str = CALL
    about_id: UUID | None = None
    call_sid: str | None = None
    answer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summons:
    """What people are called to: the escalation or another thing, what for, at which rung, and when.

    `is_loud`: nobody has come so far, so telephones ring beside an open console, too.
    """

    escalation_id: UUID | None
    centre_id: UUID
    purpose: str
    rung: int
    at: datetime
    about_id: UUID | None = None
    is_loud: bool = False


def pages(
    summons: Summons, people: Iterable[Responder], channels: Iterable[str], new_id: NewId
) -> tuple[Page, ...]:
    """A page for each person by each channel that reaches them, in the order of calling."""
    wanted = tuple(channels)
    return tuple(
        Page(
            id=new_id(),
            escalation_id=summons.escalation_id,
            centre_id=summons.centre_id,
            staff_id=person.staff_id,
            channel=channel,
            rung=summons.rung,
            state="sent" if channel == CONSOLE else "due",
            made_at=summons.at,
            sent_at=summons.at if channel == CONSOLE else None,
            purpose=summons.purpose,
            about_id=summons.about_id,
        )
        for person in people
        for channel in wanted
        if person.is_reached_by(channel) and (channel != VOICE or _rings(person, summons))
    )


def _rings(person: Responder, summons: Summons) -> bool:
    return summons.purpose in SPOKEN and (summons.is_loud or not person.is_at_desk)


def language_of(languages: frozenset[str]) -> str:
    """The language in which somebody who speaks these is paged."""
    return DEFAULT_LANGUAGE if DEFAULT_LANGUAGE in languages else min(languages)


def sends(made: Iterable[Page]) -> tuple[Send, ...]:
    """What the relay has to do about these pages."""
    return tuple(Send(page_id=page.id) for page in made if page.channel != CONSOLE)


def page_done(page: Page, state: str, now: datetime, call_sid: str | None = None) -> Outcome:
    """A page that has been `sent`, or has `failed` so far; the ladder climbs on either way.

    A telephone call is sent when it rings; `call_sid` is the network's id of it.
    """
    sid = call_sid or page.call_sid
    done = replace(page, state=state, sent_at=now if state == "sent" else None, call_sid=sid)
    entry = Entry(
        kind=f"page.{state}",
        centre_id=page.centre_id,
        escalation_id=page.escalation_id,
        actor=system_actor("relay"),
        body={"page": str(page.id), "channel": page.channel},
    )
    return Outcome(rows=(done,), entries=(entry,))
