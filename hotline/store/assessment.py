"""Assessments: the versions of instruments that were answered, answer sheets, and how a level has moved."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from hotline.domain.assessment import Assessment
from hotline.domain.judgement import Judgement
from hotline.domain.level import Level
from hotline.domain.risk import instruments
from hotline.domain.risk.instruments import Instrument
from hotline.store.driver import Connection
from hotline.store.layouts import ASSESSMENT, JUDGEMENT
from hotline.store.unit import Unit
from hotline.store.vault import Vault

STAFF: Final = "staff:"
"""How the actor of a person's own change begins."""


async def keep_version(unit: Unit, instrument: Instrument, now: datetime) -> None:
    """Keep the instrument as it is, unless this version is kept already."""
    await unit.connection.execute(
        """insert into instrument_version (version, instrument, document, first_used_at)
           values ($1, $2, $3, $4) on conflict (version) do nothing""",
        instrument.version,
        instrument.id,
        orjson.dumps(dict(instrument.document)).decode(),
        now,
    )


async def versions(connection: Connection, wanted: Collection[str]) -> dict[str, Instrument]:
    """Version -> the instrument as it was when it was answered; unknown ones are left out."""
    if not wanted:
        return {}
    rows = await connection.fetch(
        "select version, document from instrument_version where version = any($1)", list(wanted)
    )
    return {row["version"]: instruments.made(row["document"], row["version"]) for row in rows}


async def find(connection: Connection, vault: Vault, assessment_id: UUID) -> Assessment | None:
    """An answer sheet by its id."""
    row = await connection.fetchrow("select * from assessment where id = $1", assessment_id)
    return None if row is None else ASSESSMENT.entity(row, vault)


async def of_contact(connection: Connection, vault: Vault, contact_id: UUID) -> list[Assessment]:
    """Every answer sheet of a contact, in the order of their making."""
    rows = await connection.fetch(
        "select * from assessment where contact_id = $1 order by at, id", contact_id
    )
    return [ASSESSMENT.entity(row, vault) for row in rows]


async def find_last(
    connection: Connection, contact_id: UUID, instrument: str, moment: str, subject_id: UUID | None
) -> UUID | None:
    """The last sheet of the same instrument, about the same person, at the same moment of the talk."""
    found = await connection.fetchval(
        """select id from assessment where contact_id = $1 and instrument = $2 and moment = $3
             and subject_id is not distinct from $4
           order by at desc, id desc limit 1""",
        contact_id,
        instrument,
        moment,
        subject_id,
    )
    return None if found is None else UUID(str(found))


async def judgements_of(connection: Connection, vault: Vault, contact_id: UUID) -> list[Judgement]:
    """Every judgement of a level in a contact, of the caller's and of those whom it is about."""
    rows = await connection.fetch("select * from judgement where contact_id = $1 order by at, id", contact_id)
    return [JUDGEMENT.entity(row, vault) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One change of a level as the journal has it: by a person, or by the rules (`staff_id` None).

    `subject_id` is None where it is the caller's own level.
    """

    at: datetime
    staff_id: UUID | None
    before: Level
    after: Level
    subject_id: UUID | None


async def moves_of(connection: Connection, contact_id: UUID) -> list[Move]:
    """Every change of a level in a contact, in order; the journal lets none be changed or taken away."""
    rows = await connection.fetch(
        """select at, actor, body from journal
           where contact_id = $1 and kind in ('contact.level', 'subject.level') order by seq""",
        contact_id,
    )
    return [_move(row["at"], row["actor"], row["body"]) for row in rows]


def _move(at: datetime, actor: str, body: Mapping[str, Any]) -> Move:
    subject = body.get("subject")
    return Move(
        at=at,
        staff_id=UUID(actor.removeprefix(STAFF)) if actor.startswith(STAFF) else None,
        before=Level.parse(body["before"]),
        after=Level.parse(body["after"]),
        subject_id=UUID(subject) if subject else None,
    )
