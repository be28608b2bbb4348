"""A judgement: a person's word on how grave a contact is, with the grounds, kept for good.

Judgements are only ever added. Rules raise, people lower: each change names who, from where to where,
and why; the why is in a person's words, so its column is sealed.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hotline.base.errors import Forbidden, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain.level import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One change of a contact's level by a person, or of the level of somebody whom the contact is about."""

    id: UUID
    contact_id: UUID
    staff_id: UUID
    at: datetime
    before: Level
    after: Level
    basis: Sensitive | None = None
    subject_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person makes of a level, and on what grounds, before it is known whether it may be so.

    `may_lower` is what the person's roles allow; it is enforced under the lock, because only there is
    it known whether the level sinks. `seen` is the level that the person had in front of them. `key` is the
    same in every try of the same request (None: there is only one).
    """

    level: Level
    basis: Sensitive
    may_lower: bool = False
    key: str | None = None
    seen: Level | None = None


def require(before: Level, asked: Asked) -> None:
    """Let a judgement stand that raises; one that lowers what stands is for those who may, and saw it.

    Raises:
        Forbidden: lowering needs a supervisor.
        Refused: lowering needs grounds, or the level has moved since the person looked.
    """
    if asked.level >= before:
        return
    if asked.seen is not None and asked.seen is not before:
        raise Refused("level.moved", f"The level has moved to {before.text} meanwhile; look again.")
    if not asked.may_lower:
        raise Forbidden("level.lower", "A level is lowered by a supervisor, with a reason.")
    if asked.basis.is_blank:
        raise Refused("level.basis", "Say on what grounds the level is lowered.")
