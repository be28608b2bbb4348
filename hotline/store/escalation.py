"""Escalations: who can be paged, what is due, pages and notes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from hotline.base.errors import Absent
from hotline.base.sensitive import Sensitive
from hotline.domain.escalation import Escalation, Joining, Note
from hotline.domain.level import Level
from hotline.domain.paging import CALL, HANDOVER, Page, language_of
from hotline.domain.staff import Staff
from hotline.store.driver import Connection
from hotline.store.layouts import ESCALATION, JOINING, NOTE, PAGE, STAFF
from hotline.store.statements import statement
from hotline.store.unit import Unit
from hotline.store.vault import Vault

PAGES_MAX: Final = 500
NOTES_MAX: Final = 500
"""So many at most are shown of one escalation: it calls round and round, for as long as nobody comes."""


async def due(connection: Connection, now: datetime, most: int) -> list[UUID]:
    """Contacts with an escalation that is due: its next rung or chase, or an offer that ran out."""
    rows = await connection.fetch(statement("due_escalations"), now, most)
    return [row["contact_id"] for row in rows]


async def get(connection: Connection, vault: Vault, escalation_id: UUID) -> Escalation:
    """An escalation as it stands.

    Raises:
        Absent: there is no such escalation.
    """
    row = await connection.fetchrow("select * from escalation where id = $1", escalation_id)
    if row is None:
        raise Absent("escalation.absent", "There is no such escalation.")
    return ESCALATION.entity(row, vault)


async def pages_of(connection: Connection, vault: Vault, escalation_id: UUID) -> list[Page]:
    """The pages of an escalation in the order of making; of one that calls for days, the latest."""
    rows = await connection.fetch(
        "select * from page where escalation_id = $1 order by made_at desc, id desc limit $2",
        escalation_id,
        PAGES_MAX,
    )
    return [PAGE.entity(row, vault) for row in reversed(rows)]


async def notes_of(connection: Connection, vault: Vault, escalation_id: UUID) -> list[Note]:
    """The notes of an escalation in order; of more than anybody reads, the latest."""
    rows = await connection.fetch(
        "select * from escalation_note where escalation_id = $1 order by at desc, id desc limit $2",
        escalation_id,
        NOTES_MAX,
    )
    return [NOTE.entity(row, vault) for row in reversed(rows)]


async def joinings_of(connection: Connection, vault: Vault, escalation_id: UUID) -> list[Joining]:
    """Everybody who was asked to join an escalation, or came unasked, in order."""
    rows = await connection.fetch(
        "select * from escalation_joining where escalation_id = $1 order by asked_at, id", escalation_id
    )
    return [JOINING.entity(row, vault) for row in rows]


async def joining_of(unit: Unit, escalation_id: UUID, staff_id: UUID) -> Joining | None:
    """Somebody's joining, under the contact's lock."""
    row = await unit.connection.fetchrow(
        "select * from escalation_joining where escalation_id = $1 and staff_id = $2", escalation_id, staff_id
    )
    return None if row is None else unit.loaded(Joining, row)


async def load(unit: Unit, escalation_id: UUID) -> Escalation | None:
    """An escalation of a locked contact, the latest or not, remembered for saving."""
    row = await unit.connection.fetchrow("select * from escalation where id = $1", escalation_id)
    return None if row is None else unit.loaded(Escalation, row)


async def open_of(unit: Unit, contact_id: UUID) -> list[Escalation]:
    """What is open of a locked contact: one, and those that wait to be closed behind a newer one."""
    rows = await unit.connection.fetch(
        "select * from escalation where contact_id = $1 and closed_at is null order by declared_at",
        contact_id,
    )
    return [unit.loaded(Escalation, row) for row in rows]


async def lock_page(unit: Unit, page_id: UUID) -> Page | None:
    """Lock a page that is to be sent."""
    row = await unit.connection.fetchrow("select * from page where id = $1 for update", page_id)
    return None if row is None else unit.loaded(Page, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A page that is still to be sent: to whom and by what, what for, how grave, in which of their languages.

    `centre` is the name of the centre that it is about.
    """

    page: Page
    centre: str
    telephone: Sensitive
    mail: Sensitive
    level: Level
    languages: frozenset[str]

    @property
    def language(self) -> str:
        """The language in which they are paged."""
        return language_of(self.languages)


async def to_page(connection: Connection, vault: Vault, page_id: UUID) -> Wanted | None:
    """What a page needs, or None when it was sent, or nobody has to be called any more.

    One that shows as failed because the network has not answered for a while is wanted as before.
    """
    return await _wanted(connection, vault, page_id, ("due", "failed"))


async def rung_up(connection: Connection, vault: Vault, page_id: UUID) -> Wanted | None:
    """What a page by telephone call needs while it rings and talks; None when nobody has to be called."""
    return await _wanted(connection, vault, page_id, ("due", "failed", "sent"))


async def get_page(connection: Connection, vault: Vault, page_id: UUID) -> Page:
    """A page.

    Raises:
        Absent: there is no such page.
    """
    row = await connection.fetchrow("select * from page where id = $1", page_id)
    if row is None:
        raise Absent("page.absent", "There is no such page.")
    return PAGE.entity(row, vault)


async def pages_of_rung(unit: Unit, page: Page) -> list[Page]:
    """Everybody's pages of the same rung, under the contact's lock."""
    rows = await unit.connection.fetch(
        "select * from page where escalation_id = $1 and rung = $2 and purpose = $3",
        page.escalation_id,
        page.rung,
        page.purpose,
    )
    return [PAGE.entity(row, unit.vault) for row in rows]


async def calls_among(connection: Connection, sids: list[str]) -> frozenset[str]:
    """Those calls of the network that page somebody."""
    rows = await connection.fetch("select call_sid from page where call_sid = any($1)", sids)
    return frozenset(row["call_sid"] for row in rows)


async def _wanted(
    connection: Connection, vault: Vault, page_id: UUID, states: tuple[str, ...]
) -> Wanted | None:
    row = await connection.fetchrow(statement("page_wanted"), page_id, CALL, HANDOVER, states)
    if row is None:
        return None
    staff: Staff = STAFF.entity(row["staff"], vault)
    return Wanted(
        page=PAGE.entity(row["page"], vault),
        centre=row["centre"],
        telephone=staff.telephone or Sensitive(""),
        mail=staff.mail or Sensitive(""),
        level=Level.parse(row["level"] or Level.HIGH.text),
        languages=staff.languages,
    )


async def load_latest(unit: Unit, contact_id: UUID) -> Escalation | None:
    """The latest escalation of a locked contact, remembered for saving."""
    row = await unit.connection.fetchrow(statement("latest_escalation"), contact_id)
    return None if row is None else unit.loaded(Escalation, row)
