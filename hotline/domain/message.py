"""A message in a chat: words by the caller, the counselor or the service.

A message has a sequence number within its contact, given under the contact's lock, and the id that
the sender's page made, so that sending twice stores once. Its words are sealed in their column and
leave it only to the two who talk and to those who may read the contact.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from hotline.base.errors import Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import contact as contacts
from hotline.domain.contact import Contact
from hotline.domain.journal import CALLER
from hotline.domain.outcome import Outcome

SENDERS: Final = frozenset({"caller", "counselor", "system"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message; `client_id` is unique within the contact."""

    id: UUID
    contact_id: UUID
    seq: int
    sender: str
    client_id: UUID
    words: Sensitive
    at: datetime
    staff_id: UUID | None = None
    read_at: datetime | None = None


def say(contact: Contact, message: Message, *, actor: str) -> Outcome:
    """Store words in a contact; `message.seq` is given here.

    Raises:
        Refused: the contact is over.
    """
    if contact.is_ended or contact.state == "wrapping":
        raise Refused("chat.ended", "This chat has ended; a new one can be opened at any time.")
    seq = contact.messages + 1
    grown = replace(contact, messages=seq, seen_at=message.at if actor == CALLER else contact.seen_at)
    entry = contacts.note(grown, "message.said", actor, seq=seq, sender=message.sender)
    return Outcome(rows=(grown, replace(message, seq=seq)), entries=(entry,))


def was_read(contact: Contact, sender: str, up_to: int) -> Outcome:
    """Note that the other side has read `sender`'s messages up to a sequence number."""
    reader = CALLER if sender == "counselor" else "counselor"
    return Outcome(entries=(contacts.note(contact, "message.read", reader, sender=sender, up_to=up_to),))
