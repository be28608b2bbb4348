"""Signs of life of the pages that are open here: gathered for a moment, noted in one commit.

Fifteen hundred consoles and as many chats beat some thousand times in three seconds. Each beat is answered
once its own note is committed, so a page that hears nothing is right to call itself stale. Nobody has a
transaction of their own: when all come back at once after an outage, that would keep them from coming back.
"""

import asyncio
from typing import Final
from uuid import UUID

from hotline.base import clock
from hotline.base.errors import Unreachable
from hotline.base.laps import Laps
from hotline.base.together import Together
from hotline.flow import duty, intake
from hotline.store.unit import Store

GATHER_SECONDS: Final = 0.2

GATHERINGS_MAX: Final = 25
"""So often a sign of life is tried; five seconds later the page has given another one."""


class Living:
    """Those whose pages are open in this process; `run` must be kept going."""

    def __init__(self, store: Store) -> None:
        """Begin with nobody."""
        self._store = store
        self._staff_laps, self._caller_laps = Laps(), Laps()
        self._staff = Together[UUID, bool](self._note_staff, GATHER_SECONDS)
        self._callers = Together[UUID, bool](self._note_callers, GATHER_SECONDS)

    async def beat(self, staff_id: UUID) -> None:
        """The page of a member of staff is there; they are connected when this returns.

        While a step holds their row they come again with the next gatherings.

        Raises:
            Unreachable: the database does not answer, or the row was held for too long.
        """
        for _ in range(GATHERINGS_MAX):
            if await self._staff.ask(staff_id):
                return
        raise Unreachable("presence.held", "Somebody else is busy with this person; try again.")

    async def seen(self, contact_id: UUID) -> None:
        """The page of a help-seeker is there.

        Raises:
            Unreachable: the database does not answer.
        """
        await self._callers.ask(contact_id)

    async def run(self) -> None:
        """Note them, gathering after gathering."""
        await asyncio.gather(self._staff.run(), self._callers.run())

    def take_longest_seconds(self) -> float:
        """How long noting a gathering took at most since this was last asked; the present one counts."""
        return max(each.take_longest_seconds() for each in (self._staff_laps, self._caller_laps))

    async def _note_staff(self, staff_ids: frozenset[UUID]) -> dict[UUID, bool]:
        with self._staff_laps.lap():
            return dict.fromkeys(await duty.beat(self._store, staff_ids, clock.now()), True)

    async def _note_callers(self, contact_ids: frozenset[UUID]) -> dict[UUID, bool]:
        with self._caller_laps.lap():
            return dict.fromkeys(await intake.seen(self._store, contact_ids, clock.now()), True)
