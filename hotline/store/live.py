"""The cards of live screens, made from the rows: a snapshot of all, or some of them afresh."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hotline.domain import live
from hotline.domain.access import Viewer
from hotline.domain.assist import Assist
from hotline.domain.contact import Contact
from hotline.domain.escalation import Escalation
from hotline.domain.live import ContactView, Day, Dealt, Touched
from hotline.domain.offer import Offer
from hotline.domain.session import Session
from hotline.store import assist as store_assist, duties as store_duties, staff as store_staff
from hotline.store.driver import Connection, Record
from hotline.store.journal import Cursor, fence
from hotline.store.layouts import CONTACT, ESCALATION, OFFER, SESSION
from hotline.store.rows import Layout
from hotline.store.statements import statement
from hotline.store.vault import Vault


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every card of some centres, and the place in the journal from which to go on."""

    cursor: Cursor
    cards: dict[str, Dealt]


@dataclass(frozen=True, slots=True)
class Afresh:
    """Cards made afresh; the ids in `gone` belong to no card any more."""

    cards: dict[str, Dealt]
    gone: frozenset[str]


async def snapshot(connection: Connection, vault: Vault, centre_ids: frozenset[UUID], most: int) -> Snapshot:
    """Everything on the screens of these centres; the cursor is taken first, so nothing is missed."""
    cursor = await fence(connection)
    rows = await connection.fetch(statement("open_contacts"), list(centre_ids), most)
    views = [_view(row, vault) for row in rows]
    people = [person.id for person in await store_staff.of_centres(connection, vault, centre_ids)]
    loose = await connection.fetch(statement("open_escalations"), list(centre_ids))
    escalations = [(ESCALATION.entity(row["escalation"], vault), row["counselor_id"]) for row in loose]
    cards = [
        *_contact_cards(views),
        *await _counselor_cards(connection, vault, people),
        *await _escalation_cards(connection, vault, escalations),
        *await _assist_cards(
            connection, vault, await store_assist.open_of(connection, vault, centre_ids, None)
        ),
        *await store_duties.of_centres(connection, vault, centre_ids),
    ]
    return Snapshot(cursor=cursor, cards={card.id: card for card in cards})


async def desk(connection: Connection, vault: Vault, viewer: Viewer, crisis_ids: frozenset[UUID]) -> Snapshot:
    """What somebody sees who watches no board: own contacts and duties, open escalations of these centres.

    It costs what the desk holds, however much goes on around it.
    """
    cursor = await fence(connection)
    staff_id = viewer.staff_id
    rows = await connection.fetch(statement("desk_contacts"), staff_id, list(crisis_ids))
    assists = await store_assist.open_of(connection, vault, crisis_ids, staff_id)
    held = Touched(
        contacts=frozenset(row["id"] for row in rows),
        staff=frozenset({staff_id}),
        assists=frozenset(each.id for each in assists),
    )
    duties = await store_duties.of_desk(connection, vault, viewer, crisis_ids)
    cards = (await afresh(connection, vault, held)).cards
    return Snapshot(cursor=cursor, cards=cards | {card.id: card for card in duties})


async def afresh(connection: Connection, vault: Vault, touched: Touched) -> Afresh:
    """The cards of what journal entries have touched, as the rows stand now."""
    rows = await connection.fetch(statement("contact_views"), list(touched.contacts))
    views = [_view(row, vault) for row in rows]
    escalations = {
        view.escalation.id: (view.escalation, view.contact.counselor_id) for view in views if view.escalation
    }
    if named := touched.escalations - escalations.keys():
        for row in await connection.fetch(statement("escalation_views"), list(named)):
            escalation = ESCALATION.entity(row["escalation"], vault)
            escalations[escalation.id] = (escalation, row["counselor_id"])
    counselors = touched.staff | {view.contact.counselor_id for view in views if view.contact.counselor_id}
    dealt = [
        *_contact_cards(views),
        *await _counselor_cards(connection, vault, counselors),
        *await _escalation_cards(connection, vault, escalations.values()),
        *await _touched_assists(connection, vault, touched),
        *await store_duties.touched(connection, vault, touched),
    ]
    cards = {card.id: card for card in dealt}
    candidates = {
        *(f"contact:{contact_id}" for contact_id in touched.contacts),
        *(f"escalation:{escalation_id}" for escalation_id in escalations),
        *(f"assist:{assist_id}" for assist_id in touched.assists),
        *(f"task:{task_id}" for task_id in touched.tasks),
        *(f"dispatch:{dispatch_id}" for dispatch_id in touched.dispatches),
        *(f"opening:{opening_id}" for opening_id in touched.openings),
        *(f"offer:{offer_id}" for row in rows for offer_id in row["over"]),
    }
    return Afresh(cards=cards, gone=frozenset(candidates - cards.keys()))


async def days(connection: Connection, centre_ids: Iterable[UUID]) -> dict[str, Dealt]:
    """The day of each centre in counts; counted over the day's contacts, so not at every entry."""
    rows = await connection.fetch(statement("centre_day"), list(centre_ids))
    cards = [live.day_card(Day(**row)) for row in rows]
    return {card.id: card for card in cards}


def _view(row: Record, vault: Vault) -> ContactView:
    contact: Contact = CONTACT.entity(row["contact"], vault)
    offer: Offer | None = _maybe(OFFER, row["offer"], vault)
    session: Session | None = _maybe(SESSION, row["session"], vault)
    escalation: Escalation | None = _maybe(ESCALATION, row["escalation"], vault)
    return ContactView(contact=contact, line=row["line"], offer=offer, session=session, escalation=escalation)


def _maybe(layout: Layout, record: Record | None, vault: Vault) -> Any:
    return None if record is None or record["id"] is None else layout.entity(record, vault)


def _contact_cards(views: Iterable[ContactView]) -> list[Dealt]:
    cards = [card for view in views for card in (live.contact_card(view), live.offer_card(view))]
    return [card for card in cards if card is not None]


async def _counselor_cards(connection: Connection, vault: Vault, staff_ids: Iterable[UUID]) -> list[Dealt]:
    ids = frozenset(staff_ids)
    people = await store_staff.shown(connection, vault, ids) if ids else []
    return [live.counselor_card(each.staff, each.presence, each.load) for each in people]


async def _escalation_cards(
    connection: Connection, vault: Vault, escalations: Iterable[tuple[Escalation, UUID | None]]
) -> list[Dealt]:
    known = list(escalations)
    owner_ids = [each.owner_id for each, _ in known if each.owner_id]
    owners = await store_staff.by_ids(connection, vault, owner_ids) if owner_ids else {}
    names = {owner_id: owner.name.reveal() for owner_id, owner in owners.items()}
    cards = [live.escalation_card(each, counselor_id, names) for each, counselor_id in known]
    return [card for card in cards if card is not None]


async def _touched_assists(connection: Connection, vault: Vault, touched: Touched) -> list[Dealt]:
    if not touched.assists:
        return []
    return await _assist_cards(
        connection, vault, await store_assist.by_ids(connection, vault, touched.assists)
    )


async def _assist_cards(connection: Connection, vault: Vault, assists: Iterable[Assist]) -> list[Dealt]:
    known = list(assists)
    people = [staff_id for each in known for staff_id in (each.staff_id, each.taken_by)]
    names = await store_staff.names(connection, vault, people)
    cards = [live.assist_card(each, names) for each in known]
    return [card for card in cards if card is not None]
