"""The tables of a contact's journey: centres, staff, contacts, offers, sessions, words, calls, escalations.

States are checked by the table of their machine; `only_one` is the last word on who holds what.
"""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hotline.domain import contact, escalation, leg, offer, session
from hotline.store.columns import LEVELS, Row, Table, Xid8, level, one_of, only_one, partial, sealed, state

WAITING = "state = 'waiting'"
QUEUED = "state in ('waiting', 'offered')"
DECLINED = "state = 'waiting' and declined_by <> '{}'"
VOICE_HELD = "channel = 'voice' and counselor_id is not null"
CHAT_HELD = "channel = 'chat' and counselor_id is not null"
CHAT_UNANSWERED = "channel = 'chat' and state in ('arriving', 'waiting', 'offered')"
ON_DUTY = "choice = 'ready' and is_connected and kind is not null"
IDLE = text("greatest(idle_since, since)")
HELD = "(counselor_id is not null) = (state in ('offered', 'connecting', 'talking', 'wrapping'))"
OPEN = "state not in ('closed', 'abandoned', 'diverted')"
UNSCREENED = "state = 'open' and screening is null and overdue_at is null"
DOUBTED = "(background ->> 'opinion')::integer >= 50 and not level_is_human"
UNSETTLED = "closed_at is null"
UNCONFIRMED = "closed_at is null and state <> 'resolved'"
"""The release before takes what is resolved for over, and calls a team in anew."""


class Centre(Row):
    """An organisation that answers, in a tree of any depth."""

    __tablename__ = "centre"
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("centre.id"))
    name: Mapped[str]
    kind: Mapped[str]
    timezone: Mapped[str]


class Line(Row):
    """A dialled number or a chat entrance."""

    __tablename__ = "line"
    __table_args__ = (Index("uq_line_address", "channel", "address", unique=True),)
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"))
    channel: Mapped[str]
    address: Mapped[str]
    name: Mapped[str]
    languages: Mapped[list[str]]
    skills: Mapped[list[str]]
    opens_at: Mapped[time]
    closes_at: Mapped[time]
    timezone: Mapped[str]
    overflow: Mapped[str | None]


class Staff(Row):
    """A member of staff."""

    __tablename__ = "staff"
    __table_args__ = (Index("uq_staff_login", "login", unique=True), Index("ix_staff_centre", "centre_id"))
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"))
    login: Mapped[str]
    name: Mapped[Any] = sealed(is_optional=False)
    password_hash: Mapped[str]
    roles: Mapped[list[str]]
    languages: Mapped[list[str]]
    skills: Mapped[list[str]]
    chat_capacity: Mapped[int]
    device: Mapped[str]
    telephone: Mapped[Any] = sealed()
    mail: Mapped[Any] = sealed()
    is_active: Mapped[bool]


class Presence(Table):
    """What a person chose, and when they were last heard of; `id` is the staff id.

    No index holds `heartbeat_at`, nor a contact's `seen_at`: a sign of life stays on its page, where there is
    room for it, and touches no index. With thousands of them in three seconds that is most of their cost.
    """

    __tablename__ = "presence"
    __table_args__ = (
        one_of("choice", ("signed_out", "ready", "not_ready")),
        partial("ix_presence_connected", "id", where="is_connected"),
        partial("ix_presence_resting", "free_at", where="free_at is not null"),
        partial("ix_presence_ready", "centre_id", where="choice = 'ready' and is_connected"),
        partial("ix_presence_kind", "centre_id", "kind", IDLE, "id", where=ON_DUTY),
        {"postgresql_with": {"fillfactor": "50"}},
    )
    id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    centre_id: Mapped[UUID]
    choice: Mapped[str]
    reason: Mapped[str | None]
    since: Mapped[datetime]
    idle_since: Mapped[datetime]
    heartbeat_at: Mapped[datetime | None]
    is_connected: Mapped[bool]
    free_at: Mapped[datetime | None]
    rested_at: Mapped[datetime | None]
    recovers_until: Mapped[datetime | None]
    kind: Mapped[int | None] = mapped_column(BigInteger)
    """A hash of what routing sees in the person, kept by triggers; empty for whoever is offered nothing."""


class Contact(Row):
    """One reaching-out; the row is the lock of its journey."""

    __tablename__ = "contact"
    __table_args__ = (
        state(contact.MACHINE),
        level(),
        one_of("subject_level", LEVELS),
        one_of("channel", ("voice", "chat")),
        CheckConstraint(HELD, name="counselor_iff_held"),
        partial("ix_contact_waiting", "centre_id", "need", "channel", "rank", "id", where=WAITING),
        partial("ix_contact_queue", "centre_id", "rank", "id", where=QUEUED),
        partial("ix_contact_declined", "centre_id", "rank", "id", where=DECLINED),
        partial("ix_contact_ages", "ages_at", where="state = 'waiting' and ages_at is not null"),
        only_one("uq_contact_voice_counselor", "counselor_id", where=VOICE_HELD),
        only_one("uq_contact_chat_slot", "counselor_id", "chat_slot", where=CHAT_HELD),
        partial("ix_contact_counselor", "counselor_id", where="counselor_id is not null"),
        partial("ix_contact_open", "centre_id", "state", where=OPEN),
        partial("ix_contact_caller", "caller_key", "arrived_at", where="caller_key is not null"),
        only_one("uq_contact_token", "token_hash", where="token_hash is not null"),
        partial("ix_contact_unanswered", "id", where=CHAT_UNANSWERED),
        Index("ix_contact_arrived", "centre_id", "arrived_at"),
        partial("ix_contact_review", "centre_id", "arrived_at", where=DOUBTED),
        {"postgresql_with": {"fillfactor": "80"}},
    )  # fmt: skip
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"))
    line_id: Mapped[UUID] = mapped_column(ForeignKey("line.id"))
    channel: Mapped[str]
    state: Mapped[str]
    since: Mapped[datetime]
    arrived_at: Mapped[datetime]
    language: Mapped[str]
    skills: Mapped[list[str]]
    need: Mapped[str]
    joined_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
    level: Mapped[str]
    level_is_human: Mapped[bool]
    subject_level: Mapped[str] = mapped_column(server_default="none_found")
    band: Mapped[int] = mapped_column(SmallInteger)
    rank: Mapped[int] = mapped_column(BigInteger)
    ages_at: Mapped[datetime | None]
    counselor_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    chat_slot: Mapped[int | None] = mapped_column(SmallInteger)
    generation: Mapped[int]
    declined_by: Mapped[list[UUID]]
    messages: Mapped[int]
    caller_key: Mapped[bytes | None]
    number: Mapped[Any] = sealed()
    number_quality: Mapped[str]
    form: Mapped[dict[str, Any]]
    flags: Mapped[list[str]]
    background: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    token_hash: Mapped[bytes | None]
    seen_at: Mapped[datetime | None]


class Offer(Row):
    """A contact held out to one counselor until a deadline."""

    __tablename__ = "offer"
    __table_args__ = (
        state(offer.MACHINE),
        only_one("uq_offer_contact", "contact_id", where="state = 'pending'"),
        only_one("uq_offer_staff", "staff_id", where="state = 'pending'"),
        partial("ix_offer_deadline", "deadline_at", where="state = 'pending'"),
        Index("ix_offer_of_contact", "contact_id", "made_at"),
    )
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    centre_id: Mapped[UUID]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[str]
    made_at: Mapped[datetime]
    deadline_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    reasons: Mapped[list[str]]


class Session(Row):
    """A counselor's engagement with a contact, and its record."""

    __tablename__ = "session"
    __table_args__ = (
        state(session.MACHINE),
        only_one("uq_session_contact", "contact_id", where="state in ('connecting', 'open', 'wrapping')"),
        Index("ix_session_of_contact", "contact_id", "begun_at"),
        Index("ix_session_staff", "staff_id", "begun_at"),
        partial("ix_session_unscreened", "opened_at", where=UNSCREENED),
    )  # fmt: skip
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    centre_id: Mapped[UUID]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[str]
    begun_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    screening: Mapped[str | None]
    screening_reason: Mapped[Any] = sealed()
    screened_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    overdue_at: Mapped[datetime | None]
    disposition: Mapped[str | None]
    result: Mapped[str | None]
    age_band: Mapped[str | None]
    region: Mapped[str | None]
    problems: Mapped[list[str]]
    marks: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    words: Mapped[Any] = sealed()
    facts: Mapped[Any] = sealed()
    judgment: Mapped[Any] = sealed()
    unknowns: Mapped[Any] = sealed()


class Message(Row):
    """Words in a chat."""

    __tablename__ = "message"
    __table_args__ = (
        Index("uq_message_seq", "contact_id", "seq", unique=True),
        Index("uq_message_client", "contact_id", "client_id", unique=True),
    )
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    seq: Mapped[int]
    sender: Mapped[str]
    client_id: Mapped[UUID]
    words: Mapped[Any] = sealed(is_optional=False)
    at: Mapped[datetime]
    staff_id: Mapped[UUID | None]
    read_at: Mapped[datetime | None]


class Appraisal(Row):
    """What the rules made of some words, a form or a key; offsets and rule ids, never the words."""

    __tablename__ = "appraisal"
    __table_args__ = (level(), Index("ix_appraisal_contact", "contact_id", "at"))
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    at: Mapped[datetime]
    source: Mapped[str]
    message_seq: Mapped[int | None]
    rulebook: Mapped[str]
    level: Mapped[str]
    is_unsure: Mapped[bool]
    flags: Mapped[list[str]]
    findings: Mapped[list[Any]] = mapped_column(JSONB())


class Judgement(Row):
    """A person's change of a contact's level, with the grounds."""

    __tablename__ = "judgement"
    __table_args__ = (
        one_of("before", LEVELS),
        one_of("after", LEVELS),
        Index("ix_judgement_contact", "contact_id"),
    )
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    before: Mapped[str]
    after: Mapped[str]
    basis: Mapped[Any] = sealed()
    subject_id: Mapped[UUID | None] = mapped_column(ForeignKey("subject.id"))


class Leg(Row):
    """One endpoint of a call."""

    __tablename__ = "leg"
    __table_args__ = (
        state(leg.MACHINE),
        one_of("role", ("caller", "counselor")),
        only_one("uq_leg_sid", "sid", where="sid is not null"),
        Index("ix_leg_contact", "contact_id"),
        partial("ix_leg_up", "place_at", where="state <> 'ended'"),
    )
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    role: Mapped[str]
    state: Mapped[str]
    made_at: Mapped[datetime]
    sid: Mapped[str | None]
    staff_id: Mapped[UUID | None]
    offer_id: Mapped[UUID | None]
    generation: Mapped[int]
    place: Mapped[str]
    place_at: Mapped[datetime | None]
    place_said: Mapped[int | None]
    joined_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]


class Escalation(Row):
    """A crisis team called in for a contact."""

    __tablename__ = "escalation"
    __table_args__ = (
        state(escalation.MACHINE),
        level(),
        only_one("uq_escalation_contact", "contact_id", where=UNCONFIRMED),
        Index("ix_escalation_of_contact", "contact_id", "declared_at"),
        partial("ix_escalation_due", "next_rung_at", where="next_rung_at is not null"),
        partial("ix_escalation_open", "centre_id", where=UNSETTLED),
        partial("ix_escalation_offered", "offered_until", where="offered_until is not null"),
        partial("ix_escalation_joining", "join_by", where="join_by is not null"),
    )  # fmt: skip
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    centre_id: Mapped[UUID]
    level: Mapped[str]
    state: Mapped[str]
    cause: Mapped[dict[str, Any]]
    declared_at: Mapped[datetime]
    acknowledge_by: Mapped[datetime]
    next_rung_at: Mapped[datetime | None]
    rung: Mapped[int]
    round: Mapped[int]
    turn: Mapped[int] = mapped_column(server_default="0")
    chased: Mapped[int] = mapped_column(server_default="0")
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    acknowledged_at: Mapped[datetime | None]
    joiner_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    join_by: Mapped[datetime | None]
    offered_to: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    offered_until: Mapped[datetime | None]
    contact_made_at: Mapped[datetime | None]
    contact_made_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    contact_how: Mapped[str | None]
    contact_words: Mapped[Any] = sealed()
    outcome: Mapped[str | None]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    ground: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    closing: Mapped[Any] = sealed()


class Fact(Table):
    """A request of a provider or of a page that has been acted on, by its key: seen once is enough."""

    __tablename__ = "fact"
    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class Journal(Table):
    """What happened, in codes and ids; read in `(xid, seq)` order behind the snapshot's fence."""

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_tail", "xid", "seq"),
        Index("ix_journal_contact", "contact_id", "seq"),
    )
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    xid: Mapped[int] = mapped_column(Xid8(), server_default=text("pg_current_xact_id()"))
    at: Mapped[datetime]
    centre_id: Mapped[UUID]
    contact_id: Mapped[UUID | None]
    escalation_id: Mapped[UUID | None]
    staff_ids: Mapped[list[UUID]]
    kind: Mapped[str]
    actor: Mapped[str]
    body: Mapped[dict[str, Any]]
