"""How fast a contact's messages, and the chats of one address, are taken in: slowed and never refused.

A flood may be a prank, a stuck key or somebody in despair; none of them loses a word. Beyond the burst
each message waits for its token, at most `slow_seconds_max`; what carries risk does not wait at all, which
the socket decides. The bucket belongs to the contact, so that more tabs or new sockets gain nothing.

At the door it is the same for an address. Waiting alone would only move a flood by seconds, so whoever
comes beyond the limit is also told to be one of a crowd, and the queue lets others of the last band go
first. A school or a mobile network shares an address: so the crowd gets in, and danger is never in it.
"""

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final, Self

from hotline.policy.settings import Web

BUCKETS_MAX: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """`burst_max` messages at once, then `per_second`; no single one waits above `slow_seconds_max`."""

    burst_max: int
    per_second: float
    slow_seconds_max: float


@dataclass(slots=True)
class Bucket:
    """The tokens of one contact at the moment `at` (monotonic seconds)."""

    pace: Pace
    tokens: float
    at: float

    def delay_seconds(self, now: float, ahead: int = 0) -> float:
        """How long a message would wait now, behind `ahead` others; nothing is taken."""
        lacking = 1 + ahead - self._filled(now)
        return min(max(0.0, lacking / self.pace.per_second), self.pace.slow_seconds_max)

    def take(self, now: float) -> float:
        """Take the token of one message; how long it has to wait for it."""
        delay = self.delay_seconds(now)
        self.tokens = max(-1.0, self._filled(now) - 1)
        self.at = now
        return delay

    def is_full(self, now: float) -> bool:
        """Whether nothing would be different without this bucket."""
        return self._filled(now) >= self.pace.burst_max

    def _filled(self, now: float) -> float:
        return min(float(self.pace.burst_max), self.tokens + (now - self.at) * self.pace.per_second)


class Paces:
    """The buckets of all contacts (or addresses) of this process that have lately been heard."""

    def __init__(self, pace: Pace) -> None:
        """Begin with none."""
        self._pace = pace
        self._buckets: dict[Hashable, Bucket] = {}

    def of(self, whose: Hashable, now: float) -> Bucket:
        """Somebody's bucket; a full one is as good as none, so full ones are let go of."""
        bucket = self._buckets.get(whose)
        if bucket is None:
            if len(self._buckets) >= BUCKETS_MAX:
                self._tidy(now)
            bucket = Bucket(pace=self._pace, tokens=float(self._pace.burst_max), at=now)
            self._buckets[whose] = bucket
        return bucket

    def _tidy(self, now: float) -> None:
        kept = [(key, bucket) for key, bucket in self._buckets.items() if not bucket.is_full(now)]
        self._buckets = dict(kept[-(BUCKETS_MAX // 2) :])


def of_messages(web: Web) -> Paces:
    """How fast contacts may speak in this house."""
    return Paces(
        Pace(
            burst_max=web.chat_messages_burst_max,
            per_second=web.chat_messages_per_second,
            slow_seconds_max=web.chat_slow_seconds_max,
        )
    )


class Door:
    """The chat's door in one process: how fast each address may open chats, and who waits there."""

    def __init__(self, pace: Pace, waiting_max: int) -> None:
        """Begin with nobody."""
        self._paces = Paces(pace)
        self._waiting_max = waiting_max
        self.waiting = 0

    @classmethod
    def of(cls, web: Web) -> Self:
        """The door with this house's limits."""
        return cls(
            Pace(
                burst_max=web.chat_opens_burst_max,
                per_second=web.chat_opens_per_second,
                slow_seconds_max=web.chat_opens_slow_seconds_max,
            ),
            web.chat_opens_waiting_max,
        )

    async def come_in(self, address: str, *, is_urgent: bool) -> bool:
        """Wait for one's turn; whether it is the turn of one in a crowd. The urgent neither wait nor are.

        When too many wait already nobody else does: a door that is held shut helps nobody.
        """
        now = asyncio.get_running_loop().time()
        delay = self._paces.of(address, now).take(now)
        if is_urgent or delay == 0:
            return False
        if self.waiting < self._waiting_max:
            self.waiting += 1
            try:
                await asyncio.sleep(delay)
            finally:
                self.waiting -= 1
        return True
