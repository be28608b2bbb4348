"""A caller reaches a line by chat: the form, the place in the queue, and leaving.

The page makes the chat's token and keeps it through every try of the same form, so whoever hears no answer
and tries again stands in the queue once: a token names one chat, and a unique index says so.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hotline.base import ids, log, turns
from hotline.base.errors import Absent, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import (
    answering,
    appraisal as appraisals,
    contact as contacts,
    escalation as escalations,
    leaving,
    presence as presences,
)
from hotline.domain.centre import Channel, Line
from hotline.domain.contact import Caller, Contact, Form
from hotline.domain.joint import Journey
from hotline.policy.policies import Policies
from hotline.store import (
    contact as store_contact,
    roster as store_roster,
    staff as store_staff,
)
from hotline.store.health import hears_since
from hotline.store.statements import statement
from hotline.store.unit import Store

_log = log.get("intake")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """What the help-seeker's page sends to open a chat; `token_hash` is all we keep of its token."""

    slug: str
    language: str
    form: Form
    token_hash: bytes
    is_crowded: bool = False


def token_hash(token: Sensitive) -> bytes:
    """What is kept of a help-seeker's token: enough to know it again, too little to use it."""
    return hashlib.sha256(token.reveal().encode()).digest()


async def open_chat(store: Store, policies: Policies, asked: Entrance, now: datetime) -> Contact:
    """Open a chat and put it into the queue; what the form says is judged in the same transaction.

    A closed line keeps the contact waiting only if the form shows danger; otherwise it is diverted,
    and the page shows where to turn. Either way the contact is on record. The same form under the same
    token opens nothing more: its answer is the chat that stands.

    Raises:
        Absent: there is no such chat entrance.
        Refused: the notice has not been accepted, or the token is that of another chat, or of one that is
            over. Whoever asks makes a new one.
    """
    if not asked.form.notice_version:
        raise Refused("chat.notice", "Please accept the notice before the chat begins.")
    try:
        return await _open(store, policies, asked, now)
    except Refused:
        return await _opened(store, asked)


async def _open(store: Store, policies: Policies, asked: Entrance, now: datetime) -> Contact:
    """Open it, or be refused by the index of tokens."""
    async with store.arrival() as unit:
        line = await store_staff.find_line(unit.connection, unit.vault, Channel.CHAT, asked.slug)
        if line is None:
            raise Absent("line.absent", "There is no such chat entrance.")
        caller = Caller(token_hash=asked.token_hash, is_crowded=asked.is_crowded)
        arrived = contacts.arrive(ids.new_id(), line, now, caller=caller, form=asked.form)
        contact = contacts.choose(arrived.row(Contact), language=_language(line, asked))
        assessment = policies.rulebook.assess(appraisals.facts(contact, now))
        if not line.is_open(now) and not assessment.level.needs_escalation:
            outcome = arrived + contacts.divert(contact, now, reason="closed")
        else:
            outcome = arrived + contacts.join(contact, now, policies.queue, earlier_join=None)
            noted = appraisals.appraise(
                assessment,
                appraisal_id=ids.new_id(),
                contact_id=contact.id,
                source="form",
                message_seq=None,
                now=now,
            )
            roster = await store_roster.roster(unit.connection, line.centre_id, assessment.level, now)
            ladders = await store_roster.ladders(unit.connection, policies.ladders, line.centre_id)
            outcome += answering.respond_to(
                outcome.row(Contact),
                None,
                noted,
                means=escalations.Means(
                    queue=policies.queue, ladders=ladders, roster=roster, new_id=ids.new_id
                ),
                now=now,
            )
        await unit.save(outcome, now, Journey(contact=arrived.row(Contact)))
        return outcome.row(Contact)


async def _opened(store: Store, asked: Entrance) -> Contact:
    """The chat that the same request has opened before; other answers must not be taken for given."""
    async with store.connection() as connection:
        line = await store_staff.find_line(connection, store.vault, Channel.CHAT, asked.slug)
        contact = await store_contact.find_by_token(connection, store.vault, asked.token_hash)
    is_same = (
        line is not None
        and contact is not None
        and (contact.line_id, contact.language, contact.form) == (line.id, _language(line, asked), asked.form)
    )
    if contact is None or not is_same or contact.state in {"abandoned", "closed"}:
        raise Refused("chat.token_used", "This token has been used for a chat; begin with a new one.")
    return contact


def _language(line: Line, asked: Entrance) -> str:
    return asked.language if asked.language in line.languages else line.languages[0]


async def leave_chat(
    store: Store, contact_id: UUID, now: datetime, *, reason: str = "caller_left"
) -> Contact:
    """The help-seeker leaves, at whatever stage; leaving twice changes nothing."""
    async with store.unit() as unit:
        journey = await store_contact.lock_journey(unit, contact_id)
        outcome = leaving.caller_leaves(journey, now, reason=reason)
        if not outcome.rows:
            return journey.contact
        await unit.save(outcome, now, journey)
        return outcome.row(Contact)


async def seen(store: Store, contact_ids: Iterable[UUID], now: datetime) -> frozenset[UUID]:
    """Signs of life of many pages in one commit; those that were noted.

    One that a step holds at this moment is left out: its page gives the next sign soon.
    """
    async with store.connection() as connection:
        rows = await connection.fetch(statement("seen"), list(contact_ids), now)
    return frozenset(row["id"] for row in rows)


async def sweep_silent(store: Store, policies: Policies, now: datetime, most: int) -> int:
    """Chats that wait without a sign of life have been left silently; how many there were."""
    seconds = policies.queue.caller_silent_seconds
    async with store.connection() as connection:
        before = presences.silent_before(now, seconds, await hears_since(connection, now))
        silent = await store_contact.silent_chats(connection, before, most)

    async def leave(contact_id: UUID) -> None:
        async with store.unit() as unit:
            journey = await store_contact.lock_journey_if_free(unit, contact_id)
            if journey is None or journey.contact.seen_at is None or journey.contact.seen_at >= before:
                return
            if journey.contact.state in {"arriving", "waiting", "offered"}:
                outcome = leaving.caller_leaves(journey, now, reason="silent")
                await unit.save(outcome, now, journey)

    await turns.each(silent, leave, _log)
    return len(silent)
