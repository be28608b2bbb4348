"""Centres and their lines: who answers, under which number, and when.

Centres form a tree of any depth (province, city, district, town, village are names, not code).
A line is a dialled number or a chat entrance; old number and 12356 may both lead to one centre.
Closed is a route: a line outside its hours still offers the crisis key and the overflow number.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

_REGION: Final = re.compile(r"[1-9][0-9](?:[0-9]{2}){0,2}")


def is_region(code: str) -> bool:
    """Whether it is spelled as a region of GB/T 2260: province (42), city (4201) or district (420106)."""
    return _REGION.fullmatch(code) is not None


class Channel(StrEnum):
    """How a caller reaches a line."""

    VOICE = "voice"
    CHAT = "chat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """An organisation that answers; `timezone` is an IANA name."""

    id: UUID
    name: str
    kind: str
    timezone: str
    parent_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A dialled number (E.164 or short code) or the slug of a chat entrance.

    `opens_at` equal to `closes_at` means round the clock; a closing time before the opening time
    lies on the next day. `overflow` is a telephone number that callers are sent to when nobody here
    can answer.
    """

    id: UUID
    centre_id: UUID
    channel: Channel
    address: str
    name: str
    languages: tuple[str, ...]
    skills: frozenset[str] = field(default_factory=frozenset)
    opens_at: time = time(0, 0)
    closes_at: time = time(0, 0)
    timezone: str = "Asia/Shanghai"
    overflow: str | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether `now` (aware) falls into the line's hours, in the line's own time zone."""
        if self.opens_at == self.closes_at:
            return True
        local = now.astimezone(ZoneInfo(self.timezone)).time()
        if self.opens_at < self.closes_at:
            return self.opens_at <= local < self.closes_at
        return local >= self.opens_at or local < self.closes_at

    def hours_a_day(self) -> float:
        """Opening hours in 24 h; the national floor for 12356 is 18 (NHC notice of 25 Dec 2024)."""
        if self.opens_at == self.closes_at:
            return 24.0
        start = timedelta(hours=self.opens_at.hour, minutes=self.opens_at.minute)
        end = timedelta(hours=self.closes_at.hour, minutes=self.closes_at.minute)
        return ((end - start) % timedelta(days=1)) / timedelta(hours=1)
