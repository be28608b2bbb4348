"""What happened, in codes and ids; never in words or numbers.

An entry is written in the transaction of the change that it tells of. Screens follow the journal,
reports are counted from it, the audit chain is made over it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]

CALLER: Final = "caller"
"""The actor of what the caller did."""


def staff_actor(staff_id: UUID) -> str:
    """The actor of what a member of staff did."""
    return f"staff:{staff_id}"


def system_actor(room: str) -> str:
    """The actor of what a worker or a rule did."""
    return f"system:{room}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One fact for the journal; `staff_ids` names everybody whose screen it touches."""

    kind: str
    centre_id: UUID
    actor: str
    contact_id: UUID | None = None
    escalation_id: UUID | None = None
    staff_ids: tuple[UUID, ...] = ()
    body: Mapping[str, Json] = field(default_factory=dict[str, Json])
