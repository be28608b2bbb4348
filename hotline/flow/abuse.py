"""Abuse: a warning, an end with one key, and restrictions that cost a turn and refuse nobody."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hotline.base import ids
from hotline.base.errors import Absent
from hotline.base.sensitive import Sensitive
from hotline.domain import abuse, access, session as sessions
from hotline.domain.abuse import Asked
from hotline.domain.access import Permission, Viewer
from hotline.domain.joint import Journey
from hotline.domain.session import Session
from hotline.store import (
    abuse as store_abuse,
    contact as store_contact,
    leg as store_leg,
    presence as store_presence,
    staff as store_staff,
)
from hotline.store.abuse import Listed
from hotline.store.unit import Store, Unit


async def warn(store: Store, contact_id: UUID, staff_id: UUID, kind: str, now: datetime) -> None:
    """The counselor has warned the caller; twice changes nothing.

    Raises:
        Absent: the contact is with nobody, or with somebody else.
        Refused: the kind is not in the list, or the talk is over.
    """
    async with store.unit() as unit:
        journey, session = await _lock(unit, contact_id, staff_id)
        incident = await store_abuse.find_incident(unit, session.id)
        await unit.save(abuse.warn(session, incident, kind, ids.new_id(), now), now, journey)


async def end(store: Store, contact_id: UUID, staff_id: UUID, kind: str, now: datetime) -> None:
    """The counselor ends an abusive talk with one key; twice changes nothing.

    Raises:
        Absent: the contact is with nobody, or with somebody else.
        Refused: there are signs of danger, or the kind is not in the list.
    """
    async with store.unit() as unit:
        journey, session = await _lock(unit, contact_id, staff_id)
        if session.state == "wrapping":
            return
        presence = await store_presence.lock(unit, staff_id)
        incident = await store_abuse.find_incident(unit, session.id)
        incident = incident or abuse.unwarned(session, kind, ids.new_id())
        outcome = abuse.end(journey.contact, session, presence, incident, now)
        outcome += await store_leg.settled(unit, outcome, journey.contact, now)
        await unit.save(outcome, now, journey)


async def restrict(
    store: Store, contact_id: UUID, staff_id: UUID, asked: Asked, now: datetime, *, days_max: int
) -> UUID:
    """Ask that a caller wait behind others; a day at once, more when somebody else agrees.

    The same kind asked again after the same contact is the one there is.

    Raises:
        Refused: there is any sign of danger or nobody has asked about it, or a day or reason is missing.
    """
    async with store.unit() as unit:
        journey = await store_contact.lock_journey(unit, contact_id)
        known = await store_abuse.find_asked(unit, contact_id, asked.kind)
        if known is not None:
            return known
        caller, made = await store_abuse.caller_of(unit, journey, now), ids.new_id()
        outcome = abuse.restrict(caller, asked, (staff_id, made), now, days_max=days_max)
        await unit.save(outcome, now, journey)
        return made


async def approve(store: Store, restriction_id: UUID, staff_id: UUID, now: datetime) -> None:
    """A second person agrees to a restriction of more than a day.

    Raises:
        Refused: it is the person's own, or it is over.
    """
    async with store.unit() as unit:
        restriction = await store_abuse.lock_restriction(unit, restriction_id)
        await unit.save(abuse.approve(restriction, staff_id, now), now)


async def lift(store: Store, restriction_id: UUID, staff_id: UUID, why: Sensitive, now: datetime) -> None:
    """Take a restriction back, by name and with a reason.

    Raises:
        Refused: no reason is given.
    """
    async with store.unit() as unit:
        restriction = await store_abuse.lock_restriction(unit, restriction_id)
        await unit.save(abuse.lift(restriction, staff_id, why, now), now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restrictions:
    """What is asked for and what stands, and the names of those who asked and agreed."""

    listed: tuple[Listed, ...]
    names: dict[UUID, str]


async def restrictions(store: Store, viewer: Viewer, now: datetime, most: int) -> Restrictions:
    """The restrictions of the viewer's centres.

    Raises:
        Forbidden: none of the viewer's roles may.
    """
    access.require(viewer, Permission.REVIEW_RESTRICTIONS)
    async with store.connection() as connection:
        found = await store_abuse.of_centres(connection, store.vault, viewer.reach, now, most)
        people = [who for each in found for who in (each.restriction.staff_id, each.restriction.approved_by)]
        return Restrictions(
            listed=tuple(found), names=await store_staff.names(connection, store.vault, people)
        )


async def _lock(unit: Unit, contact_id: UUID, staff_id: UUID) -> tuple[Journey, Session]:
    journey = await store_contact.lock_journey(unit, contact_id)
    if journey.session is None:
        raise Absent("session.absent", "This contact is not with you.")
    return journey, sessions.own(journey.session, staff_id)
