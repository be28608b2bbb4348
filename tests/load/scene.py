"""What everybody on a driven floor shares: the doors of the house, the tempo, and who talks to whom.

A counselor knows a contact by its id and a caller knows a call by its number; what two people would hear
of each other (the talk is over, please hang up; nobody answers any more) goes through `talks` here.
"""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from tests.load.arrivals import REACTION_SECONDS, WRAP_UP_SECONDS
from tests.load.house import Tempo
from tests.load.wire import Http

SECONDS_BETWEEN_BEATS: Final = 3.0


@dataclass(slots=True)
class Talk:
    """What a caller and a counselor hear of each other, beside what the house carries.

    `wrap_up_seconds` is how long this record takes to write, `talk_seconds` how long the talk was to last
    (nothing when nobody has begun it), both in real seconds; `is_gone` that nobody is there any more;
    `wants_end` that the counselor should end the talk.
    """

    wrap_up_seconds: float
    reaction_seconds: float
    talk_seconds: float | None = None
    is_gone: bool = False
    wants_end: asyncio.Event = field(default_factory=asyncio.Event)
    level_is_grave: bool = False


class Beating(Protocol):
    """An open page of a help-seeker."""

    def beat(self) -> None:
        """Give a sign of life."""
        ...

    async def stay(self) -> None:
        """Come back if the socket has fallen."""
        ...


class Buttons(Protocol):
    """A console whose buttons can be pressed."""

    async def do(self, method: str, path: str, body: object = None) -> Any:
        """Press one."""
        ...


@dataclass
class Scene:
    """The floor as its people see it.

    `tally` counts what became of what, `lags` are waits of single steps in seconds, `chats` the open pages
    of help-seekers by contact, `held` the console of whoever talks with a contact.
    """

    house: Http
    exchange: Http
    port: int
    tempo: Tempo
    number: str
    slug: str
    tally: Counter[str] = field(default_factory=Counter[str])
    talks: dict[str, Talk] = field(default_factory=dict[str, Talk])
    chats: dict[str, Beating] = field(default_factory=dict[str, Beating])
    held: dict[str, Buttons] = field(default_factory=dict[str, Buttons])
    lags: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    leaving_seconds: float = 0.0
    is_closing: asyncio.Event = field(default_factory=asyncio.Event)
    chance: random.Random = field(default_factory=lambda: random.Random("floor"))

    def talk(self, contact_id: str) -> Talk:
        """What the two of this contact hear of each other; made when the first of them asks."""
        if contact_id not in self.talks:
            self.talks[contact_id] = Talk(
                wrap_up_seconds=self.tempo.real(
                    self.chance.uniform(*WRAP_UP_SECONDS) * self.tempo.handle_scale
                ),
                reaction_seconds=self.tempo.real(self.chance.uniform(*REACTION_SECONDS)),
            )
        return self.talks[contact_id]

    def took(self, what: str, seconds: float) -> None:
        """Note how long a step took."""
        self.lags.setdefault(what, []).append(seconds)

    async def go_home(self) -> None:
        """When the floor closes not everybody goes at once; nothing before that."""
        if self.is_closing.is_set():
            await asyncio.sleep(self.chance.uniform(0.0, self.leaving_seconds))

    async def pause(self, seconds: float) -> None:
        """Let real seconds pass, but no more once the floor is closing."""
        if self.is_closing.is_set():
            return
        try:
            async with asyncio.timeout(seconds):
                await self.is_closing.wait()
        except TimeoutError:
            pass


Card = dict[str, Any]
