"""What the house, and the way to it, add to a contact: the costs of a real floor, read from its rows.

A computed floor knows how long people ring, talk and write. A driven one also decides, connects, carries
the end of a talk to a desk and lets a counselor rest until somebody notices that the rest is over. Those
seconds are real ones: on a floor whose people hurry `compress` times they weigh so many times more. They
are read here, given to the model, and told beside the figures, so that nobody takes them for the callers'.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from hotline.store.driver import Connection
from tests.load.arrivals import REACTION_SECONDS
from tests.load.scene import Talk

CLOSED: Final = """
    select contact_id, staff_id, opened_at, ended_at, closed_at from session
    where centre_id = $1 and closed_at is not null and opened_at is not null"""
MEANS: Final = """
    select
      (select avg(extract(epoch from j.at - c.arrived_at)) from contact as c
        join journal as j on j.contact_id = c.id and j.kind = 'contact.joined'
        where c.centre_id = $1 and c.channel = 'voice') as menu,
      (select avg(extract(epoch from decided_at - made_at)) from offer
        where centre_id = $1 and state = 'accepted') as ring,
      (select avg(extract(epoch from s.opened_at - s.begun_at)) from session as s
        join contact as c on c.id = s.contact_id
        where s.centre_id = $1 and c.channel = 'voice' and s.opened_at is not null) as connect"""
STANDINGS: Final = """
    select staff_ids[1] as staff_id, at,
           body->>'choice' = 'ready' and (body->>'connected')::boolean as is_there
    from journal where centre_id = $1 and kind like 'presence.%' order by staff_ids[1], at, seq"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """Means in real seconds; `seats_away` is a number of seats.

    `menu` from dialling to the queue, `ring` from the offer to the acceptance beyond the counselor's own
    reaction, `connect` from there until both hear each other, `talk` by which talk and record together
    last longer than planned, `release` from the closed record (and the end of the wrap-up minimum) until
    the seat is free.
    """

    menu: float
    ring: float
    connect: float
    talk: float
    release: float
    seats_away: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What has to be known beside the rows: plans of talks, real seconds per one of the model, the wrap-up
    minimum, and the real time that counts.
    """

    talks: Mapping[str, Talk]
    real: float
    wrap_up_seconds_min: int
    since: datetime
    until: datetime


async def read(
    connection: Connection, centre_id: UUID, free: Mapping[UUID, Sequence[Any]], known: Known
) -> Added:
    """Everything that was added, on average; `free` holds the journal's `presence.free` by person."""
    means: Any = await connection.fetchrow(MEANS, centre_id)
    written = await connection.fetch(CLOSED, centre_id)
    closed = [row for row in written if known.since <= row["closed_at"] < known.until]
    standings = await connection.fetch(STANDINGS, centre_id)
    answers = {row["staff_id"] for row in standings if row["is_there"]}
    reaction = sum(REACTION_SECONDS) / 2 * known.real
    return Added(
        menu=float(means["menu"] or 0),
        ring=max(0.0, float(means["ring"] or 0) - reaction),
        connect=float(means["connect"] or 0),
        talk=mean(_longer(row, known) for row in closed),
        release=mean(_released(row, free, known) for row in closed),
        seats_away=_away([row for row in standings if row["staff_id"] in answers], known),
    )


def mean(seconds: Iterable[float | None]) -> float:
    """Of those that are known."""
    found = [each for each in seconds if each is not None]
    return sum(found) / len(found) if found else 0.0


def after(rows: Sequence[Any], moment: datetime) -> datetime | None:
    """The first of these moments after the given one."""
    place = bisect_right(rows, moment, key=lambda row: row["at"])
    return rows[place]["at"] if place < len(rows) else None


def _due(row: Any, known: Known) -> datetime:
    """From when on the seat should be free: the record is closed, and the minimum is over."""
    return max(row["closed_at"], row["ended_at"] + timedelta(seconds=known.wrap_up_seconds_min))


def _longer(row: Any, known: Known) -> float | None:
    talk = known.talks.get(str(row["contact_id"]))
    if talk is None or talk.talk_seconds is None or talk.is_gone:
        return None
    planned = talk.talk_seconds + max(talk.wrap_up_seconds, known.wrap_up_seconds_min)
    return (_due(row, known) - row["opened_at"]).total_seconds() - planned


def _released(row: Any, free: Mapping[UUID, Sequence[Any]], known: Known) -> float | None:
    until = after(free.get(row["staff_id"], ()), row["closed_at"])
    return None if until is None else (until - _due(row, known)).total_seconds()


def _away(standings: Sequence[Any], known: Known) -> float:
    """How many seats, on average over the time that counts, nobody could be rung at: not ready, or lost."""
    seconds = 0.0
    for row, following in zip(standings, [*standings[1:], None], strict=True):
        if row["is_there"]:
            continue
        ends_at = known.until
        if following is not None and following["staff_id"] == row["staff_id"]:
            ends_at = following["at"]
        seconds += max(0.0, (min(ends_at, known.until) - max(row["at"], known.since)).total_seconds())
    return seconds / (known.until - known.since).total_seconds()
