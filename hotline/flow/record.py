"""A record beside and after the talk: what was agreed and done, and what is put right once it is closed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hotline.base import ids
from hotline.domain import record as records, session as sessions
from hotline.domain.access import Permission, Viewer
from hotline.domain.record import Acted, Change
from hotline.policy.policies import Policies
from hotline.store import (
    contact as store_contact,
    noting as store_noting,
    record as store_record,
    staff as store_staff,
)
from hotline.store.record import Listed
from hotline.store.unit import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Records that are over, in codes and times, and the names of their counselors."""

    listed: tuple[Listed, ...]
    names: dict[UUID, str]


async def lately(store: Store, viewer: Viewer, since: datetime, most: int) -> Records:
    """One's own records since a moment; of all one's centres for those who may read them."""
    async with store.connection() as connection:
        if viewer.may(Permission.READ_CENTRE):
            found = await store_record.of_centres(connection, viewer.reach, since, most)
        else:
            found = await store_record.own(connection, viewer.staff_id, since, most)
        people = [each.staff_id for each in found]
        return Records(listed=tuple(found), names=await store_staff.names(connection, store.vault, people))


async def act(
    store: Store, policies: Policies, session_id: UUID, staff_id: UUID, said: Acted, now: datetime
) -> None:
    """Note the state of an action, during the talk or after it; the same state again changes nothing.

    Its words are read by rules, as the record's are.

    Raises:
        Absent: the session is not this counselor's.
        Refused: a code is not in its list, or the action is of another kind or record.
    """
    async with store.unit() as unit:
        journey = await store_contact.lock_journey_of(unit, "session", session_id)
        session = sessions.own(await store_contact.session_of(unit, journey, session_id), staff_id)
        history = await store_record.history_of(unit.connection, unit.vault, said.action_id)
        outcome = records.act(session, said, history, (staff_id, ids.new_id()), now)
        if outcome.rows:
            outcome += await store_noting.answered(unit, policies, journey, [said.words], now)
        await unit.save(outcome, now, journey)


async def amend(
    store: Store, policies: Policies, session_id: UUID, staff_id: UUID, change: Change, now: datetime
) -> None:
    """Put a field of a closed record right; what stands there already changes nothing.

    Rules read the new words and the reason in the same transaction, as they read the record itself.

    Raises:
        Absent: there is no such session.
        Refused: the record is still open, the field or a code is unknown, or there is no reason.
    """
    async with store.unit() as unit:
        journey = await store_contact.lock_journey_of(unit, "session", session_id)
        session = await store_contact.session_of(unit, journey, session_id)
        before = await store_record.amendments_of(unit.connection, unit.vault, session_id)
        by = (staff_id, ids.new_id())
        outcome = records.amend(session, before, change, by, now, unit.vault.index)
        if outcome.rows:
            texts = (change.text, change.reason)
            outcome += await store_noting.answered(unit, policies, journey, texts, now)
        await unit.save(outcome, now, journey)
