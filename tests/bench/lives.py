"""The house's life of a contact, in this process: the steps that routes and workers call, no step left out.

A life is four steps of `hotline.flow`, each a transaction of its own with its rows, sealed columns, journal
entries, guards and pokes: a chat is opened and its form judged by the rulebook; the dispatcher offers it
(one dispatcher per centre, so it makes the offers of all that wait in one go); the counselor accepts, which
opens the session; the counselor hangs up. `whole` adds what the floor has not: the record is written and
closed, and the wrap-up minimum begins to run. Without that, talks that are over are closed in bulk
(`house.tidy`), inside the measured time.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from hotline.base import clock, ids
from hotline.domain.contact import Contact, Form
from hotline.domain.session import Record
from hotline.flow import duty, intake, offer, session
from hotline.store.driver import Record as Row
from tests.bench import house
from tests.stage import NOTICE, Stage

TIDY_EVERY: Final = 64
LOOK_SECONDS: Final = 0.05
FORM: Final = Form(notice_version=NOTICE, safe_now="yes", age_band="30-44")
RECORD: Final = Record(disposition="wrong_number")
"""One that needs no screening: the shortest record there is."""

FIND: Final = "select id, contact_id, staff_id from offer where contact_id = any($1) and state = 'pending'"


@dataclass
class Floor:
    """The dispatcher of a centre, and those who wait for what it offers; `run` must be kept going."""

    stage: Stage
    is_whole: bool = False
    ended: int = 0
    _offers: dict[UUID, asyncio.Future[Row]] = field(default_factory=dict[UUID, "asyncio.Future[Row]"])
    _made: set[UUID] = field(default_factory=set[UUID])
    """Contacts whose offer nobody took: it may be made before the one who came begins to wait for it."""
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Dispatch whenever somebody has come."""
        while True:
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._more.wait()
            except TimeoutError:
                pass
            self._more.clear()
            if self._offers:
                await self._dispatch()

    async def _dispatch(self) -> None:
        stage = self.stage
        made = await offer.dispatch(stage.store, stage.policies, stage.centre.id, clock.now())
        self._made.update(each.contact_id for each in made.pairings)
        held = self._made & self._offers.keys()
        if not held:
            return
        self._made -= held
        async with stage.store.connection() as connection:
            rows = await connection.fetch(FIND, list(held))
        for row in rows:
            waiting = self._offers.pop(row["contact_id"], None)
            if waiting is not None and not waiting.done():
                waiting.set_result(row)
        if self._offers:
            self._more.set()

    async def arrive(self) -> Contact:
        """Somebody opens a chat."""
        asked = intake.Entrance(
            slug=self.stage.chat_line.address, language=house.PLAIN, form=FORM, token_hash=ids.new_id().bytes
        )
        return await intake.open_chat(self.stage.store, self.stage.policies, asked, clock.now())

    async def live(self) -> None:
        """One life."""
        stage = self.stage
        contact = await self.arrive()
        held = self._offers[contact.id] = asyncio.get_running_loop().create_future()
        self._more.set()
        row = await held
        begun = await offer.accept(stage.store, row["id"], row["staff_id"], clock.now())
        await session.hang_up(stage.store, contact.id, row["staff_id"], clock.now())
        if self.is_whole:
            await session.write(stage.store, stage.policies, begun.id, row["staff_id"], RECORD, clock.now())
            await session.close(stage.store, stage.policies, begun.id, row["staff_id"], clock.now())
        self.ended += 1
        if self.ended % TIDY_EVERY == 0:
            await self._tidy()

    async def _tidy(self) -> None:
        if self.is_whole:
            await duty.sweep(self.stage.store, self.stage.policies, clock.now(), TIDY_EVERY)
        else:
            await house.tidy(self.stage)


Life = Callable[[], Coroutine[Any, Any, None]]
