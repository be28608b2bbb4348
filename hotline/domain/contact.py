"""A contact: one reaching-out, from the first ring until its record is closed.

Every ring is a contact; the row is there before the first webhook is answered, so that abandoned
calls exist too. The contact's row is the lock of its whole journey: whoever changes an offer, a
session or an escalation of it holds this row. Three things never change: when it arrived, when it
joined the queue (a decline, a miss, a lost device or an overflow costs the caller nothing), and that
it can only end by way of a person, another line, or the caller's own leaving.

    arriving    greeting, notice, menu or form
    waiting     in the queue
    offered     held out to one counselor
    connecting  accepted; the two are being brought together
    talking     with its counselor
    wrapping    the caller has gone, the counselor completes the record
    closed, abandoned, diverted   ends
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from hotline.base.sensitive import Sensitive
from hotline.domain import queue
from hotline.domain.background import Background
from hotline.domain.centre import Channel, Line
from hotline.domain.journal import CALLER, Entry, Json, system_actor
from hotline.domain.level import Level, band_of
from hotline.domain.machine import Machine
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.queue import BAND_BEST, BAND_LAST, Need, QueuePolicy

MACHINE: Final = Machine(
    name="contact",
    start="arriving",
    moves={
        ("arriving", "join"): "waiting",
        ("arriving", "abandon"): "abandoned",
        ("arriving", "divert"): "diverted",
        ("waiting", "offer"): "offered",
        ("waiting", "abandon"): "abandoned",
        ("waiting", "divert"): "diverted",
        ("offered", "accept"): "connecting",
        ("offered", "put_back"): "waiting",
        ("offered", "abandon"): "abandoned",
        ("offered", "divert"): "diverted",
        ("connecting", "connect"): "talking",
        ("connecting", "put_back"): "waiting",
        ("connecting", "abandon"): "abandoned",
        ("talking", "put_back"): "waiting",
        ("talking", "end"): "wrapping",
        ("wrapping", "close"): "closed",
    },
    ends=frozenset({"closed", "abandoned", "diverted"}),
)

WITH_COUNSELOR: Final = frozenset({"offered", "connecting", "talking", "wrapping"})
"""States in which the contact occupies its counselor."""

CROWDED: Final = "crowded"
"""The flag of one of very many who came from the same address at once."""

RESTRICTED: Final = "restricted"
"""The flag of one whose number is restricted after abuse: a turn in the queue, and never more than that."""

BAND_CARE: Final = 2
UNDER_AGE: Final = frozenset({"<10", "10-13", "14-17"})

BEFORE_ANSWER: Final = frozenset({"arriving", "waiting", "offered", "connecting"})
"""States in which the caller can still be lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What the caller said before anybody answered: keys pressed, or the chat's short form."""

    safe_now: str | None = None
    age_band: str | None = None
    attempted_before: bool | None = None
    crisis_key: bool = False
    notice_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One reaching-out over one channel.

    `rank` and `ages_at` are worked out by `queue`; `generation` counts the rooms of a call, so that
    a caller who comes back never enters the old one; `declined_by` holds counselors who lately said
    no; `level_is_human` is true once a person has set the level; `seen_at` is the last sign of life
    of a chat's page. `caller_key` is the blind index of the number. `background` is what rules may know
    besides the words in hand. `level` is the caller's own; `subject_level` that of the gravest person whom
    they call about.
    """

    id: UUID
    centre_id: UUID
    line_id: UUID
    channel: Channel
    state: str
    since: datetime
    arrived_at: datetime
    language: str
    skills: tuple[str, ...] = ()
    need: str = ""
    joined_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None
    level: Level = Level.NONE_FOUND
    level_is_human: bool = False
    subject_level: Level = Level.NONE_FOUND
    band: int = BAND_LAST
    rank: int = 0
    ages_at: datetime | None = None
    counselor_id: UUID | None = None
    chat_slot: int | None = None
    generation: int = 0
    declined_by: tuple[UUID, ...] = ()
    messages: int = 0
    caller_key: bytes | None = None
    number: Sensitive | None = None
    number_quality: str = "unknown"
    form: Form = field(default_factory=Form)
    flags: tuple[str, ...] = ()
    background: Background = field(default_factory=Background)
    token_hash: bytes | None = None
    seen_at: datetime | None = None

    @property
    def is_ended(self) -> bool:
        """Whether nothing can follow."""
        return self.state in MACHINE.ends

    @property
    def gravest(self) -> Level:
        """How grave the contact is, whoever is in danger: it decides on the band and on the team."""
        return Level.highest(self.level, self.subject_level)

    @property
    def room(self) -> str:
        """The name of the conference of this generation: opaque, and never used twice."""
        return f"c_{self.id.hex}_{self.generation}"

    def needs(self) -> Need:
        """What a counselor must have."""
        return (
            Need.from_key(self.need)
            if self.need
            else Need(language=self.language, skills=frozenset(self.skills))
        )


def arrive(contact_id: UUID, line: Line, now: datetime, *, caller: "Caller", form: Form) -> Outcome:
    """A caller reaches a line; nothing has been asked yet."""
    contact = Contact(
        id=contact_id,
        centre_id=line.centre_id,
        line_id=line.id,
        channel=line.channel,
        state=MACHINE.start,
        since=now,
        arrived_at=now,
        language=line.languages[0],
        skills=tuple(sorted(line.skills)),
        caller_key=caller.key,
        number=caller.number,
        number_quality=caller.quality,
        token_hash=caller.token_hash,
        flags=(CROWDED,) if caller.is_crowded else (),
        form=form,
        background=Background(timezone=line.timezone),
        seen_at=now,
    )
    return Outcome(
        rows=(contact,), entries=(note(contact, "contact.arrived", CALLER, channel=contact.channel),)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What is known of who reaches out: a number and its blind index, or a chat's token and its crowd."""

    key: bytes | None = None
    number: Sensitive | None = None
    quality: str = "unknown"
    token_hash: bytes | None = None
    is_crowded: bool = False


ANONYMOUS: Final = Caller()


def needs_care(form: Form) -> bool:
    """Whether what was said before the answer asks for an earlier one: under 18, or an attempt before."""
    return form.age_band in UNDER_AGE or form.attempted_before is True


def choose(contact: Contact, *, language: str | None = None, form: Form | None = None) -> Contact:
    """The contact after the caller has chosen a language or answered the form."""
    return replace(contact, language=language or contact.language, form=form or contact.form)


def know(contact: Contact, background: Background) -> Contact:
    """The contact after its caller's history was looked up."""
    return replace(contact, background=background)


def hold_back(contact: Contact) -> Contact:
    """The contact of a caller with a standing restriction, before it joins the queue."""
    return replace(contact, flags=(*contact.flags, RESTRICTED))


def join(contact: Contact, now: datetime, policy: QueuePolicy, *, earlier_join: datetime | None) -> Outcome:
    """Enter the queue, at the time of joining or at the one that a lost call had before.

    `earlier_join` is the join time of a wait that the same caller abandoned at most
    `return_within_seconds` ago; whoever was cut off does not start again.
    """
    state = MACHINE.after(contact.state, "join")
    joined_at = earlier_join or now
    need = Need(language=contact.language, skills=frozenset(contact.skills))
    waiting = _ranked(
        replace(contact, state=state, since=now, joined_at=joined_at, need=need.key), now, policy
    )
    entry = note(waiting, "contact.joined", CALLER, band=waiting.band, returning=earlier_join is not None)
    return Outcome(rows=(waiting,), entries=(entry,))


def abandon(contact: Contact, now: datetime, *, reason: str = "caller_left") -> Outcome:
    """The caller leaves before anybody has answered."""
    state = MACHINE.after(contact.state, "abandon")
    gone = _ended(contact, state, now, reason)
    return Outcome(
        rows=(gone,), entries=(note(gone, "contact.abandoned", CALLER, stage=contact.state, reason=reason),)
    )


def divert(contact: Contact, now: datetime, *, reason: str) -> Outcome:
    """Send the caller elsewhere on purpose: another centre, or a message with emergency numbers."""
    state = MACHINE.after(contact.state, "divert")
    gone = _ended(contact, state, now, reason)
    return Outcome(
        rows=(gone,), entries=(note(gone, "contact.diverted", system_actor("intake"), reason=reason),)
    )


def press_crisis_key(contact: Contact, now: datetime, policy: QueuePolicy) -> Outcome:
    """The caller says by a key that there is danger: the best band, at once, whatever rules make of it."""
    pressed = _ranked(replace(contact, form=replace(contact.form, crisis_key=True)), now, policy)
    return Outcome(rows=(pressed,), entries=(note(pressed, "contact.crisis_key", CALLER),))


def raise_level(contact: Contact, level: Level, now: datetime, policy: QueuePolicy, *, actor: str) -> Outcome:
    """Let the level rise to `level`; a lower one changes nothing. A waiting contact moves at once."""
    higher = Level.highest(contact.level, level)
    if higher is contact.level:
        return NOTHING
    risen = _ranked(replace(contact, level=higher), now, policy)
    return Outcome(rows=(risen,), entries=(_levelled(contact, risen, actor),))


def set_level(contact: Contact, level: Level, now: datetime, policy: QueuePolicy, *, actor: str) -> Outcome:
    """A person's judgement, up or down; whether this person may lower it is asked before."""
    judged = _ranked(replace(contact, level=level, level_is_human=True), now, policy)
    return Outcome(rows=(judged,), entries=(_levelled(contact, judged, actor, human=True),))


def set_subject_level(contact: Contact, level: Level, now: datetime, policy: QueuePolicy) -> Contact:
    """The contact as it stands now that the gravest person it is about is at `level`; it moves at once."""
    return _ranked(replace(contact, subject_level=level), now, policy)


def age(contact: Contact, now: datetime, policy: QueuePolicy) -> Outcome:
    """Rank a waiting contact anew because `ages_at` has come."""
    aged = _ranked(contact, now, policy)
    return Outcome(rows=(aged,), entries=(note(aged, "contact.aged", system_actor("sweeper")),))


def put_back(
    contact: Contact, now: datetime, policy: QueuePolicy, *, declined_by: UUID | None = None
) -> Contact:
    """The contact waiting again at its old join time; nobody holds it any more.

    One that had already been accepted (its `generation` has grown) waits in the best band: whoever
    was let down by us does not queue behind others.
    """
    state = MACHINE.after(contact.state, "put_back")
    refusers = (*contact.declined_by, declined_by) if declined_by else contact.declined_by
    back = replace(contact, state=state, since=now, counselor_id=None, chat_slot=None, declined_by=refusers)
    return _ranked(back, now, policy)


def note(contact: Contact, kind: str, actor: str, **body: Json) -> Entry:
    """A journal entry about this contact; its counselor, if any, is told."""
    staff_ids = (contact.counselor_id,) if contact.counselor_id else ()
    return Entry(
        kind=kind,
        centre_id=contact.centre_id,
        contact_id=contact.id,
        actor=actor,
        staff_ids=staff_ids,
        body=body,
    )


def _levelled(before: Contact, after: Contact, actor: str, **body: Json) -> Entry:
    old, new = before.level.text, after.level.text
    return note(after, "contact.level", actor, before=old, after=new, **body)


def _ended(contact: Contact, state: str, now: datetime, reason: str) -> Contact:
    return replace(
        contact,
        state=state,
        since=now,
        ended_at=now,
        end_reason=reason,
        counselor_id=None,
        chat_slot=None,
        ages_at=None,
    )


def _ranked(contact: Contact, now: datetime, policy: QueuePolicy) -> Contact:
    band = _band(contact)
    if contact.joined_at is None:
        return replace(contact, band=band)
    return replace(
        contact,
        band=band,
        rank=queue.rank(band, contact.joined_at, now, policy) + _behind(contact, band, policy),
        ages_at=queue.ages_at(band, contact.joined_at, now, policy),
    )


def _behind(contact: Contact, band: int, policy: QueuePolicy) -> int:
    """What a crowd's or a restricted caller's rank is worse by: as if it had joined one ageing step later.

    So a flood is not in front of those who come after it, and still waits a bounded time. Only in the last
    band: where there is danger, or reason for care, it does not matter who else came.
    """
    is_behind = bool({CROWDED, RESTRICTED} & set(contact.flags)) and band == BAND_LAST
    return policy.ageing_seconds * 1000 if is_behind else 0


def _band(contact: Contact) -> int:
    if contact.form.crisis_key or contact.generation > 0:
        return BAND_BEST
    own = min(band_of(contact.gravest), BAND_CARE if needs_care(contact.form) else BAND_LAST)
    return own if contact.level_is_human else min(contact.band, own)
