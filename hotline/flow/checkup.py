"""The check-up before a line is switched on: what is missing, in sentences with the mend.

It changes nothing. Faults stop a start; warnings are for the people who answer for the line (the
national notice asks for two seats and eighteen hours a day; somebody must be there to acknowledge).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final
from uuid import UUID

from hotline.base.errors import HotlineError
from hotline.domain.centre import Line
from hotline.domain.chain import Fault, Walk
from hotline.domain.hours import Calendars
from hotline.domain.ladder import LadderBook
from hotline.domain.staff import Role, Staff
from hotline.store import (
    key_check,
    migrate,
    reach,
    record as store_record,
    roster as store_roster,
    staff as store_staff,
)
from hotline.store.driver import Connection
from hotline.store.record import Head
from hotline.store.unit import Store

HOURS_A_DAY_MIN: Final = 18.0
"""NHC notice on 12356 of 25 December 2024."""
FAULTS_MAX: Final = 20
"""So many faults of one chain are told; the first of them is where to look."""
HOLIDAYS_AHEAD: Final = timedelta(days=45)
"""So long before a year begins its days off should be known: those of 2026 were told on 4 November 2025."""
SEATS_MIN: Final = 2
"""The same notice, and the hotline guideline of 2021."""


class Grade(StrEnum):
    """How much a finding matters."""

    FINE = "fine"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    grade: Grade
    sentence: str


async def schema(url: str, migrations: Path) -> Finding:
    """Whether the database answers and has the newest schema."""
    try:
        await reach.require(url)
        waiting = await migrate.pending(url, migrations)
    except HotlineError as error:
        return Finding(Grade.FAULT, error.sentence)
    except Exception as error:  # noqa: BLE001  whatever the driver raises, the mend is the same
        return Finding(Grade.FAULT, reach.sentence_of(error))
    if waiting:
        return Finding(Grade.FAULT, f"The database lacks {len(waiting)} migrations; run `hotline migrate`.")
    return Finding(Grade.FINE, "The database answers and has the newest schema.")


async def ring(store: Store) -> Finding:
    """Whether the key ring opens what is in the database."""
    try:
        await key_check.require(store)
    except HotlineError as error:
        return Finding(Grade.FAULT, error.sentence)
    return Finding(Grade.FINE, "The key ring opens what is in the database.")


def holidays(calendars: Calendars, now: datetime) -> list[Finding]:
    """Whether the days off of the next weeks are known; the State Council tells those of a year in November.

    Callers are followed up without them too: a call that may wait for a holiday falls on it.
    """
    today = now.date()
    return [
        Finding(
            Grade.WARNING,
            f"config/holidays.toml has no days off of {year} for {', '.join(sorted(each.timezones))}: enter "
            "them when they are announced, or follow-ups that may wait fall on holidays.",
        )
        for each in calendars.known
        for year in each.unknown_years(today, today + HOLIDAYS_AHEAD)
    ]


async def centre(store: Store) -> list[Finding]:
    """Whether the lines and the people are enough for a line to be switched on."""
    async with store.connection() as connection:
        lines = await store_staff.lines(connection, store.vault)
        people = await store_staff.of_centres(connection, store.vault, {line.centre_id for line in lines})
    if not lines:
        return [Finding(Grade.WARNING, "There is no line yet; `hotline seed` makes a demonstration centre.")]
    return [*(_hours(line) for line in lines), _seats(people), _responders(people)]


async def ladders(store: Store, book: LadderBook) -> list[Finding]:
    """Whether every ladder of a centre has its centre; one that is mistyped would call nobody otherwise."""
    async with store.connection() as connection:
        nowhere = await store_roster.strangers(connection, book.of_centres)
    return [
        Finding(
            Grade.FAULT,
            f"escalation.toml has ladders for {name!r}, and no centre has this name; write it as it stands.",
        )
        for name in sorted(nowhere)
    ]


async def records(store: Store) -> list[Finding]:
    """Whether every closed record is as it was closed: each chain is walked from its first link.

    The hashes that are told prove nothing to those who keep no copy of them: print them, and put them away.
    A chain grows while it is walked, so its head is taken first: what comes behind it is left for later.
    """
    async with store.connection() as connection:
        heads = await store_record.heads(connection)
        found = [each for head in heads for each in await _chain(connection, head)]
        found += [_fault(None, each) for each in await store_record.unlinked(connection, FAULTS_MAX)]
    return found or [Finding(Grade.FINE, "No record has been closed yet.")]


async def _chain(connection: Connection, head: Head) -> list[Finding]:
    walk, wrong = Walk(), list[Fault]()
    async for link in store_record.links_to(connection, head):
        wrong += walk.step(link)
    wrong += walk.end(head.hash)
    if wrong:
        return [_fault(head.centre_id, each) for each in wrong[:FAULTS_MAX]]
    return [
        Finding(
            Grade.FINE,
            f"Centre {head.centre_id}: {head.seq} links over closed records hold, up to {head.hash.hex()}.",
        )
    ]


def _fault(centre_id: UUID | None, fault: Fault) -> Finding:
    where = "" if centre_id is None else f"Centre {centre_id}, link {fault.seq}: "
    whose = "" if fault.session_id is None else f" (session {fault.session_id})"
    return Finding(Grade.FAULT, f"{where}{_WRONG[fault.name]}{whose}.")


_WRONG: Final = {
    "edited": "a record was changed after it was closed",
    "gone": "a record that was closed is not there any more",
    "broken": "this link does not follow the one before it",
    "cut": "the chain ends before its head",
    "unlinked": "a closed record is in no chain",
}


def _hours(line: Line) -> Finding:
    hours = line.hours_a_day()
    if hours < HOURS_A_DAY_MIN:
        return Finding(
            Grade.WARNING,
            f"Line {line.name} is open {hours:g} hours a day; the floor is {HOURS_A_DAY_MIN:g}.",
        )
    if line.overflow is None:
        return Finding(Grade.FINE, f"Line {line.name} is open {hours:g} hours; no overflow number is set.")
    return Finding(Grade.FINE, f"Line {line.name} is open {hours:g} hours a day.")


def _seats(people: list[Staff]) -> Finding:
    seats = sum(Role.COUNSELOR in person.roles for person in people)
    if seats < SEATS_MIN:
        return Finding(
            Grade.WARNING, f"There are {seats} counselors; a line needs at least {SEATS_MIN} seats."
        )
    return Finding(Grade.FINE, f"There are {seats} counselors.")


def _responders(people: list[Staff]) -> Finding:
    able = [person for person in people if person.roles & {Role.RESPONDER, Role.SUPERVISOR}]
    if not able:
        return Finding(
            Grade.FAULT, "Nobody could acknowledge an escalation: add a responder or a supervisor."
        )
    reachable = sum(person.telephone is not None for person in able)
    if not reachable:
        return Finding(
            Grade.WARNING, "No responder has a telephone number: pages reach them only at the console."
        )
    return Finding(
        Grade.FINE, f"{len(able)} people can acknowledge an escalation, {reachable} of them by SMS."
    )
