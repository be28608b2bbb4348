"""Whose an escalation is, and how its owner goes on with it, from "I have it" to its closing.

It has exactly one owner at any time. Handing it over is an offer and an acceptance; until it is accepted the
old owner has it. Only the owner or a supervisor goes on with it: contact with the person, the outcome, the
closing. No way closes it without an outcome, but standing it down, by name, on a ground and with a reason.
Whoever lets go of it says which turn of it they saw: while danger is heard anew it is not let go of.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from hotline.base.errors import Forbidden, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import paging
from hotline.domain.contact import Contact
from hotline.domain.escalation import (
    CALLING,
    MACHINE,
    OUTCOMES,
    UNREACHED,
    Escalation,
    Joining,
    Means,
    Note,
    called,
    entry_of,
)
from hotline.domain.journal import staff_actor
from hotline.domain.ladder import Ladder, reached
from hotline.domain.level import Level
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.paging import NewId

HOWS: Final = frozenset("telephone chat in_person by_family by_service other".split())
"""How contact with the person was made."""
GROUNDS: Final = frozenset("quotation misread pressed_by_mistake duplicate test other".split())
"""Why there was nothing to escalate: others' words, misread, a slip, twice, a trial."""
STALLED_AFTER: Final = 2
"""Chases after which an owner counts as gone: reminded once, and others called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Whoever acts; `leads`: as a supervisor; `seen`: the turn that their screen showed (None: unsaid)."""

    staff_id: UUID
    leads: bool = False
    seen: int | None = None

    @property
    def actor(self) -> str:
        """The name under which it is journalled."""
        return staff_actor(self.staff_id)


def acknowledge(escalation: Escalation, hand: Hand, ladder: Ladder, now: datetime) -> Outcome:
    """Somebody says "I have it" and is the one owner from now on; one that has stalled may be taken over.

    Raises:
        Refused: somebody else has it, or it is over. Saying it twice oneself is no error.
    """
    if escalation.owner_id == hand.staff_id and escalation.is_open:
        return NOTHING
    if escalation.owner_id is not None and not is_stalled(escalation):
        raise Refused("escalation.taken", "Somebody else has acknowledged this escalation.")
    if escalation.owner_id is not None:
        return _owned_by(escalation, hand, ladder, now, "escalation.taken_over")
    taken = replace(
        escalation,
        state=MACHINE.after(escalation.state, "acknowledge"),
        owner_id=hand.staff_id,
        acknowledged_at=now,
        chased=0,
        next_rung_at=_due(ladder, "acknowledged", now),
    )
    return Outcome(rows=(taken,), entries=(entry_of(taken, "escalation.acknowledged", hand.actor),))


def is_stalled(escalation: Escalation) -> bool:
    """Whether its owner was reminded and others were called, and it still stands where it stood."""
    return escalation.is_open and escalation.chased >= STALLED_AFTER


def add_note(
    escalation: Escalation, words: Sensitive, staff_id: UUID, *, now: datetime, new_id: NewId
) -> Outcome:
    """Add words to the escalation, open or not."""
    added = Note(id=new_id(), escalation_id=escalation.id, staff_id=staff_id, at=now, words=words)
    return Outcome(rows=(added,), entries=(entry_of(escalation, "escalation.noted", staff_actor(staff_id)),))


def join(
    escalation: Escalation, joined: Joining | None, hand: Hand, *, now: datetime, new_id: NewId
) -> Outcome:
    """Somebody who was asked, or comes unasked, is there and listens; `joined` is their row, if there is one.

    Raises:
        Refused: it is over.
    """
    if not escalation.is_open:
        raise Refused("escalation.over", "This escalation is over; look again.")
    if joined is not None and joined.joined_at is not None:
        return NOTHING
    asked = joined or Joining(id=new_id(), escalation_id=escalation.id, staff_id=hand.staff_id, asked_at=now)
    here = escalation
    if hand.leads:
        here = replace(escalation, joiner_id=escalation.joiner_id or hand.staff_id, join_by=None)
    return Outcome(
        rows=(here, replace(asked, joined_at=now)),
        entries=(entry_of(here, "escalation.joined", hand.actor),),
    )


def offer(
    escalation: Escalation, hand: Hand, to: UUID, *, seconds: int, means: Means, now: datetime
) -> Outcome:
    """Hold it out to somebody for `seconds`; until they accept, its owner has it. A later offer replaces it.

    `means.roster` holds whoever can be paged.

    Raises:
        Refused: nobody has it, it is over, or it is theirs already.
        Forbidden: it is somebody else's.
    """
    if not escalation.is_open or escalation.state in CALLING:
        raise Refused("escalation.unowned", "Nobody has it, so there is nothing to hand over.")
    _require_own(escalation, hand)
    if to == escalation.owner_id:
        raise Refused("escalation.own", "It is theirs already.")
    offered = replace(escalation, offered_to=to, offered_until=now + timedelta(seconds=seconds))
    entry = entry_of(offered, "escalation.offered", hand.actor, to=str(to))
    people = (reached(means.roster, to),)
    channels = means.ladders[escalation.level].every_channel
    return Outcome(rows=(offered,), entries=(entry,)) + called(
        offered, paging.HANDOVER, people, channels, now=now, new_id=means.new_id
    )


def accept(escalation: Escalation, hand: Hand, ladder: Ladder, now: datetime) -> Outcome:
    """Whoever it is held out to has it from now on.

    Raises:
        Refused: it is not held out to them, or not any more. Saying it twice is no error.
    """
    if escalation.owner_id == hand.staff_id and escalation.is_open:
        return NOTHING
    _require_offered(escalation, hand, now)
    return _owned_by(escalation, hand, ladder, now, "escalation.handed_over")


def decline(escalation: Escalation, hand: Hand, now: datetime) -> Outcome:
    """Whoever it is held out to does not take it, or its owner takes the offer back.

    Raises:
        Refused: it is held out to nobody, or to somebody else.
    """
    if escalation.owner_id != hand.staff_id or escalation.offered_to is None:
        _require_offered(escalation, hand, now)
    kept = replace(escalation, offered_to=None, offered_until=None)
    return Outcome(rows=(kept,), entries=(entry_of(escalation, "escalation.offer_declined", hand.actor),))


def make_contact(
    escalation: Escalation, hand: Hand, how: str, words: Sensitive, *, ladder: Ladder, now: datetime
) -> Outcome:
    """Somebody has spoken with the person: how, and what is known since.

    Raises:
        Refused: nobody has acknowledged, contact was made, or `how` is not in the list. Saying the same
            twice is no error.
        Forbidden: it is somebody else's.
    """
    if how not in HOWS:
        raise Refused("escalation.how", f"Contact is made by one of {', '.join(sorted(HOWS))}.")
    said = (escalation.contact_made_by, escalation.contact_how, escalation.contact_words)
    if said == (hand.staff_id, how, words):
        return NOTHING
    state = MACHINE.after(escalation.state, "make_contact")
    _require_own(escalation, hand)
    made = replace(
        escalation,
        state=state,
        contact_made_at=now,
        contact_made_by=hand.staff_id,
        contact_how=how,
        contact_words=words,
        chased=0,
        next_rung_at=_due(ladder, state, now),
    )
    return Outcome(rows=(made,), entries=(entry_of(made, "escalation.contact_made", hand.actor, how=how),))


def resolve(
    escalation: Escalation, hand: Hand, outcome: str, words: Sensitive, *, ladder: Ladder, now: datetime
) -> Outcome:
    """Confirm what became of the person; it stays open until it is closed.

    Raises:
        Refused: the outcome is not in the list, nobody has acknowledged, contact was not made although the
            outcome says so, or it has become graver. Saying the same twice is no error.
        Forbidden: it is somebody else's.
    """
    if outcome not in OUTCOMES:
        raise Refused("escalation.outcome", f"An outcome is one of {', '.join(sorted(OUTCOMES))}.")
    if (escalation.resolved_by, escalation.outcome, escalation.closing) == (hand.staff_id, outcome, words):
        return NOTHING
    state = MACHINE.after(escalation.state, "resolve")
    _require_own(escalation, hand)
    _require_seen(escalation, hand)
    if escalation.state == "acknowledged" and outcome != UNREACHED:
        raise Refused(
            "escalation.contact",
            "Say first how contact with the person was made; without contact the outcome is not_reached.",
        )
    settled = replace(
        escalation,
        state=state,
        outcome=outcome,
        closing=words,
        resolved_at=now,
        resolved_by=hand.staff_id,
        chased=0,
        next_rung_at=_due(ladder, state, now),
        join_by=None,
    )
    entry = entry_of(settled, "escalation.resolved", hand.actor, outcome=outcome)
    return Outcome(rows=(settled,), entries=(entry,))


def close(escalation: Escalation, hand: Hand, *, open_dispatches: int, now: datetime) -> Outcome:
    """Put it away, its outcome confirmed and nobody sent out any more.

    Raises:
        Refused: no outcome is confirmed, a dispatch is open, or it has become graver. Saying it twice is no
            error.
        Forbidden: it is somebody else's.
    """
    if escalation.state == "closed" and escalation.closed_by == hand.staff_id:
        return NOTHING
    state = MACHINE.after(escalation.state, "close")
    _require_own(escalation, hand)
    _require_seen(escalation, hand)
    _require_back(open_dispatches)
    closed = replace(_let_go(escalation, hand, now), state=state)
    entry = entry_of(closed, "escalation.closed", hand.actor, outcome=closed.outcome)
    return Outcome(rows=(closed,), entries=(entry,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What decides whether an escalation may be taken back: its contact, and how many are still sent out."""

    contact: Contact
    open_dispatches: int


def stand_down(
    escalation: Escalation, basis: Basis, hand: Hand, ground: str, reason: Sensitive, *, now: datetime
) -> Outcome:
    """A named person takes it back: there was nothing to escalate, on this ground and for this reason.

    What nobody owns any responder may stand down, but not what a person has judged imminent.

    Raises:
        Refused: ground or reason is missing, somebody is still sent out, it is over, or it has become graver.
            Saying the same twice is no error.
        Forbidden: it is somebody else's, or a person's own judgement stands behind it.
    """
    if reason.is_blank:
        raise Refused("escalation.reason", "Say why the escalation is stood down.")
    if ground not in GROUNDS:
        raise Refused("escalation.ground", f"A ground is one of {', '.join(sorted(GROUNDS))}.")
    if (escalation.state, escalation.closed_by, escalation.closing) == ("stood_down", hand.staff_id, reason):
        return NOTHING
    state = MACHINE.after(escalation.state, "stand_down")
    _require_own(escalation, hand)
    _require_seen(escalation, hand)
    _require_back(basis.open_dispatches)
    if _is_judged(escalation, basis.contact) and escalation.owner_id is None and not hand.leads:
        raise Forbidden(
            "escalation.judged", "A person has judged this imminent: take it, or ask a supervisor."
        )
    over = replace(_let_go(escalation, hand, now), state=state, ground=ground, closing=reason)
    entry = entry_of(over, "escalation.stood_down", hand.actor, ground=ground)
    return Outcome(rows=(over,), entries=(entry,))


def _is_judged(escalation: Escalation, contact: Contact) -> bool:
    """Whether a person has judged imminent the caller, or the one whom the caller tells of."""
    if contact.level_is_human and contact.level is Level.IMMINENT:
        return True
    cause = escalation.cause
    is_of_subject = cause.subject_id is not None and cause.source == "counselor"
    return is_of_subject and contact.subject_level is Level.IMMINENT


def _owned_by(escalation: Escalation, hand: Hand, ladder: Ladder, now: datetime, kind: str) -> Outcome:
    """It goes from one owner to the other, with the time that its state gives."""
    former = escalation.owner_id
    owned = replace(
        escalation,
        owner_id=hand.staff_id,
        offered_to=None,
        offered_until=None,
        chased=0,
        next_rung_at=_due(ladder, escalation.state, now),
    )
    entry = entry_of(owned, kind, hand.actor, former=str(former))
    touched = (*entry.staff_ids, former) if former is not None else entry.staff_ids
    return Outcome(rows=(owned,), entries=(replace(entry, staff_ids=touched),))


def _let_go(escalation: Escalation, hand: Hand, now: datetime) -> Escalation:
    return replace(
        escalation,
        closed_at=now,
        closed_by=hand.staff_id,
        offered_to=None,
        offered_until=None,
        next_rung_at=None,
        join_by=None,
    )


def _require_offered(escalation: Escalation, hand: Hand, now: datetime) -> None:
    is_held_out = escalation.is_open and escalation.offered_to == hand.staff_id
    if not is_held_out or escalation.offered_until is None or escalation.offered_until < now:
        raise Refused("escalation.offer_over", "It is not held out to you, or not any more.")


def _due(ladder: Ladder, state: str, now: datetime) -> datetime:
    return now + timedelta(seconds=ladder.patience.of(state))


def _require_own(escalation: Escalation, hand: Hand) -> None:
    """Nobody but the owner or a supervisor goes on with what somebody has."""
    if escalation.owner_id not in {None, hand.staff_id} and not hand.leads:
        raise Forbidden("escalation.owner", "Somebody else has it; ask them, or a supervisor.")


def _require_back(open_dispatches: int) -> None:
    """As long as somebody is on the way to the person, somebody here waits for what they find."""
    if open_dispatches:
        raise Refused(
            "escalation.dispatches", "Somebody is still sent out; confirm contact with the person first."
        )


def _require_seen(escalation: Escalation, hand: Hand) -> None:
    if hand.seen is not None and hand.seen < escalation.turn:
        raise Refused("escalation.moved", "Danger was heard again since you looked; look again.")
