"""Signs of life of the pages that are open here: gathered for a moment, noted in one commit.

Fifteen hundred consoles and as many chats beat some thousand times in three seconds. Each beat is answered
once its own note is committed, so a page that hears nothing is right to call itself stale.
"""

import asyncio
from typing import Final
from uuid import UUID

from hotline.base import clock
from hotline.base.together import Together
from hotline.flow import duty, intake
from hotline.store.unit import Store

GATHER_SECONDS: Final = 0.2


class Living:
    """Those whose pages are open in this process; `run` must be kept going."""

    def __init__(self, store: Store) -> None:
        """Begin with nobody."""
        self._store = store
        self._staff = Together[UUID, bool](self._note_staff, GATHER_SECONDS)
        self._callers = Together[UUID, bool](self._note_callers, GATHER_SECONDS)

    async def beat(self, staff_id: UUID) -> None:
        """The page of a member of staff is there.

        Raises:
            Unreachable: the database does not answer.
        """
        if not await self._staff.ask(staff_id):
            await duty.beat(self._store, staff_id, clock.now())

    async def seen(self, contact_id: UUID) -> None:
        """The page of a help-seeker is there.

        Raises:
            Unreachable: the database does not answer.
        """
        await self._callers.ask(contact_id)

    async def run(self) -> None:
        """Note them, gathering after gathering."""
        await asyncio.gather(self._staff.run(), self._callers.run())

    async def _note_staff(self, staff_ids: frozenset[UUID]) -> dict[UUID, bool]:
        return dict.fromkeys(await duty.beat_all(self._store, staff_ids, clock.now()), True)

    async def _note_callers(self, contact_ids: frozenset[UUID]) -> dict[UUID, bool]:
        return dict.fromkeys(await intake.seen(self._store, contact_ids, clock.now()), True)
