"""What the pages of help-seekers show of their contacts, read for many of them at once.

A thousand pages that each ask for their own contact and their own place take every connection of the pool,
and counselors wait behind them. So one statement reads the contacts of all who want to know, and one more
for each centre the front of its queue, from which everybody's place follows.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from hotline.domain.contact import Contact
from hotline.store.contact import AHEAD_MAX
from hotline.store.driver import Connection
from hotline.store.layouts import CONTACT
from hotline.store.statements import statement
from hotline.store.vault import Vault

QUEUED: Final = frozenset({"waiting", "offered"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatPage:
    """A contact as it stood at one moment; `ahead` is None outside the queue and beyond `AHEAD_MAX`."""

    contact: Contact
    ahead: int | None
    is_counselor_present: bool
    read_up_to: int

    @property
    def is_queued(self) -> bool:
        """Whether the contact has a place."""
        return self.contact.state in QUEUED


@dataclass(frozen=True, slots=True)
class Front:
    """The first contacts of a centre's queue; `ahead` is how many wait before each of them."""

    ahead: dict[UUID, int]

    @property
    def is_whole(self) -> bool:
        """Whether nobody waits behind it; who is not in it then waits no longer."""
        return len(self.ahead) <= AHEAD_MAX


async def front(connection: Connection, centre_id: UUID) -> Front:
    """The front of a centre's queue, calls and chats together, in the order of the queue."""
    rows = await connection.fetch(statement("queue_front"), centre_id, AHEAD_MAX + 1)
    return Front({row["id"]: ahead for ahead, row in enumerate(rows)})


async def read(connection: Connection, vault: Vault, contact_ids: Collection[UUID]) -> dict[UUID, ChatPage]:
    """The pages of these contacts by contact id; one that is not there is left out."""
    rows = await connection.fetch(statement("chat_pages"), list(contact_ids))
    contacts: list[Contact] = [CONTACT.entity(row["contact"], vault) for row in rows]
    centre_ids = {contact.centre_id for contact in contacts if contact.state in QUEUED}
    fronts = {centre_id: await front(connection, centre_id) for centre_id in centre_ids}
    return {
        contact.id: ChatPage(
            contact=contact,
            ahead=fronts[contact.centre_id].ahead.get(contact.id) if contact.state in QUEUED else None,
            is_counselor_present=row["is_connected"],
            read_up_to=row["read_up_to"],
        )
        for contact, row in zip(contacts, rows, strict=True)
    }
