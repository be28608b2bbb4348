"""Where a contact waits: need, band, ageing and place.

The order is the risk band, then the time of joining; every `ageing_seconds` of waiting ranks a
contact with the next better band. So nobody waits for ever: after `band x ageing_seconds` a contact
stands in the best band with its own join time, and whoever joins later is answered later. That is
the stated starvation bound, and a property test walks it. (Requirement 7; 15 min by default.)
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

BAND_BEST: Final = 0
BAND_LAST: Final = 3
_BAND_STEP: Final = 10**14
"""Wider than any join time in milliseconds since 1970 before the year 5138."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a contact needs of a counselor: one language, and all of `skills`."""

    language: str
    skills: frozenset[str] = field(default_factory=frozenset)

    @property
    def key(self) -> str:
        """One text per distinct need; the queue keeps a head for each."""
        return "|".join((self.language, *sorted(self.skills)))

    @classmethod
    def from_key(cls, key: str) -> "Need":
        """The need behind a `key`."""
        language, *skills = key.split("|")
        return cls(language=language, skills=frozenset(skills))


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePolicy:
    """The numbers of waiting; every one is set in `config/queues.toml`."""

    ageing_seconds: int = 900
    offer_seconds: int = 15
    offers_at_once_max: int = 16
    connect_seconds: int = 10
    relax_after_seconds: int = 120
    return_within_seconds: int = 1800
    heartbeat_seconds: int = 10
    device_lost_seconds: int = 20
    chat_lost_seconds: int = 60
    wrap_up_seconds_min: int = 120
    chat_capacity_max: int = 2
    caller_silent_seconds: int = 90
    menu_seconds_max: int = 60
    declined_again_seconds: int = 120
    short_abandon_seconds: int = 10


def effective_band(band: int, joined_at: datetime, now: datetime, policy: QueuePolicy) -> int:
    """The band in which a contact ranks after ageing; never worse than `band`."""
    return max(BAND_BEST, band - _steps(joined_at, now, policy))


def rank(band: int, joined_at: datetime, now: datetime, policy: QueuePolicy) -> int:
    """The stored sort key, smaller first: effective band, then join time in milliseconds."""
    return effective_band(band, joined_at, now, policy) * _BAND_STEP + _milliseconds(joined_at)


def band_of_rank(value: int) -> int:
    """The effective band inside a stored rank."""
    return value // _BAND_STEP


def behind_seconds(value: int, joined_at: datetime) -> int:
    """How much later than at `joined_at` the rank stands; 0 for everybody who is in no crowd."""
    return max(0, value % _BAND_STEP - _milliseconds(joined_at)) // 1000


def ages_at(band: int, joined_at: datetime, now: datetime, policy: QueuePolicy) -> datetime | None:
    """When the rank has to be worked out anew, or None once the best band is reached."""
    if effective_band(band, joined_at, now, policy) == BAND_BEST:
        return None
    steps = _steps(joined_at, now, policy) + 1
    return joined_at + timedelta(seconds=steps * policy.ageing_seconds)


def starvation_bound_seconds(band: int, policy: QueuePolicy) -> int:
    """After this long, no contact that joins later is offered before this one."""
    return band * policy.ageing_seconds


def _milliseconds(joined_at: datetime) -> int:
    return int(joined_at.timestamp() * 1000)


def _steps(joined_at: datetime, now: datetime, policy: QueuePolicy) -> int:
    """Bands gained by waiting; none before the join time, which another node's clock may have set."""
    return max(0, (now - joined_at) // timedelta(seconds=policy.ageing_seconds))
