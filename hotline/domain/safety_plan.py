"""A safety plan: what the caller and the counselor have written down for the next bad hour.

Six lists, after the Safety Planning Intervention of Stanley and Brown: warning signs, own ways of coping,
people and places that distract, people to ask for help, professionals, and how the surroundings are made
safer. Every save is a new version and the old ones stay. A plan belongs to the caller: whoever talks with
the same caller next reads the last one. A caller without a number is known by the contact only.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Final
from uuid import UUID

from hotline.base.errors import Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import contact as contacts
from hotline.domain.contact import Contact
from hotline.domain.journal import staff_actor
from hotline.domain.outcome import NOTHING, Outcome

ITEMS_MAX: Final = 20
NOTHING_WRITTEN: Final = Sensitive("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The six lists, each with one item a line."""

    warning_signs: Sensitive = field(default_factory=lambda: NOTHING_WRITTEN)
    own_coping: Sensitive = field(default_factory=lambda: NOTHING_WRITTEN)
    distraction: Sensitive = field(default_factory=lambda: NOTHING_WRITTEN)
    people: Sensitive = field(default_factory=lambda: NOTHING_WRITTEN)
    professionals: Sensitive = field(default_factory=lambda: NOTHING_WRITTEN)
    safer_place: Sensitive = field(default_factory=lambda: NOTHING_WRITTEN)


PARTS: Final = tuple(each.name for each in fields(Parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyPlan:
    """One version of a caller's plan; `subject` is the caller's blind index, or the contact's own id."""

    id: UUID
    contact_id: UUID
    centre_id: UUID
    subject: bytes
    version: int
    staff_id: UUID
    made_at: datetime
    is_made_with_caller: bool
    parts: Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A plan as somebody wants to save it; `based_on` is the version that they read, 0 for none."""

    parts: Parts
    is_made_with_caller: bool
    based_on: int


def subject_of(contact: Contact) -> bytes:
    """Whose plan it is: the caller's, or that of this contact alone."""
    return contact.caller_key or contact.id.bytes


def items(part: Sensitive) -> tuple[str, ...]:
    """The items of a list, in order."""
    return tuple(line for line in part.reveal().splitlines() if line)


def listed(texts: Iterable[str]) -> Sensitive:
    """A list out of its items; empty ones are left out, a line break within one is a blank."""
    return Sensitive("\n".join(" ".join(text.split()) for text in texts if text.strip()))


def save(
    contact: Contact, last: SafetyPlan | None, draft: Draft, staff_id: UUID, *, plan_id: UUID, now: datetime
) -> Outcome:
    """Keep a new version. The same once more changes nothing.

    Raises:
        Refused: nothing is in it, or somebody has saved another version meanwhile.
    """
    if all(not getattr(draft.parts, name) for name in PARTS):
        raise Refused("safety_plan.empty", "Write at least one item before the plan is saved.")
    if last is not None and _is_same(last, draft):
        return NOTHING
    standing = last.version if last else 0
    if draft.based_on != standing:
        raise Refused("safety_plan.moved", "Somebody has saved a newer version; read it, then save again.")
    plan = SafetyPlan(
        id=plan_id,
        contact_id=contact.id,
        centre_id=contact.centre_id,
        subject=subject_of(contact),
        version=standing + 1,
        staff_id=staff_id,
        made_at=now,
        is_made_with_caller=draft.is_made_with_caller,
        parts=draft.parts,
    )
    entry = contacts.note(
        contact,
        "safety_plan.saved",
        staff_actor(staff_id),
        plan=str(plan.id),
        version=plan.version,
        with_caller=plan.is_made_with_caller,
    )
    return Outcome(rows=(plan,), entries=(entry,))


def _is_same(last: SafetyPlan, draft: Draft) -> bool:
    return (last.parts, last.is_made_with_caller) == (draft.parts, draft.is_made_with_caller)
