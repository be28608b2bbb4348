"""The unit of work: one transaction on one connection, saved in one statement.

A step locks and loads, lets the domain decide, and hands the outcome to `save`: rows, journal
entries and effects are written together, or nothing is. What was loaded is remembered, so an update
writes only the columns that changed. Before anything is written the journey must satisfy
`joint.breaches`. After the commit one poke is asked for; inside the transaction nobody is notified.

Lock order, for everybody: contact, offer, counselor (presence), session, escalation. The contact's
row is the lock of its journey; several contacts are locked in the order of their ids.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast
from uuid import UUID

import asyncpg
import orjson
from pgqueuer.adapters.persistence.qb import QueryQueueBuilder
from pgqueuer.domain.settings import DBSettings
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

from hotline.base.errors import Broken, Malformed, Refused, Unreachable
from hotline.domain import joint, routing
from hotline.domain.effects import Dial, Drop, Effect, Send, Steer
from hotline.domain.joint import Journey
from hotline.domain.journal import Entry
from hotline.domain.outcome import Outcome
from hotline.store import engine
from hotline.store.driver import Connection, Record
from hotline.store.layouts import BY_KIND
from hotline.store.signal import Signal
from hotline.store.vault import Vault
from hotline.store.writing import Writing

Kind = TypeVar("Kind")

JOBS = DBSettings(db_schema="pgqueuer")
_ENQUEUE = QueryQueueBuilder(settings=JOBS).build_enqueue_query("raise")
PRIORITY_PAGE = 10
_AT_ONCE = timedelta(0)


class Unit:
    """A transaction in progress; made by `Store.unit`, used by one step."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        """Begin with nothing loaded and nothing written."""
        self.connection = connection
        self.vault = vault
        self.wrote_entries = False
        self.wrote_effects = False
        self.moves = False
        self._loaded: dict[tuple[type[Any], UUID], Any] = {}

    def loaded(self, kind: type[Kind], record: Record) -> Kind:
        """The domain data of a row, remembered as the state before this step."""
        entity: Kind = BY_KIND[kind].entity(record, self.vault)
        self._loaded[kind, record["id"]] = entity
        return entity

    async def save(self, outcome: Outcome, now: datetime, journey: Journey | None = None) -> None:
        """Write the outcome in one statement, and its effects as jobs.

        `journey` is what the step locked; with the outcome's rows laid over it, it must be free of
        breaches.

        Raises:
            Broken: the new states may not stand together; nothing is written.
        """
        await self._write([self._writing(outcome, now, journey)])
        await self._set_going(outcome.effects)

    async def save_all(self, outcomes: Iterable[tuple[Outcome, Journey | None]], now: datetime) -> None:
        """As `save`, for many at once: what is written alike goes to the server together.

        Raises:
            Broken: in one of them the new states may not stand together; nothing of any is written.
        """
        changes = list(outcomes)
        await self._write([self._writing(outcome, now, journey) for outcome, journey in changes])
        await self._set_going([effect for outcome, _ in changes for effect in outcome.effects])

    def _writing(self, outcome: Outcome, now: datetime, journey: Journey | None) -> Writing:
        if journey is not None:
            _require_joint(journey, outcome)
        writing = Writing()
        for row in outcome.rows:
            self._write_row(writing, row)
        for entry in outcome.entries:
            _write_entry(writing, entry, now)
        self.wrote_entries |= bool(outcome.entries)
        self.moves |= any(entry.kind not in routing.MOVES_NOBODY for entry in outcome.entries)
        return writing

    async def _write(self, writings: Iterable[Writing]) -> None:
        alike: dict[str, list[Writing]] = {}
        for writing in writings:
            if writing.parts:
                alike.setdefault(writing.text(), []).append(writing)
        for text, group in alike.items():
            rows = await self.connection.fetchmany(text, [each.arguments for each in group])
            stale = sum(len(each.parts) - row["written"] for each, row in zip(group, rows, strict=True))
            if stale:
                raise Broken("unit.stale", f"{stale} rows were changed by somebody else.")

    def _write_row(self, statement: Writing, row: Any) -> None:
        kind = cast("type[Any]", type(row))
        layout = BY_KIND[kind]
        before = self._loaded.get((kind, row.id))
        if before is None:
            statement.insert(layout.table, layout.values(row, self.vault))
        else:
            changed = layout.changes(before, row, self.vault)
            if changed:
                statement.update(layout.table, row.id, changed, getattr(before, "state", None))
        self._loaded[kind, row.id] = row

    async def _set_going(self, effects: Sequence[Effect]) -> None:
        if not effects:
            return
        self.wrote_effects = True
        names, payloads, priorities = zip(*(_job(effect) for effect in effects), strict=True)
        count = len(names)
        await self.connection.fetch(
            _ENQUEUE, priorities, names, payloads, [_AT_ONCE] * count, [None] * count, ["{}"] * count
        )


class Arrival(Unit):
    """The unit of a step that only adds: nothing is locked, and its one statement is its transaction.

    What it reads is committed, and may be out of date by the time it saves; so it is for those who are new,
    whom nobody else can have changed. Two round trips less than a transaction: at the door they count.
    """

    _is_saved = False

    async def save(
        self, outcome: Outcome, now: datetime, journey: Journey | None = None, *, fact: str | None = None
    ) -> None:
        """Add the outcome's rows, once; with `fact`, only if that fact has not been acted on before.

        Raises:
            Broken: states may not stand together, or the step does more than to add, or does it twice.
            asyncpg.UniqueViolationError: the fact is known; nothing is written.
        """
        writing = self._writing(outcome, now, journey)
        if fact is not None:
            writing.insert("fact", {"key": fact, "at": now})
        if self._is_saved or any(part.is_update for part in writing.parts):
            raise Broken("unit.arrival", "An arrival adds rows, and only once.")
        self._is_saved = True
        if not outcome.effects:
            await self._write([writing])
            return
        async with self.connection.transaction():
            await self._write([writing])
            await self._set_going(outcome.effects)


class Store:
    """The way to the database: units for steps, bare connections for questions."""

    def __init__(self, made: AsyncEngine, vault: Vault, signal: Signal) -> None:
        """Share one engine, one vault and one signal per process."""
        self.engine = made
        self._turns = engine.turns(made)
        self.vault = vault
        self.signal = signal

    @asynccontextmanager
    async def unit(self) -> AsyncGenerator[Unit]:
        """A transaction: committed when the block ends, rolled back when it raises.

        Raises:
            Unreachable: the database does not answer; the step may be tried again.
            Refused: a unique index said no, because somebody else was first.
        """
        async with self.connection() as connection:
            unit = Unit(connection, self.vault)
            async with connection.transaction():
                yield unit
        self._poke(unit)

    @asynccontextmanager
    async def arrival(self) -> AsyncGenerator[Arrival]:
        """As `unit`, for a step that only adds.

        Raises:
            Unreachable: the database does not answer; the step may be tried again.
            Refused: a unique index said no, because this was there before.
        """
        async with self.connection() as connection:
            unit = Arrival(connection, self.vault)
            yield unit
        self._poke(unit)

    def _poke(self, unit: Unit) -> None:
        if unit.wrote_entries or unit.wrote_effects:
            self.signal.poke(moves=unit.moves, jobs=unit.wrote_effects)

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[Connection]:
        """A pooled driver connection outside any transaction, with errors in the house's own words.

        One whose user was cut off is thrown away: a BEGIN that was on its way may still arrive, and what
        the next user writes on it would never be committed. A server that falls silent, is no primary any
        more, or has other columns than this process has read makes every connection suspect: each is made
        anew before it is used again.
        """
        try:
            async with self._turns, self._pooled() as connection:
                yield connection
        except asyncpg.UniqueViolationError as error:
            raise Refused("unit.taken", "Somebody else was first; look again.") from error
        except (
            asyncpg.DeadlockDetectedError,
            asyncpg.SerializationError,
            asyncpg.LockNotAvailableError,
        ) as error:
            raise Unreachable("store.contended", "The database is busy with this; try again.") from error
        except (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError) as error:
            raise Malformed(
                "request.characters", "There is a character that cannot be stored (NUL)."
            ) from error
        except (*_OUTDATED, *engine.LOST) as error:
            raise Unreachable("store.unreachable", "The database does not answer; try again.") from error

    @asynccontextmanager
    async def _pooled(self) -> AsyncGenerator[Connection]:
        pooled = await greenlet_spawn(self.engine.sync_engine.pool.connect)
        try:
            yield cast("Connection", pooled.driver_connection)
        except (asyncio.CancelledError, TimeoutError) as error:
            if isinstance(error, TimeoutError):
                engine.suspect(self.engine)
            await greenlet_spawn(pooled.invalidate)
            raise
        except _OUTDATED:
            engine.suspect(self.engine)
            raise
        finally:
            await greenlet_spawn(pooled.close)


_OUTDATED = (
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InvalidCachedStatementError,
    asyncpg.OutdatedSchemaCacheError,
)


def _write_entry(statement: Writing, entry: Entry, now: datetime) -> None:
    statement.insert(
        "journal",
        {
            "at": now,
            "centre_id": entry.centre_id,
            "contact_id": entry.contact_id,
            "escalation_id": entry.escalation_id,
            "staff_ids": list(entry.staff_ids),
            "kind": entry.kind,
            "actor": entry.actor,
            "body": orjson.dumps(dict(entry.body)).decode(),
        },
    )


def _require_joint(journey: Journey, outcome: Outcome) -> None:
    over: dict[type[Any], Any] = {type(row): row for row in outcome.rows}
    after = Journey(
        contact=over.get(type(journey.contact), journey.contact),
        **{
            name: _live(over.get(kind) or getattr(journey, name), is_kept=name == "escalation")
            for name, kind in _JOURNEY_PARTS.items()
        },
    )
    names = list(joint.breaches(after))
    if names:
        raise Broken("unit.joint", f"These states may not stand together: {', '.join(names)}.")


def _live(part: Any, *, is_kept: bool) -> Any:
    return part if part is None or is_kept or part.state in _LIVE_STATES else None


_JOURNEY_PARTS: dict[str, type[Any]] = {
    "offer": joint.Offer,
    "session": joint.Session,
    "escalation": joint.Escalation,
}
_LIVE_STATES = frozenset({"pending", "connecting", "open", "wrapping"})


def _job(effect: Effect) -> tuple[str, bytes, int]:
    match effect:
        case Steer(leg_id=leg_id):
            return "steer", leg_id.bytes, 0
        case Dial(leg_id=leg_id):
            return "dial", leg_id.bytes, 0
        case Drop(leg_id=leg_id):
            return "drop", leg_id.bytes, 0
        case Send(page_id=page_id):
            return "send", page_id.bytes, PRIORITY_PAGE
