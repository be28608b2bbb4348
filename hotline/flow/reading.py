"""Opening a contact: whose eyes may see it is asked, and that they did is journalled with it.

The look and its entry are one transaction, so nobody reads unrecorded. A page that follows a talk
asks again with every message; one entry per person and contact in `NOTED_SECONDS` says the same.
What these eyes may not see is absent, in the same words as what does not exist.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from hotline.base.errors import Absent
from hotline.domain import access, contact as contacts, message, record as records
from hotline.domain.access import Viewer
from hotline.domain.appraisal import Appraisal
from hotline.domain.assessment import Assessment
from hotline.domain.centre import Line
from hotline.domain.chain import Link
from hotline.domain.contact import Contact
from hotline.domain.escalation import Escalation, Joining, Note
from hotline.domain.journal import staff_actor
from hotline.domain.judgement import Judgement
from hotline.domain.ladder import EVERYONE, Ladder, LadderBook
from hotline.domain.message import Message
from hotline.domain.outcome import Outcome
from hotline.domain.paging import Page
from hotline.domain.record import Action, Amendment
from hotline.domain.risk.instruments import Instrument
from hotline.domain.session import Record, Session
from hotline.domain.staff import Staff
from hotline.domain.subject import Subject
from hotline.store import (
    assessment as store_assessment,
    contact as store_contact,
    earlier as store_earlier,
    escalation as store_escalation,
    journal as store_journal,
    message as store_message,
    record as store_record,
    roster as store_roster,
    staff as store_staff,
    subject as store_subject,
)
from hotline.store.assessment import Move
from hotline.store.driver import Connection
from hotline.store.earlier import History
from hotline.store.eyes import Thing, Whose
from hotline.store.unit import Store, Unit
from hotline.store.vault import Vault

READ: Final = "record.read"
NOTED_SECONDS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A contact that these eyes may see, with its latest session and escalation."""

    contact: Contact
    session: Session | None
    escalation: Escalation | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A contact with everything that its counselor, supervisor or responder is shown."""

    contact: Contact
    line: Line
    session: Session | None
    escalation: Escalation | None
    appraisals: tuple[Appraisal, ...]
    history: History
    counselor: Staff | None
    """Whoever holds the contact, or held it last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Messages in order, and the sequence number of the last one that there is."""

    messages: tuple[Message, ...]
    last_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """An escalation with its ladder, pages and notes, and the names of everybody in it."""

    escalation: Escalation
    ladder: Ladder
    pages: tuple[Page, ...]
    notes: tuple[Note, ...]
    joinings: tuple[Joining, ...]
    able: tuple[UUID, ...]
    """Who else could take it over, the nearest first."""
    names: dict[UUID, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A record as it was closed and as it should be read, what was done, and the names of everybody in it."""

    session: Session
    record: Record
    actions: tuple[Action, ...]
    amendments: tuple[Amendment, ...]
    links: tuple[Link, ...]
    names: dict[UUID, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """How grave a contact is, and by what: everybody in danger, every answer sheet, every move of a level.

    `versions` are the instruments as they were when they were answered; `names` those of all who judged.
    """

    contact: Contact
    subjects: tuple[Subject, ...]
    assessments: tuple[Assessment, ...]
    versions: dict[str, Instrument]
    moves: tuple[Move, ...]
    judgements: tuple[Judgement, ...]
    appraisals: tuple[Appraisal, ...]
    names: dict[UUID, str]


async def open_contact(store: Store, viewer: Viewer, contact_id: UUID, now: datetime) -> Opened:
    """Everything about a contact but its words.

    Raises:
        Absent: there is no such contact for these eyes.
    """
    async with store.unit() as unit:
        reached = await _reached(unit.connection, unit.vault, viewer, contact_id)
        await _note(unit, viewer, reached.contact, now)
        held_by = reached.contact.counselor_id or (reached.session and reached.session.staff_id)
        return Opened(
            contact=reached.contact,
            line=await store_staff.get_line(unit.connection, unit.vault, reached.contact.line_id),
            session=reached.session,
            escalation=reached.escalation,
            appraisals=tuple(await store_message.appraisals_of(unit.connection, unit.vault, contact_id)),
            history=await store_earlier.history_of(unit.connection, reached.contact),
            counselor=await store_staff.get(unit.connection, unit.vault, held_by) if held_by else None,
        )


async def open_messages(
    store: Store, viewer: Viewer, contact_id: UUID, *, after: int, most: int, now: datetime
) -> Words:
    """The words behind `after`, at most `most` of them.

    Raises:
        Absent: there is no such contact for these eyes.
    """
    async with store.unit() as unit:
        reached = await _reached(unit.connection, unit.vault, viewer, contact_id)
        await _note(unit, viewer, reached.contact, now)
        messages = await store_message.after(unit.connection, unit.vault, contact_id, after, most)
        if messages and reached.contact.counselor_id == viewer.staff_id:
            await _mark_read(unit, reached.contact, messages[-1].seq, now)
        return Words(messages=tuple(messages), last_seq=reached.contact.messages)


async def _mark_read(unit: Unit, contact: Contact, up_to: int, now: datetime) -> None:
    """The counselor has the caller's words in front of them now; the caller's page is told."""
    if await store_message.mark_read(unit.connection, contact.id, "caller", up_to, now):
        await unit.save(message.was_read(contact, "caller", up_to), now)


async def open_escalation(
    store: Store, book: LadderBook, viewer: Viewer, escalation_id: UUID, now: datetime
) -> Called:
    """An escalation with who was paged and what was noted.

    Raises:
        Absent: there is no such escalation for these eyes.
    """
    async with store.unit() as unit:
        connection, vault = unit.connection, unit.vault
        reached = await _of_escalation(connection, vault, viewer, escalation_id)
        await _note(unit, viewer, reached.contact, now)
        escalation = await store_escalation.get(connection, vault, escalation_id)
        pages = await store_escalation.pages_of(connection, vault, escalation_id)
        notes = await store_escalation.notes_of(connection, vault, escalation_id)
        joinings = await store_escalation.joinings_of(connection, vault, escalation_id)
        named = {escalation.owner_id, escalation.cause.staff_id, escalation.closed_by, escalation.offered_to}
        named |= {escalation.contact_made_by, escalation.resolved_by}
        named |= {each.staff_id for each in (*pages, *notes, *joinings)}
        roster = await store_roster.everybody(connection, escalation.centre_id, now)
        able = tuple(each.staff_id for each in roster[EVERYONE] if each.staff_id != escalation.owner_id)
        named |= {*able}
        people = await store_staff.by_ids(connection, vault, [each for each in named if each])
        ladders = await store_roster.ladders(connection, book, escalation.centre_id)
        return Called(
            escalation=escalation,
            ladder=ladders[escalation.level],
            pages=tuple(pages),
            notes=tuple(notes),
            joinings=tuple(joinings),
            able=able,
            names={person.id: person.name.reveal() for person in people.values()},
        )


async def open_record(store: Store, viewer: Viewer, session_id: UUID, now: datetime) -> Recorded:
    """The record of one session with its actions and amendments.

    Raises:
        Absent: there is no such session for these eyes.
    """
    async with store.unit() as unit:
        connection, vault = unit.connection, unit.vault
        try:
            contact_id = await store_contact.of_session(connection, session_id)
            reached = await _reached(connection, vault, viewer, contact_id)
        except Absent:
            raise Absent("session.absent", "There is no such session.") from None
        await _note(unit, viewer, reached.contact, now)
        session = await store_contact.get_session(connection, vault, session_id)
        actions = await store_record.actions_of(connection, vault, session_id)
        amendments = await store_record.amendments_of(connection, vault, session_id)
        things = [session_id, *(each.id for each in (*actions, *amendments))]
        named = {session.staff_id, *(each.staff_id for each in (*actions, *amendments))}
        people = await store_staff.by_ids(connection, vault, list(named))
        return Recorded(
            session=session,
            record=records.amended(session.record, amendments),
            actions=tuple(actions),
            amendments=tuple(amendments),
            links=tuple(await store_record.links_of(connection, things)),
            names={person.id: person.name.reveal() for person in people.values()},
        )


async def open_risk(store: Store, viewer: Viewer, contact_id: UUID, now: datetime) -> Weighed:
    """How grave a contact is and why, with the whole history of its levels.

    Raises:
        Absent: there is no such contact for these eyes.
    """
    async with store.unit() as unit:
        connection, vault = unit.connection, unit.vault
        reached = await _reached(connection, vault, viewer, contact_id)
        await _note(unit, viewer, reached.contact, now)
        sheets = await store_assessment.of_contact(connection, vault, contact_id)
        judgements = await store_assessment.judgements_of(connection, vault, contact_id)
        subjects = await store_subject.of_contact(connection, vault, contact_id)
        moves = await store_assessment.moves_of(connection, contact_id)
        named = {each.staff_id for each in (*sheets, *judgements, *moves) if each.staff_id}
        named |= {each.made_by for each in subjects}
        people = await store_staff.by_ids(connection, vault, list(named))
        return Weighed(
            contact=reached.contact,
            subjects=tuple(subjects),
            assessments=tuple(sheets),
            versions=await store_assessment.versions(connection, {each.version for each in sheets}),
            moves=tuple(moves),
            judgements=tuple(judgements),
            appraisals=tuple(await store_message.appraisals_of(connection, vault, contact_id)),
            names={person.id: person.name.reveal() for person in people.values()},
        )


def require_reach(viewer: Viewer, thing: Thing, whose: Whose | None) -> None:
    """Nothing but whether these eyes may see a contact, for those who are about to act on it.

    Raises:
        Absent: there is no such thing for these eyes.
    """
    if whose is None or not access.may_read(
        viewer,
        centre_id=whose.centre_id,
        counselor_id=whose.counselor_id,
        is_escalated=whose.is_escalated or whose.escalation_owner_id == viewer.staff_id,
    ):
        raise Absent(f"{thing}.absent", f"There is no such {thing}.")


async def _of_escalation(
    connection: Connection, vault: Vault, viewer: Viewer, escalation_id: UUID
) -> Reached:
    contact_id = await store_contact.of_escalation(connection, escalation_id)
    try:
        return await _reached(connection, vault, viewer, contact_id)
    except Absent:
        raise Absent("escalation.absent", "There is no such escalation.") from None


async def _reached(connection: Connection, vault: Vault, viewer: Viewer, contact_id: UUID) -> Reached:
    """The contact, if it is for these eyes.

    It belongs to the counselor who holds it, and afterwards to the one who held it last. It is
    escalated to responders while somebody has to act, and stays open to the one who took it.
    """
    contact = await store_contact.get(connection, vault, contact_id)
    session = await store_contact.last_session(connection, vault, contact_id)
    escalation = await store_contact.last_escalation(connection, vault, contact_id)
    is_escalated = escalation is not None and (escalation.is_open or escalation.owner_id == viewer.staff_id)
    access.require_reading(
        viewer,
        centre_id=contact.centre_id,
        counselor_id=contact.counselor_id or (session.staff_id if session else None),
        is_escalated=is_escalated,
    )
    return Reached(contact=contact, session=session, escalation=escalation)


async def _note(unit: Unit, viewer: Viewer, contact: Contact, now: datetime) -> None:
    actor = staff_actor(viewer.staff_id)
    since = now - timedelta(seconds=NOTED_SECONDS)
    if await store_journal.is_noted_since(unit.connection, contact.id, READ, actor, since):
        return
    await unit.save(Outcome(entries=(contacts.note(contact, READ, actor),)), now)
