"""P11: an event is encoded once, for however many screens.

The floor encodes the frame of a real card once with orjson. The house deals the card to a thousand screens:
index, encoding, frame, bound and handing over; what that comes to for each is held against one encoding.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from time import process_time
from typing import Any, Final

import orjson

from hotline.base import ids
from hotline.domain.live import Dealt
from hotline.store.live import Afresh
from hotline.web.screens import Screen, Screens, stamp
from hotline.web.wire import Wire
from tests import stage as stages
from tests.bench import databases, house
from tests.bench.fan import BYTES_MAX, CURSOR
from tests.bench.goal import Bound, Figures, Goal, Measure, Size
from tests.bench.meter import Watch

SCREENS: Final = 1000
EVENTS: Final = 400


class Nowhere:
    """A line that takes everything."""

    unsent_bytes = 0

    def write(self, data: bytes) -> None:
        """Gone."""

    async def has_room(self) -> None:
        """There is always room."""

    def hang_up(self, code: int) -> None:
        """Nobody hangs up."""


async def _card() -> Dealt:
    """The card of a waiting chat, as the store makes it."""
    async with databases.fresh() as url, house.opened(url) as store:
        stage = await house.founded(store, stages.policies_of_the_house())
        contact = await stage.chat()
        return (await stage.screen()).cards[f"contact:{contact.id}"]


@asynccontextmanager
async def floor(size: Size) -> AsyncGenerator[Measure]:
    """`orjson.dumps` of the frame."""
    dealt, count = await _card(), size.count(EVENTS * SCREENS, SCREENS)

    async def measure(watch: Watch) -> Figures:
        frame: dict[str, Any] = {
            "kind": "cards", "cursor": str(CURSOR), "at": stamp().decode(), "cards": [dealt.card], "gone": []
        }  # fmt: skip
        with watch:
            began = process_time()
            for _ in range(count):
                orjson.dumps(frame)
            spent = process_time() - began
        return {"us": 1e6 * spent / count, "encodes": 1}

    yield measure


@asynccontextmanager
async def side(size: Size) -> AsyncGenerator[Measure]:
    """A thousand screens."""
    dealt, screens, events = await _card(), Screens(), size.count(EVENTS, 2)
    for _ in range(SCREENS):
        desk = f"desk:{ids.new_id()}"
        screen = Screen(wire=Wire(Nowhere(), BYTES_MAX), audiences=dealt.audiences | {desk})
        screens.attach(screen, ())

    async def measure(watch: Watch) -> Figures:
        encoded = screens.encoded
        with watch:
            began = process_time()
            for _ in range(events):
                screens.deal(Afresh(cards={dealt.id: dealt}, gone=frozenset()), CURSOR)
            spent = process_time() - began
        return {
            "us": 1e6 * spent / events / SCREENS,
            "event_us": 1e6 * spent / events,
            "encodes": (screens.encoded - encoded) / events,
        }

    yield measure


GOAL = Goal(
    id="P11",
    sentence="An event for 1,000 screens: encoded once, and each screen costs about as much as one encoding.",
    sides={"orjson": floor, "house": side},
    bounds=(
        Bound("CPU per screen", "us", against="orjson", passes=3.0, stretch=1.0, unit="us"),
        Bound("encodes per event", "encodes", passes=1),
        Bound("CPU per event", "event_us", unit="us"),
    ),
)
