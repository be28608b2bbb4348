"""Crowds for routing: contacts of every kind before counselors in every state, made from a seed.

Drawn by a seed because a thousand small choices would take hypothesis longer than routing itself; the
numbers of contacts and of counselors are drawn apart, so that what fails is shrunk to few of them.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from hypothesis import strategies as st

from hotline.domain import queue, routing
from hotline.domain.centre import Channel
from hotline.domain.level import Level, band_of
from hotline.domain.presence import Choice, Load
from hotline.domain.queue import Need, QueuePolicy
from hotline.domain.routing import Candidate, Match, Waiting, match
from tests.domain.made import NOW, a_presence, after, candidate, waiting

LANGUAGES: Final = ("zh", "en", "yue")
SKILLS: Final = ("minors", "complex")
LOADS: Final = [
    Load(),
    Load(),
    Load(offered=1),
    Load(connecting=1),
    Load(voice_talking=1),
    Load(voice_talking=1, grave=1),
    *(Load(chats_talking=1) for _ in range(4)),
    Load(chats_talking=1, grave=1),
    Load(chats_talking=1, offered=1),
    Load(chats_talking=1, wrapping=1),
    Load(chats_talking=2),
    Load(wrapping=1),
]
PRESENCES: Final = [
    *(a_presence() for _ in range(8)),
    a_presence(free_at=after(60)),
    a_presence(is_connected=False),
    a_presence(Choice.NOT_READY, reason="break"),
    a_presence(Choice.SIGNED_OUT),
]


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """Who waits, who is there, and by which policy."""

    waiting: Sequence[Waiting]
    candidates: Sequence[Candidate]
    policy: QueuePolicy

    @property
    def present(self) -> list[Candidate]:
        """Those on duty, engaged or not."""
        return [each for each in self.candidates if each.is_present]

    def match(self) -> Match:
        """Routing's answer."""
        return match(self.waiting, self.candidates, self.policy, NOW)

    def left(self) -> Mapping[UUID, Mapping[UUID, str]]:
        """Routing's reasons."""
        return routing.left(self.match(), self.waiting, self.candidates, self.policy, NOW)


def a_crowd(seed: int, contacts: int, persons: int) -> Crowd:
    """So many contacts and counselors; the same seed makes the same ones."""
    chance = random.Random(seed)
    policy = QueuePolicy(ageing_seconds=chance.choice((60, 900)), chat_capacity_max=chance.choice((1, 2, 2)))
    candidates = [_person(number, chance) for number in range(persons)]
    return Crowd(
        waiting=[_contact(number, candidates, policy, chance) for number in range(contacts)],
        candidates=candidates,
        policy=policy,
    )


CROWDS: Final = st.builds(a_crowd, st.integers(0, 2**32), st.integers(0, 8), st.integers(0, 6))


def _person(number: int, chance: random.Random) -> Candidate:
    load = chance.choice(LOADS)
    return candidate(
        number,
        chance.choice(PRESENCES),
        load,
        languages=frozenset(chance.sample(LANGUAGES, chance.randint(1, 3))),
        skills=frozenset(chance.sample(SKILLS, chance.randint(0, 2))),
        idle_since=after(-chance.randint(0, 600)),
        chat_capacity=max(load.chats, chance.randint(0, 4)),
    )


def _contact(
    number: int, candidates: Sequence[Candidate], policy: QueuePolicy, chance: random.Random
) -> Waiting:
    level = chance.choice(tuple(Level))
    joined_at = after(-chance.randint(0, chance.choice((200, 4000))))
    decliners = chance.sample(candidates, min(len(candidates), chance.choice((0, 0, 1, 2))))
    return waiting(
        number,
        channel=chance.choice(tuple(Channel)),
        level=level,
        joined_at=joined_at,
        since=max(joined_at, after(-chance.randint(0, 300))),
        rank=queue.rank(band_of(level), joined_at, NOW, policy),
        need=Need(
            language=chance.choice(LANGUAGES), skills=frozenset(chance.sample(SKILLS, chance.randint(0, 2)))
        ),
        declined_by=tuple(each.id for each in decliners),
    )
