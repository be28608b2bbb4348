"""Things of the trade made up for tests: one of each, and what a test cares about changed by name."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from hotline.base.sensitive import Sensitive
from hotline.domain.centre import Channel, Line
from hotline.domain.contact import Contact
from hotline.domain.custody import Hand
from hotline.domain.escalation import Cause, Escalation
from hotline.domain.ladder import Ladder, Ladders, Patience, Responder, Rung
from hotline.domain.leg import Leg
from hotline.domain.level import Level
from hotline.domain.offer import Offer
from hotline.domain.presence import Choice, Load, Presence, derive
from hotline.domain.queue import Need, QueuePolicy
from hotline.domain.routing import Candidate, Waiting
from hotline.domain.session import Session
from hotline.domain.staff import Role, Staff

NOW: Final = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
POLICY: Final = QueuePolicy()

CENTRE: Final = UUID(int=1)
ANOTHER_CENTRE: Final = UUID(int=2)
LINE: Final = UUID(int=3)
CONTACT: Final = UUID(int=4)
OFFER: Final = UUID(int=5)
SESSION: Final = UUID(int=6)
LI: Final = UUID(int=11)
WANG: Final = UUID(int=12)
ZHAO: Final = UUID(int=13)


def after(seconds: float) -> datetime:
    """So many seconds after `NOW`, or before it."""
    return NOW + timedelta(seconds=seconds)


class Ids:
    """Fresh ids in a fixed order: call it for the next one."""

    def __init__(self) -> None:
        self._numbers: Iterator[int] = iter(range(1_000_000, 2_000_000))

    def __call__(self) -> UUID:
        """The next id."""
        return UUID(int=next(self._numbers))


def a_line(**changes: Any) -> Line:
    line = Line(
        id=LINE,
        centre_id=CENTRE,
        channel=Channel.VOICE,
        address="12356",
        name="12356",
        languages=("zh", "en"),
    )
    return replace(line, **changes)


def a_contact(state: str, **changes: Any) -> Contact:
    """A contact in `state`; it has joined unless it is arriving, and has Li where somebody must have it."""
    held = state in {"offered", "connecting", "talking", "wrapping"}
    contact = Contact(
        id=CONTACT,
        centre_id=CENTRE,
        line_id=LINE,
        channel=Channel.VOICE,
        state=state,
        since=NOW,
        arrived_at=NOW,
        language="zh",
        joined_at=None if state == "arriving" else NOW,
        counselor_id=LI if held else None,
    )
    return replace(contact, **changes)


def an_offer(state: str = "pending", **changes: Any) -> Offer:
    offer = Offer(
        id=OFFER,
        contact_id=CONTACT,
        centre_id=CENTRE,
        staff_id=LI,
        state=state,
        made_at=NOW,
        deadline_at=after(POLICY.offer_seconds),
    )
    return replace(offer, **changes)


def a_session(state: str, **changes: Any) -> Session:
    session = Session(
        id=SESSION, contact_id=CONTACT, centre_id=CENTRE, staff_id=LI, state=state, begun_at=NOW
    )
    return replace(session, **changes)


def an_escalation(state: str = "paged", **changes: Any) -> Escalation:
    escalation = Escalation(
        id=UUID(int=8),
        contact_id=CONTACT,
        centre_id=CENTRE,
        level=Level.IMMINENT,
        state=state,
        cause=Cause(source="rule", rule="R1", reason={"en": "act in progress"}),
        declared_at=NOW,
        acknowledge_by=after(60),
        next_rung_at=after(60),
    )
    return replace(escalation, **changes)


def a_presence(choice: Choice = Choice.READY, **changes: Any) -> Presence:
    presence = Presence(
        id=LI,
        centre_id=CENTRE,
        choice=choice,
        since=NOW,
        idle_since=NOW,
        heartbeat_at=NOW,
        is_connected=True,
    )
    return replace(presence, **changes)


def a_counselor(**changes: Any) -> Staff:
    staff = Staff(
        id=LI,
        centre_id=CENTRE,
        login="li",
        name=Sensitive("李老师"),
        roles=frozenset({Role.COUNSELOR}),
        languages=frozenset({"zh"}),
        telephone=Sensitive("+8613900000001"),
    )
    return replace(staff, **changes)


def a_leg(role: str = "caller", state: str = "live", **changes: Any) -> Leg:
    staff_id = LI if role == "counselor" else None
    leg = Leg(
        id=UUID(int=7), contact_id=CONTACT, role=role, state=state, made_at=NOW, sid="CA1", staff_id=staff_id
    )
    return replace(leg, **changes)


def waiting(number: int, **changes: Any) -> Waiting:
    """A waiting call; `number` makes its id, and its place where nothing else is said."""
    contact = Waiting(
        id=UUID(int=100 + number),
        channel=Channel.VOICE,
        rank=number,
        need=Need(language="zh"),
        level=Level.NONE_FOUND,
        joined_at=NOW,
        since=NOW,
    )
    return replace(contact, **changes)


def candidate(
    number: int, presence: Presence | None = None, load: Load | None = None, **changes: Any
) -> Candidate:
    """A counselor as routing sees one; what is shown and what is routable are made from the same rows."""
    shown, held = presence or a_presence(), load or Load()
    person = Candidate(
        id=UUID(int=200 + number),
        languages=frozenset({"zh"}),
        skills=frozenset(),
        standing=derive(shown, held),
        load=held,
        idle_since=shown.idle_since,
        chat_capacity=1,
        chat_slots_taken=frozenset(range(1, held.chats + 1)),
        is_free=shown.free_at is None,
        is_present=shown.choice is Choice.READY and shown.is_connected,
    )
    return replace(person, **changes)


ON_DUTY: Final = {
    "team": (Responder(staff_id=WANG, has_telephone=True),),
    "everybody": (
        Responder(staff_id=WANG, has_telephone=True),
        Responder(staff_id=ZHAO, has_telephone=False),
    ),
}

BY_LI: Final = Hand(staff_id=LI)
BY_WANG: Final = Hand(staff_id=WANG)
BY_ZHAO: Final = Hand(staff_id=ZHAO, leads=True)

LADDERS: Final[Ladders] = {
    level: Ladder(
        level=level,
        acknowledge_seconds=seconds,
        rungs=(
            Rung(who="team", channels=("console",), seconds=seconds),
            Rung(who="everybody", channels=("console", "sms"), seconds=seconds),
            Rung(who="nobody_yet", channels=("sms",), seconds=30),
        ),
        patience=Patience(
            contact_seconds=10 * seconds, outcome_seconds=3600, close_seconds=86_400, remind_seconds=seconds
        ),
    )
    for level, seconds in ((Level.IMMINENT, 60), (Level.HIGH, 300))
}
