"""Words in a chat: stored and judged in one transaction, and acknowledged to nobody before that."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hotline.base import ids
from hotline.base.errors import Absent, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import (
    answering,
    appraisal as appraisals,
    escalation as escalations,
    message as messages,
)
from hotline.domain.centre import Channel
from hotline.domain.contact import Contact
from hotline.domain.journal import CALLER, staff_actor
from hotline.domain.level import Level
from hotline.domain.message import Message
from hotline.domain.outcome import Outcome
from hotline.domain.risk.assess import Facts
from hotline.policy.policies import Policies
from hotline.store import (
    contact as store_contact,
    message as store_message,
    roster as store_roster,
)
from hotline.store.unit import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What the sender may now be told, and the level that the contact has reached."""

    seq: int
    at: datetime
    level: Level
    is_new: bool


async def say(
    store: Store, policies: Policies, contact_id: UUID, client_id: UUID, *, words: Sensitive, now: datetime
) -> Stored:
    """The caller says something: stored, appraised, and answered if there is danger, or none of it.

    Sending the same `client_id` again stores nothing and gives the first answer.

    Raises:
        Refused: the chat is over.
    """
    try:
        return await _say(store, policies, contact_id, client_id, words, now)
    except Refused as refusal:
        return await _first_answer(store, contact_id, client_id, refusal)


async def _say(
    store: Store, policies: Policies, contact_id: UUID, client_id: UUID, words: Sensitive, now: datetime
) -> Stored:
    async with store.unit() as unit:
        journey = await store_contact.lock_journey(unit, contact_id)
        contact = journey.contact
        said = messages.say(contact, _message(contact, client_id, words, now, staff_id=None), actor=CALLER)
        assessment = policies.rulebook.assess(appraisals.facts(contact, now, text=words.reveal()))
        grown = appraisals.remember(said.row(Contact), assessment, now)
        appraisal = appraisals.appraise(
            assessment,
            appraisal_id=ids.new_id(),
            contact_id=contact.id,
            source="message",
            message_seq=said.row(Message).seq,
            now=now,
        )
        roster = await store_roster.roster(
            unit.connection, contact.centre_id, assessment.level, now, contact.id
        )
        outcome = said + Outcome(rows=(grown,))
        outcome += answering.respond_to(
            grown,
            journey.escalation,
            appraisal,
            means=escalations.Means(
                queue=policies.queue,
                ladders=await store_roster.ladders(unit.connection, policies.ladders, contact.centre_id),
                roster=roster,
                new_id=ids.new_id,
                age_band=journey.session.record.age_band if journey.session else None,
            ),
            now=now,
        )
        await unit.save(outcome, now, journey)
        return Stored(seq=said.row(Message).seq, at=now, level=outcome.row(Contact).level, is_new=True)


def may_wait(policies: Policies, contact: Contact, words: Sensitive) -> bool:
    """Whether a flood may delay these words a little: only where the rules find nothing at all in them.

    Unsure is not nothing. The words alone are looked at: a grave form must not open the gate for a flood.
    """
    facts = Facts(text=words.reveal(), channel=contact.channel.value, lang=contact.language)
    return policies.rulebook.assess(facts).level is Level.NONE_FOUND


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A counselor's words and the id that their page gave them."""

    client_id: UUID
    words: Sensitive


async def reply(
    store: Store, policies: Policies, contact_id: UUID, staff_id: UUID, said: Reply, now: datetime
) -> Stored:
    """The counselor says something in a chat that is theirs; the same `client_id` again stores nothing.

    The words are not judged. What they ask about is remembered, because a "yes" is an answer to it.

    Raises:
        Absent: the contact is not with this counselor.
        Refused: the chat is over, not yet accepted, or no chat at all.
    """
    try:
        return await _reply(store, policies, contact_id, staff_id, said, now)
    except Refused as refusal:
        return await _first_answer(store, contact_id, said.client_id, refusal)


async def _reply(
    store: Store, policies: Policies, contact_id: UUID, staff_id: UUID, said: Reply, now: datetime
) -> Stored:
    async with store.unit() as unit:
        journey = await store_contact.lock_journey(unit, contact_id)
        contact = journey.contact
        if contact.counselor_id != staff_id:
            raise Absent("contact.absent", "This contact is not with you.")
        if contact.channel is not Channel.CHAT or contact.state == "offered":
            raise Refused("chat.unopened", "There is no open chat with you to write in.")
        message = _message(contact, said.client_id, said.words, now, staff_id=staff_id)
        outcome = messages.say(contact, message, actor=staff_actor(staff_id))
        topics = policies.rulebook.topics(said.words.reveal())
        outcome += Outcome(rows=(appraisals.ask(outcome.row(Contact), topics),))
        await unit.save(outcome, now, journey)
        return Stored(seq=outcome.row(Message).seq, at=now, level=contact.level, is_new=True)


async def read(store: Store, contact_id: UUID, *, sender: str, up_to: int, now: datetime) -> None:
    """One side has read the messages of `sender` up to a sequence number."""
    async with store.unit() as unit:
        newly = await store_message.mark_read(unit.connection, contact_id, sender, up_to, now)
        if newly:
            contact = await store_contact.get(unit.connection, unit.vault, contact_id)
            await unit.save(messages.was_read(contact, sender, up_to), now)


async def _first_answer(store: Store, contact_id: UUID, client_id: UUID, refusal: Refused) -> Stored:
    """What was answered when these words came for the first time; nobody asks that before they are refused.

    Raises:
        Refused: they have never come before.
    """
    async with store.connection() as connection:
        message = await store_message.find_by_client_id(connection, store.vault, contact_id, client_id)
        if message is None:
            raise refusal
        contact = await store_contact.get(connection, store.vault, contact_id)
    return Stored(seq=message.seq, at=message.at, level=contact.level, is_new=False)


def _message(
    contact: Contact, client_id: UUID, words: Sensitive, now: datetime, *, staff_id: UUID | None
) -> Message:
    return Message(
        id=ids.new_id(),
        contact_id=contact.id,
        seq=0,
        sender="counselor" if staff_id else "caller",
        client_id=client_id,
        words=words,
        at=now,
        staff_id=staff_id,
    )
