"""A judgement: a person's word on how grave a contact is, with the grounds, kept for good.

Judgements are only ever added. Rules raise, people lower: each change names who, from where to where,
and why; the why is in a person's words, so its column is sealed.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hotline.base.sensitive import Sensitive
from hotline.domain.level import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One change of a contact's level by a person."""

    id: UUID
    contact_id: UUID
    staff_id: UUID
    at: datetime
    before: Level
    after: Level
    basis: Sensitive | None = None
