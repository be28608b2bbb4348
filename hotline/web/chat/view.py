"""What the page is shown of its contact: six words for the state, the place, and whether somebody is there.

A caller sees no band, no level, no name and no reason of ours. The place is an honest promise: it never
grows. Where somebody in greater danger has been put ahead, no number is shown until the old one is true
again (requirement 5).
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from hotline.domain.contact import Contact
from hotline.store import contact as store_contact, message as store_message, staff as store_staff
from hotline.store.unit import Store

STATES: Final = {
    "arriving": "waiting",
    "waiting": "waiting",
    "offered": "offered",
    "connecting": "connecting",
    "talking": "talking",
    "wrapping": "ended",
    "closed": "ended",
    "abandoned": "ended",
    "diverted": "diverted",
}
"""The page's word for each state of a contact; wrapping is our work, not the caller's."""

QUEUED: Final = frozenset({"waiting", "offered"})
OVER: Final = frozenset({"ended", "diverted"})


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A contact as it stood at one moment; `ahead` is None outside the queue."""

    contact: Contact
    ahead: int | None
    is_counselor_present: bool
    read_up_to: int

    @property
    def state(self) -> str:
        """The page's word."""
        return STATES[self.contact.state]

    @property
    def is_over(self) -> bool:
        """Whether nothing more can be said in this chat."""
        return self.state in OVER


async def look(store: Store, contact_id: UUID) -> View:
    """Read a contact and what its page shows besides the messages.

    Raises:
        Absent: there is no such contact.
    """
    async with store.connection() as connection:
        contact = await store_contact.get(connection, store.vault, contact_id)
        ahead = await store_contact.ahead_of(connection, contact) if contact.state in QUEUED else None
        is_present = False
        if contact.state == "talking" and contact.counselor_id is not None:
            presences = await store_staff.presences_of(connection, store.vault, [contact.counselor_id])
            is_present = any(presence.is_connected for presence in presences.values())
        read_up_to = await store_message.read_up_to(connection, contact_id, "caller")
    return View(contact=contact, ahead=ahead, is_counselor_present=is_present, read_up_to=read_up_to)


def place(view: View, announced: int | None) -> int | None:
    """The place to announce after `announced`; None where the true one is larger, or there is none."""
    if view.ahead is None:
        return None
    now = view.ahead + 1
    return now if announced is None or now <= announced else None


def shown(view: View, announced: int | None, numbers: tuple[str, ...]) -> dict[str, Any]:
    """The fields of a state frame; `reason` is why an ended chat ended, and nobody's judgement."""
    return {
        "state": view.state,
        "place": place(view, announced),
        "counselor_present": view.is_counselor_present,
        "reason": view.contact.end_reason if view.is_over else None,
        "numbers": list(numbers),
    }
