"""The figures of a run, read from the service's own rows and from nothing that the driver believes.

- Into the queue: the journal's `contact.joined` (a returning caller's `joined_at` is the old one, on
  purpose).
- Answered: `contact.answered_at`; left before it: `contact.ended_at` of an abandoned contact.
- A seat is taken from `offer.made_at` until the offer is over without an acceptance or the session has
  failed, or, accepted, until the journal's `presence.free` (the record is closed and the wrap-up minimum
  is over).
- A decision: from the moment when both stood there (a waiting contact, a counselor who is ready) to
  `offer.made_at`.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from hotline.store.driver import Connection
from tests.load import added
from tests.load.added import Added, Known
from tests.load.house import Tempo
from tests.load.kpi import Passage, Taken
from tests.stage import Stage

PASSAGES: Final = """
    select j.at as entered_at, c.answered_at, c.ended_at, c.state, c.channel
    from contact as c
    join journal as j on j.contact_id = c.id and j.kind = 'contact.joined'
    where c.centre_id = $1 order by j.at"""
STRETCHES: Final = """
    select o.staff_id, o.made_at, o.decided_at, o.state, j.at as joined_at,
           case when s.state in ('failed', 'interrupted') then s.ended_at end as failed_at,
           (select max(e.at) from journal as e where e.contact_id = o.contact_id and e.at <= o.made_at
              and e.kind in ('offer.declined', 'offer.missed', 'offer.failed', 'session.failed',
                             'session.interrupted')) as back_at
    from offer as o join journal as j on j.contact_id = o.contact_id and j.kind = 'contact.joined'
    left join session as s
      on s.contact_id = o.contact_id and s.staff_id = o.staff_id and s.begun_at = o.decided_at
    where o.centre_id = $1 order by o.staff_id, o.made_at"""
AVAILABLE: Final = """
    select staff_ids[1] as staff_id, at, kind from journal
    where centre_id = $1 and kind in ('presence.free', 'presence.chosen', 'presence.connected')
      and (kind = 'presence.free' or body->>'choice' = 'ready') order by at"""
FOR_EVER: Final = float("inf")
NOTIFIED: Final = """
    select extract(epoch from p.sent_at - p.made_at) as seconds from page as p
    where p.centre_id = $1 and p.sent_at is not null and p.made_at >= $2"""
ENDS: Final = """
    select state || ' ' || channel || coalesce(' ' || end_reason, '') as what, count(*) as found
    from contact where centre_id = $1 group by 1
    union all
    select 'session failed: ' || coalesce(ended_by, ''), count(*) from session
    where centre_id = $1 and state in ('failed', 'interrupted') group by 1
    union all
    select 'offer ' || state, count(*) from offer where centre_id = $1 group by 1
    order by 1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A run as its rows tell it; times in seconds of the model from `began_at`, lags in real ones."""

    passages: Sequence[Passage]
    taken: Sequence[Taken]
    added: Added
    decisions: Sequence[float]
    notified: Sequence[float]
    ends: Mapping[str, int]


async def read(stage: Stage, tempo: Tempo, began_at: datetime, known: Known) -> Read:
    """Everything of this centre; decisions and pages are those within the time that counts."""
    centre_id = stage.centre.id

    def at(moment: datetime) -> float:
        return tempo.of_model((moment - began_at).total_seconds())

    async with stage.store.connection() as connection:
        offers = await connection.fetch(STRETCHES, centre_id)
        available = await _by_staff(connection, AVAILABLE, centre_id)
        free = {
            staff: [row for row in rows if row["kind"] == "presence.free"]
            for staff, rows in available.items()
        }
        add = await added.read(connection, centre_id, free, known)
        passages = await connection.fetch(PASSAGES, centre_id)
        notified = await connection.fetch(NOTIFIED, centre_id, known.since)
        ends = await connection.fetch(ENDS, centre_id)
    return Read(
        passages=[_passage(row, at) for row in passages if row["answered_at"] or row["state"] == "abandoned"],
        taken=stretches(offers, free, at),
        added=add,
        decisions=_decisions(offers, available, known),
        notified=[float(row["seconds"]) for row in notified],
        ends={row["what"]: row["found"] for row in ends},
    )


def _passage(row: Any, at: Callable[[datetime], float]) -> Passage:
    entered, over = at(row["entered_at"]), at(row["answered_at"] or row["ended_at"])
    return Passage(at=entered, wait_seconds=over - entered, is_answered=row["answered_at"] is not None)


async def _by_staff(connection: Connection, query: str, centre_id: UUID) -> dict[UUID, list[Any]]:
    rows = await connection.fetch(query, centre_id)
    ordered = sorted(rows, key=lambda row: (row["staff_id"], row["at"]))
    return {staff: list(group) for staff, group in groupby(ordered, key=lambda row: row["staff_id"])}


def stretches(
    offers: Sequence[Any], free: Mapping[UUID, Sequence[Any]], at: Callable[[datetime], float]
) -> list[Taken]:
    """Every stretch, by person and in order. Who was not free again before the floor closed is taken to the
    end: left out, the longest talks would be missing.
    """
    found: list[Taken] = []
    for offer, following in zip(offers, [*offers[1:], None], strict=True):
        until = _until(offer, free)
        if following is not None and following["staff_id"] == offer["staff_id"]:
            until = min(until or following["made_at"], following["made_at"])
        found.append(Taken(since=at(offer["made_at"]), until=FOR_EVER if until is None else at(until)))
    return found


def _until(offer: Any, free: Mapping[UUID, Sequence[Any]]) -> datetime | None:
    """When the seat was free again; None when it was not before the floor closed."""
    if offer["state"] != "accepted":
        return offer["decided_at"]
    if offer["failed_at"] is not None:
        return offer["failed_at"]
    return added.after(free.get(offer["staff_id"], ()), offer["made_at"])


def _decisions(offers: Sequence[Any], available: Mapping[UUID, Sequence[Any]], known: Known) -> list[float]:
    """Real seconds from the moment when both stood there to the offer."""
    found: list[float] = []
    decided: dict[UUID, datetime] = {}
    for offer in offers:
        staff_id, made_at = offer["staff_id"], offer["made_at"]
        rows = available.get(staff_id, ())
        place = bisect_right(rows, made_at, key=lambda row: row["at"])
        ready = [rows[place - 1]["at"]] if place else []
        if staff_id in decided:
            ready.append(decided[staff_id])
        waits = offer["back_at"] or offer["joined_at"]
        if ready and known.since <= made_at < known.until:
            found.append(max(0.0, (made_at - max(waits, *ready)).total_seconds()))
        let_go_at = offer["failed_at"] if offer["state"] == "accepted" else offer["decided_at"]
        if let_go_at is not None:
            decided[staff_id] = let_go_at
    return found
