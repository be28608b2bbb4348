"""From a journal entry to the cards on a screen.

A screen holds cards by id, and its whole logic is `cards[id] = card`. An entry tells which cards it
may have changed (`touched`); each of them is then made afresh from the rows and sent whole, or taken
away where it no longer belongs. So it does no harm to send a card twice, late, or after two changes
at once, and the cards of a screen always equal a fresh snapshot. Cards carry codes, ids and times,
never a caller's words or number; those are asked for by name, where access is checked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from hotline.domain import queue
from hotline.domain.assist import Assist
from hotline.domain.contact import Contact
from hotline.domain.escalation import Escalation
from hotline.domain.journal import Entry, Json
from hotline.domain.offer import Offer
from hotline.domain.presence import Load, Presence, derive
from hotline.domain.session import Session
from hotline.domain.staff import Role, Staff

Card = dict[str, Json]

LOOKED: Final = "record.read"
"""The kind of the entry that says who looked at a record."""

BOARD: Final = "board"
"""Audience of a centre's supervisors: `board:<centre>`."""
CRISIS: Final = "crisis"
"""Audience of a centre's responders: `crisis:<centre>`."""
DESK: Final = "desk"
"""Audience of one person: `desk:<staff>`."""
ROLE: Final = "role"
"""Audience of whoever has a role in a centre or above it: `role:<role>:<centre>`."""

NAMED: Final = ("assist", "task", "dispatch", "opening")
"""What entries name in their bodies, and what has a card of its own by that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """Which things an entry may have changed, and whose desks are concerned."""

    contacts: frozenset[UUID] = frozenset()
    staff: frozenset[UUID] = frozenset()
    escalations: frozenset[UUID] = frozenset()
    assists: frozenset[UUID] = frozenset()
    tasks: frozenset[UUID] = frozenset()
    dispatches: frozenset[UUID] = frozenset()
    openings: frozenset[UUID] = frozenset()

    def __or__(self, other: "Touched") -> "Touched":
        """Both together."""
        return Touched(
            contacts=self.contacts | other.contacts,
            staff=self.staff | other.staff,
            escalations=self.escalations | other.escalations,
            assists=self.assists | other.assists,
            tasks=self.tasks | other.tasks,
            dispatches=self.dispatches | other.dispatches,
            openings=self.openings | other.openings,
        )


def touched(entry: Entry) -> Touched:
    """The things whose cards have to be made afresh after `entry`; a look at a record changes none."""
    if entry.kind == LOOKED:
        return Touched()
    return Touched(
        contacts=frozenset({entry.contact_id} if entry.contact_id else ()),
        staff=frozenset(entry.staff_ids),
        escalations=frozenset({entry.escalation_id} if entry.escalation_id else ()),
        assists=_named(entry, "assist"),
        tasks=_named(entry, "task"),
        dispatches=_named(entry, "dispatch"),
        openings=_named(entry, "opening"),
    )


def _named(entry: Entry, what: str) -> frozenset[UUID]:
    """The thing that an entry names in its body, if any."""
    named = entry.body.get(what)
    return frozenset({UUID(named)}) if isinstance(named, str) else frozenset()


def cards_named(entry: Entry) -> frozenset[str]:
    """The cards of what an entry names in its body."""
    return frozenset(f"{what}:{named}" for what in NAMED for named in _named(entry, what))


def owes(entry: Entry) -> frozenset[str]:
    """The audiences of those who may be asked for a task by an entry: it names one, or makes a report due."""
    if "task" not in entry.body and entry.escalation_id is None:
        return frozenset()
    return frozenset(f"{ROLE}:{role.value}:{entry.centre_id}" for role in Role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealt:
    """A card and the audiences that hold it."""

    id: str
    card: Card
    audiences: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactView:
    """What a contact's card is made of."""

    contact: Contact
    line: str
    offer: Offer | None = None
    session: Session | None = None
    escalation: Escalation | None = None


def contact_card(view: ContactView) -> Dealt | None:
    """A contact on the board, at its counselor's desk, and with responders while escalated."""
    contact = view.contact
    if contact.is_ended:
        return None
    escalation = view.escalation if view.escalation and view.escalation.is_open else None
    audiences = {f"{BOARD}:{contact.centre_id}"}
    if contact.counselor_id:
        audiences.add(f"{DESK}:{contact.counselor_id}")
    if escalation:
        audiences.add(f"{CRISIS}:{contact.centre_id}")
    card: Card = {
        "type": "contact",
        "contact_id": str(contact.id),
        "centre_id": str(contact.centre_id),
        "channel": contact.channel.value,
        "state": contact.state,
        "since": at_text(contact.since),
        "level": contact.level.text,
        "subject_level": contact.subject_level.text,
        "band": contact.band,
        "effective_band": queue.band_of_rank(contact.rank) if contact.joined_at else contact.band,
        "behind_seconds": queue.behind_seconds(contact.rank, contact.joined_at) if contact.joined_at else 0,
        "line": view.line,
        "language": contact.language,
        "arrived_at": at_text(contact.arrived_at),
        "joined_at": at_text(contact.joined_at),
        "answered_at": at_text(contact.answered_at),
        "opened_at": at_text(view.session.opened_at if view.session else None),
        "counselor_id": id_text(contact.counselor_id),
        "offer_to": id_text(view.offer.staff_id if view.offer else None),
        "flags": list(contact.flags),
        "messages": contact.messages,
        "screening": view.session.screening if view.session else None,
        "screening_reminded_at": at_text(view.session.reminded_at if view.session else None),
        "screening_overdue_at": at_text(view.session.overdue_at if view.session else None),
        "escalation_id": id_text(escalation.id if escalation else None),
    }
    return deal(f"contact:{contact.id}", card, audiences)


def counselor_card(staff: Staff, presence: Presence, load: Load) -> Dealt:
    """A counselor on the board and at the own desk; the shown state is the routable state."""
    standing = derive(presence, load)
    card: Card = {
        "type": "counselor",
        "staff_id": str(staff.id),
        "centre_id": str(staff.centre_id),
        "name": staff.name.reveal(),
        "roles": sorted(role.value for role in staff.roles),
        "state": standing.state,
        "reason": standing.reason,
        "since": at_text(standing.since),
        "choice": presence.choice.value,
        "languages": sorted(staff.languages),
        "skills": sorted(staff.skills),
        "chats": load.chats,
        "chat_capacity": staff.chat_capacity,
        "voice": load.voice_talking > 0,
        "free_at": at_text(presence.free_at),
    }
    return deal(f"counselor:{staff.id}", card, {f"{BOARD}:{staff.centre_id}", f"{DESK}:{staff.id}"})


def offer_card(view: ContactView) -> Dealt | None:
    """A ringing offer, on the desk that it rings at."""
    offer, contact = view.offer, view.contact
    if offer is None:
        return None
    card: Card = {
        "type": "offer",
        "offer_id": str(offer.id),
        "contact_id": str(contact.id),
        "channel": contact.channel.value,
        "level": contact.level.text,
        "line": view.line,
        "language": contact.language,
        "made_at": at_text(offer.made_at),
        "deadline_at": at_text(offer.deadline_at),
    }
    return deal(f"offer:{offer.id}", card, {f"{DESK}:{offer.staff_id}"})


def escalation_card(
    escalation: Escalation, counselor_id: UUID | None, names: Mapping[UUID, str]
) -> Dealt | None:
    """An open escalation: on the board, with responders, and at the desk of the contact's counselor."""
    if not escalation.is_open:
        return None
    audiences = {f"{BOARD}:{escalation.centre_id}", f"{CRISIS}:{escalation.centre_id}"}
    own = (counselor_id, escalation.owner_id, escalation.offered_to)
    audiences |= {f"{DESK}:{staff_id}" for staff_id in own if staff_id}
    owner = escalation.owner_id
    card: Card = {
        "type": "escalation",
        "escalation_id": str(escalation.id),
        "centre_id": str(escalation.centre_id),
        "contact_id": str(escalation.contact_id),
        "counselor_id": id_text(counselor_id),
        "level": escalation.level.text,
        "state": escalation.state,
        "rung": escalation.rung,
        "round": escalation.round,
        "declared_at": at_text(escalation.declared_at),
        "acknowledge_by": at_text(escalation.acknowledge_by),
        "acknowledged_at": at_text(escalation.acknowledged_at),
        "next_rung_at": at_text(escalation.next_rung_at),
        "owner": {"id": str(owner), "name": names.get(owner, "")} if owner else None,
        "turn": escalation.turn,
        "chased": escalation.chased,
        "offered_to": id_text(escalation.offered_to),
        "offered_until": at_text(escalation.offered_until),
        "joiner_id": id_text(escalation.joiner_id),
        "join_by": at_text(escalation.join_by),
        "cause": {
            "source": escalation.cause.source,
            "rule": escalation.cause.rule,
            "reason": dict(escalation.cause.reason),
            "subject_id": id_text(escalation.cause.subject_id),
        },
    }
    return deal(f"escalation:{escalation.id}", card, audiences)


def assist_card(assist: Assist, names: Mapping[UUID, str]) -> Dealt | None:
    """A counselor who asks for a supervisor: on the board, with responders, and at the desks of the two."""
    if not assist.is_open:
        return None
    audiences = {f"{BOARD}:{assist.centre_id}", f"{CRISIS}:{assist.centre_id}"}
    audiences |= {f"{DESK}:{staff_id}" for staff_id in (assist.staff_id, assist.taken_by) if staff_id}
    card: Card = {
        "type": "assist",
        "assist_id": str(assist.id),
        "centre_id": str(assist.centre_id),
        "contact_id": str(assist.contact_id),
        "session_id": str(assist.session_id),
        "counselor": _person(assist.staff_id, names),
        "reason": assist.reason,
        "has_words": assist.words is not None,
        "state": assist.state,
        "asked_at": at_text(assist.asked_at),
        "rung": assist.rung,
        "next_at": at_text(assist.next_at),
        "taker": _person(assist.taken_by, names) if assist.taken_by else None,
        "taken_at": at_text(assist.taken_at),
    }
    return deal(f"assist:{assist.id}", card, audiences)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A centre's day in counts, since its own midnight."""

    centre_id: UUID
    waiting: int
    oldest_joined_at: datetime | None
    counselors: int
    on_duty: int
    able_to_acknowledge: int
    is_dispatched: bool
    is_judged_alike: bool
    arrived: int
    answered: int
    abandoned: int
    tasks_overdue: int


def day_card(day: Day) -> Dealt:
    """The centre's day on its board, and what is wrong: people, workers, rules, or what is owed and late.

    A centre without counselors of its own, such as one that only oversees others, lacks nobody.
    """
    is_answering = day.counselors > 0 or day.waiting > 0
    wrong = {
        "nobody_on_duty": day.on_duty == 0 and is_answering,
        "nobody_to_acknowledge": day.able_to_acknowledge == 0 and is_answering,
        "workers_stopped": not day.is_dispatched,
        "rulebook_not_followed": not day.is_judged_alike,
        "tasks_overdue": day.tasks_overdue > 0,
    }
    card: Card = {
        "type": "health",
        "centre_id": str(day.centre_id),
        "waiting": day.waiting,
        "oldest_joined_at": at_text(day.oldest_joined_at),
        "on_duty": day.on_duty,
        "arrived_today": day.arrived,
        "answered_today": day.answered,
        "abandoned_today": day.abandoned,
        "tasks_overdue": day.tasks_overdue,
        "faults": [name for name, is_so in wrong.items() if is_so],
    }
    return deal(f"health:{day.centre_id}", card, {f"{BOARD}:{day.centre_id}"})


def deal(card_id: str, card: Card, audiences: set[str]) -> Dealt:
    """A card with its id in it."""
    return Dealt(id=card_id, card={"id": card_id, **card}, audiences=frozenset(audiences))


def _person(staff_id: UUID, names: Mapping[UUID, str]) -> Json:
    return {"id": str(staff_id), "name": names.get(staff_id, "")}


def at_text(moment: datetime | None) -> str | None:
    """A time as cards carry it."""
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def id_text(value: UUID | None) -> str | None:
    """An id as cards carry it."""
    return str(value) if value else None
