"""The official month: what is counted, by which formula, and what must not be told because it is too few.

The list is that of the hotline report form of the 2010-era MoH scheme (requirement 45): calls in, accepted,
connection rate, local and non-local, high-crisis, difficult, repeat, problem types. All figures are of
contacts that *arrived* in the month, by the centre's own clock; what was put right by an amendment counts as
amended. A contact whose disposition is `test` is in no figure.

    in              contacts that arrived, by telephone or chat
    accepted        of these, those whom a person answered (`answered_at`)
    abandoned       of these, those that left before an answer; `short_abandoned` within 10 s of joining
    diverted        sent elsewhere on purpose: line closed, another centre
    unanswered      neither of the three: still waiting when counted
    connection rate accepted / in, in percent; always told beside abandonment
    local, non_local, region_unknown    of the accepted, where the caller lives
    high_crisis     accepted whose level stands at high or imminent, of the caller or of a person at risk
    difficult       accepted that the counselor marked so
    repeat          accepted of a known caller who had reached the same centre in the 30 days before
    problems        accepted, by type; one contact may have several, so they sum to nothing

Cells under 5 are withheld [I] (requirement 46), and so is a second one wherever the first could be worked
out from a total. Nought is told: that nobody came betrays nobody.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from hotline.base.errors import Refused
from hotline.domain.journal import Entry, staff_actor
from hotline.domain.outcome import Outcome
from hotline.domain.session import PROBLEMS

DEFINITIONS: Final = "2026-11"
"""The version of the formulas above; a snapshot keeps the one that it was counted by."""
SMALL: Final = 5
"""Cells under this are withheld."""
REPEAT_DAYS: Final = 30

PARTS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("in", ("accepted", "abandoned", "diverted", "unanswered")),
    ("accepted", ("local", "non_local", "region_unknown")),
)
"""Which cells sum to which: what is withheld must not follow from these."""
CELLS: Final = (
    "in", "accepted", "abandoned", "short_abandoned", "diverted", "unanswered",
    "local", "non_local", "region_unknown", "high_crisis", "difficult", "repeat",
)  # fmt: skip
RATES: Final = {"connection_rate": ("accepted", "in"), "abandonment_rate": ("abandoned", "in")}
"""A rate, its numerator and its denominator; withheld with either of them."""

Counts = Mapping[str, int]
Cells = Mapping[str, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month of one centre: its first day, and when it begins and ends by the centre's own clock."""

    first: date
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The counts of a month as they were when it was put away, by the formulas of then."""

    id: UUID
    centre_id: UUID
    month: date
    definitions: str
    counts: Mapping[str, int]
    made_at: datetime
    staff_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What may be told of a month: a cell that is None is withheld; rates are percents with one decimal."""

    definitions: str
    cells: Cells
    problems: Cells
    rates: Mapping[str, float | None]


def month_of(text: str, timezone: str) -> Month:
    """The month `YYYY-MM` by the clock of a centre.

    Raises:
        Refused: there is no such month.
    """
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise Refused("report.month", "A month is asked for as YYYY-MM.") from None
    last = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    zone = ZoneInfo(timezone)
    begins_at, ends_at = (datetime.combine(day, time(), zone) for day in (first, last))
    return Month(first=first, begins_at=begins_at, ends_at=ends_at)


def month_at(now: datetime, timezone: str) -> str:
    """The month that it is at a centre, as `YYYY-MM`."""
    return now.astimezone(ZoneInfo(timezone)).date().isoformat()[:7]


def put_away(centre_id: UUID, month: Month, counts: Counts, by: tuple[UUID, UUID], now: datetime) -> Outcome:
    """Keep a month's counts for good; `by` is who, and the snapshot's id.

    Raises:
        Refused: the month is not over.
    """
    if now < month.ends_at:
        raise Refused("report.month_open", "This month is not over; it can be put away when it is.")
    staff_id, snapshot_id = by
    kept = Snapshot(
        id=snapshot_id,
        centre_id=centre_id,
        month=month.first,
        definitions=DEFINITIONS,
        counts=counts,
        made_at=now,
        staff_id=staff_id,
    )
    entry = Entry(
        kind="report.put_away",
        centre_id=centre_id,
        actor=staff_actor(staff_id),
        body={"month": month.first.isoformat(), "definitions": DEFINITIONS},
    )
    return Outcome(rows=(kept,), entries=(entry,))


def report(counts: Counts, definitions: str = DEFINITIONS) -> Report:
    """What may be told of these counts: `CELLS`, and `problem:<type>` for each type."""
    cells = withheld({name: counts.get(name, 0) for name in CELLS})
    problems = {name: _told(counts.get(f"problem:{name}", 0)) for name in sorted(PROBLEMS)}
    return Report(
        definitions=definitions,
        cells=cells,
        problems=problems,
        rates={name: _rate(cells[top], cells[bottom]) for name, (top, bottom) in RATES.items()},
    )


def withheld(counts: Counts) -> dict[str, int | None]:
    """The cells, with None for each that is too small, and for each by which one of those could be known."""
    hidden = {name for name, count in counts.items() if 0 < count < SMALL}
    while betrayed := next(_betrayals(counts, hidden), None):
        hidden.add(betrayed)
    return {name: None if name in hidden else count for name, count in counts.items()}


def _betrayals(counts: Counts, hidden: set[str]) -> Iterator[str]:
    """A cell that must be withheld as well, because a sum would tell what is withheld already.

    In a sum with one unknown that one is known; and unknowns are known when they sum to the least that they
    can be: 1 each, and more for one that is itself a sum. The smallest part that is told goes next, then the
    total, and nought only when nothing is left.
    """
    for total, parts in PARTS:
        unknown = [name for name in (total, *parts) if name in hidden]
        if not unknown or not _is_told(counts, total, parts, hidden):
            continue
        told = sorted((name for name in parts if name not in hidden), key=lambda name: (counts[name], name))
        others = [name for name in told if counts[name]] or [name for name in (total,) if name not in hidden]
        yield from (others or told)[:1]


def _is_told(counts: Counts, total: str, parts: tuple[str, ...], hidden: set[str]) -> bool:
    """Whether the sum tells one of the cells that are withheld."""
    unknown = [name for name in parts if name in hidden]
    if total in hidden:
        return not unknown
    least = sum(_least(counts, name, hidden) for name in unknown)
    return len(unknown) == 1 or (bool(unknown) and sum(counts[name] for name in unknown) == least)


def _least(counts: Counts, name: str, hidden: set[str]) -> int:
    """The least that a reader knows a withheld cell to be: 1, or what its own parts come to."""
    parts = next((parts for total, parts in PARTS if total == name), ())
    return max(1, sum(1 if part in hidden else counts[part] for part in parts))


def _told(count: int) -> int | None:
    return None if 0 < count < SMALL else count


def _rate(top: int | None, bottom: int | None) -> float | None:
    if top is None or not bottom:
        return None
    return round(100 * top / bottom, 1)
