"""A counselor asks for a supervisor: called, taken by one, handed back, over; and called on by the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hotline.base import ids, log, turns
from hotline.domain import assist as assists, contact as contacts, session as sessions
from hotline.domain.access import Viewer
from hotline.domain.assist import Asked, Assist, Means
from hotline.domain.journal import staff_actor
from hotline.domain.outcome import Outcome
from hotline.policy.policies import Policies
from hotline.store import (
    assist as store_assist,
    contact as store_contact,
    noting as store_noting,
    roster as store_roster,
    staff as store_staff,
)
from hotline.store.unit import Store, Unit

_log = log.get("assist")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A call for a supervisor, and the names of those in it."""

    assist: Assist
    names: dict[UUID, str]


async def ask(
    store: Store, policies: Policies, session_id: UUID, staff_id: UUID, asked: Asked, now: datetime
) -> UUID:
    """The counselor asks for somebody; asked for already, it is the same one.

    What is written may speak of the caller, and is read by the same rules as any other note.

    Raises:
        Absent: the session is not this counselor's.
        Refused: it is over, or the reason is not in the list.
    """
    async with store.unit() as unit:
        journey = await store_contact.lock_journey_of(unit, "session", session_id)
        session = sessions.own(await store_contact.session_of(unit, journey, session_id), staff_id)
        standing = await store_assist.find_open(unit, session_id)
        means = await _means(unit, policies, session.centre_id, now)
        outcome = assists.ask(session, standing, asked, means=means, now=now)
        if outcome.rows:
            standing_after = store_noting.after(journey, outcome)
            outcome += await store_noting.answered(unit, policies, standing_after, (asked.words,), now)
        await unit.save(outcome, now, journey)
        return standing.id if standing else outcome.row(Assist).id


async def take(store: Store, assist_id: UUID, staff_id: UUID, now: datetime) -> None:
    """Somebody comes; exactly one, and the counselor sees who.

    Raises:
        Refused: somebody else has it, it is over, or it is one's own.
    """
    await _change(store, assist_id, now, lambda standing: assists.take(standing, staff_id, now))


async def hand_back(store: Store, policies: Policies, assist_id: UUID, staff_id: UUID, now: datetime) -> None:
    """Whoever took it cannot come or has not come; the others are called at once.

    Raises:
        Refused: it is over.
    """
    async with store.unit() as unit:
        journey = await store_contact.lock_journey_of(unit, "assist", assist_id)
        standing = await store_assist.load(unit, assist_id)
        means = await _means(unit, policies, standing.centre_id, now)
        await unit.save(assists.hand_back(standing, staff_id, means=means, now=now), now, journey)


async def withdraw(store: Store, assist_id: UUID, staff_id: UUID, now: datetime) -> None:
    """The counselor needs nobody any more.

    Raises:
        Absent: it is somebody else's.
        Refused: it is over otherwise.
    """
    await _change(store, assist_id, now, lambda standing: assists.withdraw(standing, staff_id, now))


async def end(store: Store, assist_id: UUID, staff_id: UUID, now: datetime) -> None:
    """Whoever came says that it is over.

    Raises:
        Refused: somebody else has it, or nobody, or it is over otherwise.
    """
    await _change(store, assist_id, now, lambda standing: assists.end(standing, staff_id, now))


async def open_assist(store: Store, viewer: Viewer, assist_id: UUID, now: datetime) -> Opened:
    """One with the counselor's words; the look is journalled.

    Raises:
        Absent: there is none for these eyes.
    """
    async with store.unit() as unit:
        found = await store_assist.get(unit.connection, unit.vault, assist_id)
        assists.require_for(found, viewer)
        contact = await store_contact.get(unit.connection, unit.vault, found.contact_id)
        look = contacts.note(contact, "record.read", staff_actor(viewer.staff_id), assist=str(found.id))
        await unit.save(Outcome(entries=(look,)), now)
        people = (found.staff_id, found.taken_by)
        names = await store_staff.names(unit.connection, unit.vault, people)
    return Opened(assist=found, names=names)


async def require_reach(store: Store, viewer: Viewer, assist_id: UUID) -> None:
    """Nothing but whether it is for these eyes, for those who are about to act on it.

    Raises:
        Absent: there is none for these eyes.
    """
    async with store.connection() as connection:
        assists.require_for(await store_assist.get(connection, store.vault, assist_id), viewer)


async def climb_due(store: Store, policies: Policies, now: datetime, most: int) -> int:
    """Call the next rung for everybody to whom nobody has come in time; how many there were."""

    async def late(many: int) -> list[tuple[UUID, UUID]]:
        async with store.connection() as connection:
            return await store_assist.due(connection, now, many)

    async def climb(each: tuple[UUID, UUID]) -> None:
        contact_id, assist_id = each
        async with store.unit() as unit:
            journey = await store_contact.lock_journey_if_free(unit, contact_id)
            if journey is None:
                return
            standing = await store_assist.load(unit, assist_id)
            means = await _means(unit, policies, standing.centre_id, now)
            await unit.save(assists.climb(standing, means=means, now=now), now, journey)

    return await turns.through(late, climb, most, _log)


async def _change(store: Store, assist_id: UUID, now: datetime, decide: Callable[[Assist], Outcome]) -> None:
    async with store.unit() as unit:
        journey = await store_contact.lock_journey_of(unit, "assist", assist_id)
        await unit.save(decide(await store_assist.load(unit, assist_id)), now, journey)


async def _means(unit: Unit, policies: Policies, centre_id: UUID, now: datetime) -> Means:
    roster = await store_roster.everybody(unit.connection, centre_id, now)
    return Means(policy=policies.assists, roster=roster, new_id=ids.new_id)
