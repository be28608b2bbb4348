"""What happens, as it happens: for the page, for drills, and for whoever waits for a moment.

Happenings are numbered from 1; a reader that comes back names the last number it saw.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hotline.base.clock import now

HAPPENINGS_MAX = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happened; `call` is empty when it was not about one call."""

    number: int
    at: datetime
    kind: str
    call: str
    detail: dict[str, Any] = field(default_factory=dict[str, Any])

    def shown(self) -> dict[str, Any]:
        """As JSON takes it."""
        return {
            "number": self.number,
            "at": self.at.isoformat(),
            "kind": self.kind,
            "call": self.call,
            "detail": self.detail,
        }


class Feed:
    """The last `HAPPENINGS_MAX` happenings and everyone who waits for the next one."""

    def __init__(self) -> None:
        """Begin with nothing told."""
        self._told: deque[Happening] = deque(maxlen=HAPPENINGS_MAX)
        self._next = 1
        self._more: dict[str, asyncio.Event] = {}
        self.is_over = False

    def tell(self, kind: str, call: str = "", **detail: object) -> None:
        """Add a happening and wake every reader."""
        self._told.append(Happening(number=self._next, at=now(), kind=kind, call=call, detail=detail))
        self._next += 1
        for waited_for in {"", call}:
            if waiting := self._more.pop(waited_for, None):
                waiting.set()

    def close(self) -> None:
        """Send every reader home: the exchange is about to stop, and nobody shall be cut off by it."""
        self.is_over = True
        for waiting in self._more.values():
            waiting.set()
        self._more.clear()

    def since(self, number: int) -> list[Happening]:
        """What was told after this number."""
        return [one for one in self._told if one.number > number]

    async def change(self, call: str = "") -> None:
        """Wait until something more is told, of one call or of anything, or the feed is closed."""
        await self._more.setdefault(call, asyncio.Event()).wait()

    async def follow(self, number: int) -> AsyncIterator[Happening]:
        """What was told after this number, and then whatever comes until the feed is closed."""
        last = number
        while not self.is_over:
            for one in self.since(last):
                last = one.number
                yield one
            if not self.is_over and not self.since(last):
                await self.change()
