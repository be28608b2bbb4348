"""Which chat follows what: journal entries and hints find the sockets of their contact.

One listener at the hub and one at the signal serve every socket of the process, by an index, so that a
thousand open chats cost an entry one look-up and not a thousand. An entry only says *look again*; what the
page gets is read from the rows, for all pages that look in the same moment together. When a queue has moved,
its front is read once, and everybody in it is told where they stand.
"""

import asyncio
from contextlib import suppress
from typing import Final, Protocol
from uuid import UUID

import orjson

from hotline.base.errors import Absent, Unreachable
from hotline.base.together import Together
from hotline.store import chat_pages
from hotline.store.chat_pages import ChatPage
from hotline.store.journal import Recorded
from hotline.store.unit import Store
from hotline.web.hub import Hub

SOCKETS_PER_CONTACT_MAX: Final = 8
LOOK_SECONDS: Final = 0.02
"""Pages that want to look wait so long for each other."""
PLACE_SECONDS: Final = 2.0
"""However fast a queue moves, places are told so often."""

MOVES_THE_QUEUE: Final = frozenset(
    {
        "contact.joined", "contact.level", "contact.crisis_key", "contact.aged", "contact.abandoned",
        "contact.diverted", "offer.accepted", "session.failed", "session.interrupted",
    }
)  # fmt: skip
"""Entries after which others of the centre may stand at another place."""


class Follower(Protocol):
    """A socket that wants to know."""

    @property
    def contact_id(self) -> UUID:
        """Whose socket it is."""
        ...

    @property
    def centre_id(self) -> UUID:
        """Whose queue the contact waits in."""
        ...

    def look_again(self) -> None:
        """Something about the contact has changed."""
        ...

    def stands(self, ahead: int | None) -> None:
        """So many wait before the contact, if it waits; None for more than are told."""
        ...

    def counselor_types(self) -> None:
        """The counselor is writing."""
        ...

    def give_way(self) -> None:
        """Too many pages show this contact; this one has been there longest."""
        ...


class Followers:
    """The chat sockets of this process; `run` must be kept going."""

    def __init__(self, store: Store, hub: Hub) -> None:
        """Listen from now on; a process makes one."""
        self._store = store
        self._of_contact: dict[UUID, dict[Follower, None]] = {}
        self._of_centre: dict[UUID, dict[Follower, None]] = {}
        self._moved: set[UUID] = set()
        self._pages = Together[UUID, ChatPage](self._read, LOOK_SECONDS)
        hub.listen(self._entries)
        store.signal.hear(self._hint)

    def join(self, follower: Follower) -> None:
        """Begin to follow. Past the limit the oldest gives way: on a bad network it is dead already."""
        of_contact = self._of_contact.setdefault(follower.contact_id, {})
        if len(of_contact) >= SOCKETS_PER_CONTACT_MAX:
            oldest = next(iter(of_contact))
            oldest.give_way()
            self.leave(oldest)
        self._of_contact.setdefault(follower.contact_id, {})[follower] = None
        self._of_centre.setdefault(follower.centre_id, {})[follower] = None

    def leave(self, follower: Follower) -> None:
        """Follow no longer."""
        for index, key in (
            (self._of_contact, follower.contact_id),
            (self._of_centre, follower.centre_id),
        ):
            followers = index.get(key, {})
            followers.pop(follower, None)
            if not followers:
                index.pop(key, None)

    async def look(self, contact_id: UUID) -> ChatPage:
        """How a contact stands, read with those of all who ask in the same moment.

        Raises:
            Absent: there is no such contact; Unreachable: the database does not answer.
        """
        page = await self._pages.ask(contact_id)
        if page is None:
            raise Absent("contact.absent", "There is no such contact.")
        return page

    def look_again(self, contact_id: UUID) -> None:
        """Tell every socket of a contact at once, without the way over the journal."""
        for follower in self._of_contact.get(contact_id, ()):
            follower.look_again()

    async def run(self) -> None:
        """Read for the pages, and tell places, for as long as the process lives."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._pages.run())
            both.create_task(self._tell_places())

    async def _read(self, contact_ids: frozenset[UUID]) -> dict[UUID, ChatPage]:
        async with self._store.connection() as connection:
            return await chat_pages.read(connection, self._store.vault, contact_ids)

    async def _tell_places(self) -> None:
        while True:
            await asyncio.sleep(PLACE_SECONDS)
            for centre_id in self._moved & self._of_centre.keys():
                with suppress(Unreachable):  # told the next time
                    await self._tell_place(centre_id)

    async def _tell_place(self, centre_id: UUID) -> None:
        async with self._store.connection() as connection:
            front = await chat_pages.front(connection, centre_id)
        self._moved.discard(centre_id)
        for follower in tuple(self._of_centre.get(centre_id, ())):
            if follower.contact_id in front.ahead or not front.is_whole:
                follower.stands(front.ahead.get(follower.contact_id))

    def _entries(self, entries: list[Recorded]) -> None:
        contact_ids = {recorded.entry.contact_id for recorded in entries} & self._of_contact.keys()
        for contact_id in contact_ids:
            if contact_id is not None:
                self.look_again(contact_id)
        moved = {each.entry.centre_id for each in entries if each.entry.kind in MOVES_THE_QUEUE}
        self._moved |= moved & self._of_centre.keys()

    def _hint(self, payload: str) -> None:
        hint = orjson.loads(payload)
        if hint.get("what") != "typing" or hint.get("from") != "counselor":
            return
        for follower in self._of_contact.get(UUID(hint["contact_id"]), ()):
            follower.counselor_types()
