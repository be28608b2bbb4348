"""Who is offered to whom, and why; pure, and able to explain itself.

Contacts are taken in the order of their rank (band with ageing, then join time). For each, those
counselors count who are ready, speak the language, have every skill (after `relax_after_seconds` a
skill that nobody ready has is waived, the language never is), have not just declined this contact,
and have room for it; among them the one who has been idle longest is chosen. A counselor has one
voice engagement at a time, and chats up to capacity; a voice call or a grave contact takes the
whole person.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Final
from uuid import UUID

from hotline.domain.centre import Channel
from hotline.domain.level import Level
from hotline.domain.offer import Pairing
from hotline.domain.presence import RECOVERING, Load, Standing
from hotline.domain.queue import Need, QueuePolicy
from hotline.domain.staff import Device

MOVES_NOBODY: Final = frozenset({"message.said", "message.read"})
"""Entries after which nobody is matched otherwise than before; in a full house most are of these."""

_PLACE: Final = attrgetter("rank", "id")
_NONE: Final = frozenset[str]()


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
class Reach:
    """What some candidates can take between them: told so short that the queue is searched by it.

    What lies beyond `some` can be offered to none of them. What lies within `every` each of them could take
    (a grave contact or a call: each who is not engaged); of all that, no more matters than there are people.
    """

    some: Repertoire
    every: Repertoire
    engaged: frozenset[bool]
    """Whether somebody is engaged, and whether somebody is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Who is offered to whom, in the order in which it was decided."""

    pairings: tuple[Pairing, ...]


def reach(candidates: Sequence[Candidate]) -> Reach:
    """What the queue has to be searched for, when these are free."""
    languages = [each.languages for each in candidates]
    skills = [each.skills for each in candidates]
    is_every = bool(candidates) and all(each.chat_capacity > 0 for each in candidates)
    return Reach(
        some=Repertoire(languages=_NONE.union(*languages), skills=_NONE.union(*skills)),
        every=Repertoire(
            languages=languages[0].intersection(*languages) if is_every else _NONE,
            skills=skills[0].intersection(*skills) if candidates else _NONE,
        ),
        engaged=frozenset(not each.load.is_empty for each in candidates),
    )


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
    free = {each.id: each for each in candidates}
    pairings: dict[UUID, Pairing] = {}
    hopeless: set[Hashable] = set()
    for contact in in_order(waiting):
        if not free:
            break
        skills = required_skills(contact, present, policy, now)
        asked = (contact.channel, contact.level.needs_escalation, contact.need.language, skills)
        if asked in hopeless or contact.id in pairings:
            continue
        able = [each for each in free.values() if why_not(contact, each, skills, policy, now) is None]
        if able:
            chosen = min(able, key=_turn)
            del free[chosen.id]
            pairings[contact.id] = _pair(contact, chosen, skills, policy)
        elif not contact.declined_by:
            hopeless.add(asked)
    return Match(pairings=tuple(pairings.values()))


def left(
    found: Match,
    waiting: Iterable[Waiting],
    candidates: Sequence[Candidate],
    policy: QueuePolicy,
    now: datetime,
    present: Sequence[Repertoire] | None = None,
) -> Mapping[UUID, Mapping[UUID, str]]:
    """Of every contact that `found` leaves waiting, why not, for each counselor still free at its turn."""
    if present is None:
        present = [each for each in candidates if each.is_present]
    free = {each.id: each for each in candidates}
    taken_by = {each.contact_id: each.staff_id for each in found.pairings}
    reasons: dict[UUID, Mapping[UUID, str]] = {}
    for contact in in_order(waiting):
        if contact.id in taken_by:
            free.pop(taken_by[contact.id], None)
        else:
            skills = required_skills(contact, present, policy, now)
            reasons[contact.id] = {
                each.id: reason
                for each in free.values()
                if (reason := why_not(contact, each, skills, policy, now)) is not None
            }
    return reasons


def in_order(waiting: Iterable[Waiting]) -> list[Waiting]:
    """The order in which contacts are taken: by rank, which holds band and join time; then as they came."""
    return sorted(waiting, key=_PLACE)


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
        return RECOVERING if candidate.standing.state == RECOVERING else "wrap_up_minimum"
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


def _turn(candidate: Candidate) -> tuple[int, datetime, UUID]:
    """Who comes first: with the fewest chats in hand, then the longest idle."""
    return candidate.load.chats, candidate.idle_since, candidate.id


def _pair(contact: Waiting, chosen: Candidate, skills: frozenset[str], policy: QueuePolicy) -> Pairing:
    reasons = ["longest_idle"]
    if skills != contact.need.skills:
        reasons.append("skills_relaxed")
    slot = _free_slot(chosen, policy) if contact.channel is Channel.CHAT else None
    return Pairing(contact_id=contact.id, staff_id=chosen.id, chat_slot=slot, reasons=tuple(reasons))
