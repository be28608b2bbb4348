"""Who follows what: journal entries and hints find the sockets of their contact.

One listener at the hub and one at the signal serve every socket of the process, by an index, so that a
thousand open chats cost an entry one look-up and not a thousand. An entry only says *look again*; what the
page gets is read from the rows.
"""

from typing import Final, Protocol
from uuid import UUID

import orjson
from starlette.requests import HTTPConnection

from hotline.store.journal import Recorded
from hotline.web.chat.pace import Pace, Paces
from hotline.web.edge import Edge, edge_of
from hotline.web.hub import Hub

SOCKETS_PER_CONTACT_MAX: Final = 8

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

    def look_at_place(self) -> None:
        """The queue has moved; there is no hurry."""
        ...

    def counselor_types(self) -> None:
        """The counselor is writing."""
        ...

    def give_way(self) -> None:
        """Too many pages show this contact; this one has been there longest."""
        ...


class Followers:
    """The chat sockets of this process, and how fast their contacts may speak."""

    def __init__(self, edge: Edge) -> None:
        """Listen from now on; a process makes one."""
        web = edge.settings.web
        self.hub: Hub = edge.hub
        self.paces = Paces(
            Pace(
                burst_max=web.chat_messages_burst_max,
                per_second=web.chat_messages_per_second,
                slow_seconds_max=web.chat_slow_seconds_max,
            )
        )
        self._of_contact: dict[UUID, dict[Follower, None]] = {}
        self._of_centre: dict[UUID, dict[Follower, None]] = {}
        edge.hub.listen(self._entries)
        edge.store.signal.hear(self._hint)

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

    def look_again(self, contact_id: UUID) -> None:
        """Tell every socket of a contact at once, without the way over the journal."""
        for follower in self._of_contact.get(contact_id, ()):
            follower.look_again()

    def _entries(self, entries: list[Recorded]) -> None:
        contact_ids = {recorded.entry.contact_id for recorded in entries} & self._of_contact.keys()
        for contact_id in contact_ids:
            if contact_id is not None:
                self.look_again(contact_id)
        moved = {each.entry.centre_id for each in entries if each.entry.kind in MOVES_THE_QUEUE}
        for centre_id in moved & self._of_centre.keys():
            for follower in self._of_centre[centre_id]:
                follower.look_at_place()

    def _hint(self, payload: str) -> None:
        hint = orjson.loads(payload)
        if hint.get("what") != "typing" or hint.get("from") != "counselor":
            return
        for follower in self._of_contact.get(UUID(hint["contact_id"]), ()):
            follower.counselor_types()


def followers_of(connection: HTTPConnection) -> Followers:
    """The app's followers, made with the first socket of the app's present life."""
    edge, kept = edge_of(connection), connection.app.state
    found: Followers | None = getattr(kept, "chat_followers", None)
    if found is None or found.hub is not edge.hub:
        found = kept.chat_followers = Followers(edge)
    return found
