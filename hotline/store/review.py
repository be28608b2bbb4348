"""Talks that the rules left below the flag and the second opinion doubts: somebody should look again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from hotline.domain.level import Level
from hotline.store.driver import Connection

DOUBTED: Final = """
select id, channel, state, level, arrived_at, messages,
       (background ->> 'opinion')::integer as opinion
from contact
where centre_id = any($1) and arrived_at >= $2 and level in ('none_found', 'unknown', 'low')
  and (background ->> 'opinion')::integer >= 50 and not level_is_human
order by opinion desc, arrived_at desc, id limit $3"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubted:
    """A talk in codes: `opinion` is the highest likelihood of its messages, in percent."""

    contact_id: UUID
    channel: str
    state: str
    level: Level
    arrived_at: datetime
    opinion: int
    messages: int


async def doubted(
    connection: Connection, centre_ids: Iterable[UUID], since: datetime, most: int
) -> list[Doubted]:
    """The likeliest first, of those that arrived since `since` and that no person has judged."""
    rows = await connection.fetch(
        DOUBTED,
        list(centre_ids),
        since,
        most,
    )
    return [
        Doubted(
            contact_id=row["id"],
            channel=row["channel"],
            state=row["state"],
            level=Level.parse(row["level"]),
            arrived_at=row["arrived_at"],
            opinion=row["opinion"],
            messages=row["messages"],
        )
        for row in rows
    ]
