"""The vigil over an escalation: whatever stands still is called out again, for as long as it is open.

While nobody has it, the next rung is paged when the time of the last one is over. Who has it is reminded when
no contact with the person is made, no outcome confirmed, or it is not closed, in the time that its level
gives; after that others are called, rung after rung, and any of them may take it over. So no state of an open
escalation is silent. At imminent a supervisor is asked to join, and another when that one does not come.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from hotline.domain import escalation as escalations, paging
from hotline.domain.escalation import CALLING, Escalation, Joining, called, entry_of, owner_of
from hotline.domain.journal import system_actor
from hotline.domain.ladder import TEAM, Ladder, Ladders, Roster
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.paging import NewId, Summons


def climb(
    escalation: Escalation, ladders: Ladders, roster: Roster, *, now: datetime, new_id: NewId
) -> Outcome:
    """Nobody has acknowledged in time: page the next rung, round and round; or whoever has it stands still.

    An offer to hand it over that has run out is taken back by the way.
    """
    lapsed = lapse(escalation, now)
    held = lapsed.row(Escalation) if lapsed.rows else escalation
    if not is_due(held, now):
        return lapsed
    ladder = ladders[held.level]
    if held.state not in CALLING:
        return lapsed + _chase(held, ladder, roster, now=now, new_id=new_id)
    following = held.round * len(ladder.rungs) + held.rung + 1
    return lapsed + escalations.page_rung(held, ladder, roster, rung_number=following, now=now, new_id=new_id)


def call_near(
    escalation: Escalation,
    ladder: Ladder,
    roster: Roster,
    called_already: Collection[UUID],
    *,
    now: datetime,
    new_id: NewId,
) -> Outcome:
    """It has become known where the person is: the team of that region is called beside the present rung.

    Nobody is called twice, and once somebody has it nobody is called any more.
    """
    if not escalation.is_open or escalation.state not in CALLING:
        return NOTHING
    near = [each for each in roster.get(TEAM, ()) if each.staff_id not in called_already]
    number = escalation.round * len(ladder.rungs) + escalation.rung
    summons = Summons(
        escalation_id=escalation.id, centre_id=escalation.centre_id, purpose=paging.CALL, rung=number, at=now
    )
    made = paging.pages(summons, near, ladder.every_channel, new_id)
    if not made:
        return NOTHING
    entry = entry_of(escalation, "escalation.paged_near", system_actor("escalator"), pages=len(made))
    return Outcome(rows=made, entries=(entry,), effects=paging.sends(made))


def call_joiner(
    escalation: Escalation,
    joinings: Sequence[Joining],
    ladder: Ladder,
    roster: Roster,
    *,
    now: datetime,
    new_id: NewId,
) -> Outcome:
    """The supervisor who was asked has not come in time: ask the next one, and past the last one all again.

    It ends when one has come (`custody.join`) or owns it, or the outcome is confirmed; `joinings` are all
    who were asked until now.
    """
    if escalation.join_by is None or escalation.join_by > now:
        return NOTHING
    asked = {each.staff_id for each in joinings}
    if escalation.state == "resolved" or not escalation.is_open or escalation.owner_id in asked:
        return Outcome(rows=(replace(escalation, join_by=None),))
    able = escalations.may_join(escalation, roster)
    fresh = [each for each in able if each.staff_id not in asked]
    if fresh:
        return escalations.ask_to_join(escalation, fresh[0], ladder, now=now, new_id=new_id)
    again = replace(escalation, join_by=now + timedelta(seconds=ladder.patience.remind_seconds))
    entry = entry_of(again, "escalation.join_missed", system_actor("escalator"), asked=len(asked))
    return Outcome(rows=(again,), entries=(entry,)) + called(
        again, paging.JOIN, able, ladder.every_channel, now=now, new_id=new_id
    )


def is_due(escalation: Escalation, now: datetime) -> bool:
    """Whether the time of the next rung, or of the next chase, has come; what has no time is due at once.

    (The release before this one gave what it had acknowledged no time.)
    """
    due_at = escalation.next_rung_at
    return escalation.is_open and (due_at is None or due_at <= now)


def lapse(escalation: Escalation, now: datetime) -> Outcome:
    """An offer to hand it over that nobody has accepted in time is over; the owner has had it all along."""
    if escalation.offered_until is None or escalation.offered_until > now:
        return NOTHING
    kept = replace(escalation, offered_to=None, offered_until=None)
    entry = entry_of(escalation, "escalation.offer_lapsed", system_actor("escalator"))
    return Outcome(rows=(kept,), entries=(entry,))


def _chase(
    escalation: Escalation, ladder: Ladder, roster: Roster, *, now: datetime, new_id: NewId
) -> Outcome:
    """It stands still: remind the owner; then call others, rung after rung, who may take it over."""
    number = escalation.chased
    again = timedelta(seconds=ladder.patience.again(escalation.state))
    chased = replace(escalation, chased=number + 1, next_rung_at=now + again)
    if number == 0:
        purpose, kind, people = paging.REMIND, "escalation.reminded", owner_of(escalation, roster)
    else:
        purpose, kind, people = paging.STALLED, "escalation.stalled", ladder.rung(number).people(roster)
    entry = entry_of(chased, kind, system_actor("escalator"), state=escalation.state, chased=chased.chased)
    outcome = Outcome(rows=(chased,), entries=(entry,)) + called(
        escalation, purpose, people, ladder.every_channel, now=now, new_id=new_id
    )
    return outcome + escalations.asked_to_join(chased, ladder, roster, now=now, new_id=new_id)
