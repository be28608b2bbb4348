"""Who is offered to whom, and why; pure, and able to explain itself.

Contacts are taken in the order of their rank (band with ageing, then join time). For each, those
counselors count who are ready, speak the language, have every skill (after `relax_after_seconds` a
skill that nobody ready has is waived, the language never is), have not just declined this contact,
and have room for it; among them the one who has been idle longest is chosen. A counselor has one
voice engagement at a time, and chats up to capacity; a voice call or a grave contact takes the
whole person.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from hotline.domain.centre import Channel
from hotline.domain.level import Level
from hotline.domain.offer import Pairing
from hotline.domain.presence import Load, Standing
from hotline.domain.queue import Need, QueuePolicy
from hotline.domain.staff import Device


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A waiting contact as routing sees it."""

    id: UUID
    channel: Channel
    rank: int
    need: Need
    level: Level
    joined_at: datetime
    since: datetime
    declined_by: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Repertoire:
    """What a counselor can do."""

    languages: frozenset[str]
    skills: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate(Repertoire):
    """A counselor as routing sees one."""

    id: UUID
    standing: Standing
    load: Load
    idle_since: datetime
    chat_capacity: int
    device: Device = Device.BROWSER
    chat_slots_taken: frozenset[int] = frozenset()
    is_free: bool = True
    """False until the wrap-up minimum has passed."""
    is_present: bool = True
    """Ready by choice, with a live heartbeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Pairings, and for every contact left waiting the reason for each counselor not chosen."""

    pairings: tuple[Pairing, ...]
    left: Mapping[UUID, Mapping[UUID, str]] = field(default_factory=dict[UUID, Mapping[UUID, str]])


def match(
    waiting: Iterable[Waiting],
    candidates: Sequence[Candidate],
    policy: QueuePolicy,
    now: datetime,
    present: Sequence[Repertoire] | None = None,
) -> Match:
    """Pair waiting contacts with counselors in the declared order.

    `waiting` may come in any order and hold only the heads of each need; each candidate is used at
    most once per call, so two contacts never ring one person. `present` is what everybody on duty can
    do, engaged or not; without it, the candidates are taken for all there are.
    """
    if present is None:
        present = [each for each in candidates if each.is_present]
    free = {candidate.id: candidate for candidate in candidates}
    pairings: list[Pairing] = []
    left: dict[UUID, Mapping[UUID, str]] = {}
    heads = {contact.id: contact for contact in waiting}
    for contact in sorted(heads.values(), key=lambda each: (each.rank, each.joined_at, each.id)):
        if not free:
            left[contact.id] = {}
            continue
        skills = required_skills(contact, present, policy, now)
        reasons = {each.id: why_not(contact, each, skills, policy, now) for each in free.values()}
        able = [free[staff_id] for staff_id, reason in reasons.items() if reason is None]
        if not able:
            left[contact.id] = {
                staff_id: reason for staff_id, reason in reasons.items() if reason is not None
            }
            continue
        chosen = min(able, key=lambda each: (each.load.chats, each.idle_since, each.id))
        pairings.append(_pair(contact, chosen, skills, policy))
        del free[chosen.id]
    return Match(pairings=tuple(pairings), left=left)


def may_relax(contact: Waiting, policy: QueuePolicy, now: datetime) -> bool:
    """Whether skills that nobody on duty has are waived for this contact."""
    waited = (now - contact.joined_at).total_seconds()
    return bool(contact.need.skills) and waited >= policy.relax_after_seconds


def required_skills(
    contact: Waiting, present: Iterable[Repertoire], policy: QueuePolicy, now: datetime
) -> frozenset[str]:
    """The skills still insisted on: after the relaxing time, as many as some one person present has."""
    if not may_relax(contact, policy, now):
        return contact.need.skills
    had = (contact.need.skills & each.skills for each in present if contact.need.language in each.languages)
    return max(had, key=lambda skills: (len(skills), sorted(skills)), default=frozenset[str]())


def why_not(
    contact: Waiting, candidate: Candidate, skills: frozenset[str], policy: QueuePolicy, now: datetime
) -> str | None:
    """Why this counselor cannot be offered the contact now; None if nothing stands against it."""
    if not candidate.is_present:
        return candidate.standing.reason or candidate.standing.state
    if not candidate.is_free:
        return "wrap_up_minimum"
    if contact.need.language not in candidate.languages:
        return "language"
    if not skills <= candidate.skills:
        return "skill"
    waited = (now - contact.since).total_seconds()
    if candidate.id in contact.declined_by and waited < policy.declined_again_seconds:
        return "declined"
    return _no_room(contact, candidate, policy)


def _no_room(contact: Waiting, candidate: Candidate, policy: QueuePolicy) -> str | None:
    load = candidate.load
    if contact.channel is Channel.CHAT and _free_slot(candidate, policy) is None:
        return "chat_capacity"
    if load.is_empty:
        return None
    if contact.channel is Channel.VOICE or contact.level.needs_escalation:
        return "engaged"
    if load.offered or load.connecting or load.voice_talking or load.wrapping:
        return "engaged"
    return "grave_contact" if load.grave else None


def _free_slot(candidate: Candidate, policy: QueuePolicy) -> int | None:
    capacity = min(candidate.chat_capacity, policy.chat_capacity_max)
    if candidate.load.chats >= capacity:
        return None
    return next((each for each in range(1, capacity + 1) if each not in candidate.chat_slots_taken), None)


def _pair(contact: Waiting, chosen: Candidate, skills: frozenset[str], policy: QueuePolicy) -> Pairing:
    reasons = ["longest_idle"]
    if skills != contact.need.skills:
        reasons.append("skills_relaxed")
    slot = _free_slot(chosen, policy) if contact.channel is Channel.CHAT else None
    return Pairing(contact_id=contact.id, staff_id=chosen.id, chat_slot=slot, reasons=tuple(reasons))
