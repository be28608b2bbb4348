"""How fast one contact's messages are taken in: a token bucket that slows and never refuses.

A flood may be a prank, a stuck key or somebody in despair; none of them loses a word. Beyond the burst
each message waits for its token, at most `slow_seconds_max`; what carries risk does not wait at all, which
the socket decides. The bucket belongs to the contact, so that more tabs or new sockets gain nothing.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

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
    """The buckets of all contacts of this process that have lately said something."""

    def __init__(self, pace: Pace) -> None:
        """Begin with none."""
        self._pace = pace
        self._buckets: dict[UUID, Bucket] = {}

    def of(self, contact_id: UUID, now: float) -> Bucket:
        """The contact's bucket; a full one is as good as none, so full ones are let go of."""
        bucket = self._buckets.get(contact_id)
        if bucket is None:
            if len(self._buckets) >= BUCKETS_MAX:
                self._tidy(now)
            bucket = Bucket(pace=self._pace, tokens=float(self._pace.burst_max), at=now)
            self._buckets[contact_id] = bucket
        return bucket

    def _tidy(self, now: float) -> None:
        kept = [(key, bucket) for key, bucket in self._buckets.items() if not bucket.is_full(now)]
        self._buckets = dict(kept[-(BUCKETS_MAX // 2) :])
