"""A small stage for flow tests: a centre with lines and people, and eyes on rows, journal and screen."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from hotline.base import ids
from hotline.base.places import config_dir
from hotline.base.sensitive import Sensitive
from hotline.domain.access import Viewer, permissions_of
from hotline.domain.centre import Centre, Channel, Line
from hotline.domain.contact import Contact, Form
from hotline.domain.outcome import Outcome
from hotline.domain.presence import Choice
from hotline.domain.risk.assess import Rulebook
from hotline.domain.staff import Role, Staff
from hotline.flow import duty, intake, offer, sign_in
from hotline.policy import policies
from hotline.policy.policies import Policies
from hotline.policy.shelf import Shelf
from hotline.store import (
    contact as store_contact,
    engine,
    health,
    live as store_live,
    staff as store_staff,
    vault,
)
from hotline.store.signal import Signal
from hotline.store.unit import Store

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
"""Noon in Shanghai, a Friday."""

NOTICE = "2026-11"


@dataclass
class Stage:
    """One centre on a database of the module's own; every test makes its own centre."""

    store: Store
    policies: Policies
    centre: Centre
    voice_line: Line
    chat_line: Line
    now: datetime = NOON
    people: dict[str, UUID] = field(default_factory=dict[str, UUID])

    def later(self, seconds: float) -> datetime:
        """Let time pass; the new present."""
        self.now += timedelta(seconds=seconds)
        return self.now

    async def hire(self, login: str, *roles: Role, ready: bool = False, **traits: Any) -> UUID:
        """A member of staff, signed in if ready."""
        person = Staff(
            id=ids.new_id(),
            centre_id=self.centre.id,
            login=f"{login}-{ids.new_id().hex[-8:]}",
            name=Sensitive(login.title()),
            roles=frozenset(roles or {Role.COUNSELOR}),
            languages=frozenset(traits.pop("languages", {"zh", "en"})),
            **traits,
        )
        async with self.store.unit() as unit:
            await store_staff.add(unit, person, "no password", self.now)
        self.people[login] = person.id
        if ready:
            await self.ready(person.id)
        return person.id

    def viewer(self, staff_id: UUID, role: Role = Role.COUNSELOR) -> Viewer:
        """Somebody's eyes in one role, as far as the centre."""
        roles = frozenset({role})
        return Viewer(
            staff_id=staff_id,
            centre_id=self.centre.id,
            roles=roles,
            permissions=permissions_of(roles, self.policies.grants),
            reach=frozenset({self.centre.id}),
        )

    async def sign_in(self, staff_id: UUID) -> None:
        """What the password does for whoever has one."""
        async with self.store.unit() as unit:
            await unit.save(await sign_in.signed_in(unit, self.policies, staff_id, self.now), self.now)

    async def ready(self, staff_id: UUID) -> None:
        """Signed in, heard of, and ready."""
        await self.sign_in(staff_id)
        await duty.beat(self.store, [staff_id], self.now)
        await duty.choose(self.store, staff_id, Choice.READY, None, self.now)

    async def chat(self, *, language: str = "zh", **form: Any) -> Contact:
        """Somebody opens a chat."""
        asked = intake.Entrance(
            slug=self.chat_line.address,
            language=language,
            form=Form(notice_version=NOTICE, **form),
            token_hash=ids.new_id().bytes,
        )
        return await intake.open_chat(self.store, self.policies, asked, self.now)

    async def dispatch(self) -> Mapping[UUID, UUID]:
        """One round of the dispatcher: contact -> counselor."""
        match = await offer.dispatch(self.store, self.policies, self.centre.id, self.now)
        return {pairing.contact_id: pairing.staff_id for pairing in match.pairings}

    async def contact(self, contact_id: UUID) -> Contact:
        """The contact as it stands."""
        async with self.store.connection() as connection:
            return await store_contact.get(connection, self.store.vault, contact_id)

    async def pending_offer(self, contact_id: UUID) -> UUID:
        """The id of the contact's pending offer."""
        return await self.value(
            "select id from offer where contact_id = $1 and state = 'pending'", contact_id
        )

    async def kinds(self, contact_id: UUID) -> list[str]:
        """The kinds of the journal entries of a contact, in order."""
        async with self.store.connection() as connection:
            rows = await connection.fetch(
                "select kind from journal where contact_id = $1 order by seq", contact_id
            )
        return [row["kind"] for row in rows]

    async def effects(self) -> list[str]:
        """The names of the jobs that wait, in order."""
        async with self.store.connection() as connection:
            rows = await connection.fetch("select entrypoint from pgqueuer.pgqueuer order by id")
        return [row["entrypoint"] for row in rows]

    async def value(self, query: str, *arguments: object) -> Any:
        """One value from the database."""
        async with self.store.connection() as connection:
            return await connection.fetchval(query, *arguments)

    async def screen(self) -> store_live.Snapshot:
        """What everybody of the centre together sees."""
        async with self.store.connection() as connection:
            return await store_live.snapshot(connection, self.store.vault, frozenset({self.centre.id}), 1000)


def store_on(url: str) -> Store:
    """A store on a database, with fresh keys and pokes that stay inside the process."""
    keys = vault.load(vault.text_of(vault.new_keys()))
    return Store(engine.make(url, pool_size=12, statement_timeout_ms=10_000), keys, Signal(None))


def policies_of_the_house() -> Policies:
    """The policies that the project ships, with a shelf of their own."""
    loaded, shipped = _loaded()
    return replace(loaded, shelf=Shelf(shipped))


@cache
def _loaded() -> tuple[Policies, Rulebook]:
    """Compiling the rulebook and trying its examples takes seconds; once for a process is enough."""
    loaded = policies.load(config_dir())
    return loaded, loaded.rulebook


@asynccontextmanager
async def opened(url: str) -> AsyncGenerator[Store]:
    """A store that is closed again."""
    store = store_on(url)
    try:
        yield store
    finally:
        await store.engine.dispose()


async def found(store: Store, rules: Policies) -> Stage:
    """A new centre with a telephone line and a chat entrance, both round the clock."""
    centre = Centre(id=ids.new_id(), name="Test", kind="city", timezone="Asia/Shanghai")
    mark = centre.id.hex[-10:]
    voice, chat = (
        Line(
            id=ids.new_id(),
            centre_id=centre.id,
            channel=channel,
            address=address,
            name="12356",
            languages=("zh", "en"),
        )
        for channel, address in ((Channel.VOICE, f"+8613{int(mark, 16) % 10**9:09d}"), (Channel.CHAT, mark))
    )
    async with store.unit() as unit:
        await unit.save(Outcome(rows=(centre, voice, chat)), NOON)
    await _hears_all_day(store)
    return Stage(store=store, policies=rules, centre=centre, voice_line=voice, chat_line=chat)


async def _hears_all_day(store: Store) -> None:
    """Somebody has been hearing since yesterday and goes on until tomorrow; drills have ears of their own."""
    async with store.connection() as connection:
        await connection.execute(
            """insert into pulse (name, at, since) values ($1, $2, $3) on conflict (name) do nothing""",
            f"{health.EARS}:stage",
            NOON + timedelta(days=1),
            NOON - timedelta(days=1),
        )
