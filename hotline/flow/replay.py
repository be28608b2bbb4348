"""What the last days would have been under another rulebook: asked for by a person, worked out by a worker.

Contacts are read some at a time, judged on the workbench, and let go of; what is kept is ids, levels and rule
ids. A worker that dies is followed by another, which begins anew; nothing is counted twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from hotline.base import ids
from hotline.base.errors import Malformed, Refused
from hotline.domain import replay as replays, rulebook as rulebooks
from hotline.domain.access import Viewer
from hotline.domain.outcome import Outcome
from hotline.domain.replay import Compared, Said
from hotline.domain.rulebook import Files, Replay
from hotline.policy import ruletext
from hotline.policy.settings import Rulebook as Limits
from hotline.policy.workbench import Workbench
from hotline.store import rulebook as store_rulebook
from hotline.store.rulebook import Place
from hotline.store.unit import Store

BATCH_MAX: Final = 50
SILENT_SECONDS_MAX: Final = 60
"""A worker that has not counted on for so long has died."""

_KEYS: Final = UUID("0f5f7c39-2f0a-5b1c-8a6e-3f1f5b7a9d10")
_FIRST: Final = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which change, over how many days, and the request's key."""

    change_id: UUID
    days: int
    key: str | None = None


async def ask(store: Store, workbench: Workbench, viewer: Viewer, wanted: Wanted, now: datetime) -> UUID:
    """Have a change replayed over the last days, as it is now.

    Raises:
        Malformed: so many days are not looked at.
        Refused: it has faults, or was edited while it was checked for them.
    """
    limits = workbench.limits
    if not 1 <= wanted.days <= limits.replay_days_max:
        raise Malformed("rulebook.days", f"Between 1 and {limits.replay_days_max} days are replayed.")
    replay_id = ids.new_id() if wanted.key is None else uuid5(_KEYS, f"{viewer.staff_id}:{wanted.key}")
    async with store.connection() as connection:
        change = await store_rulebook.get_change(connection, store.vault, wanted.change_id)
        files = change.files(await store_rulebook.files(connection, change.based_on))
    if await workbench.check(files):
        raise Refused("rulebook.faults", "Mend the faults first; see what the check says.")
    async with store.unit() as unit:
        if await store_rulebook.find_replay(unit.connection, unit.vault, replay_id) is not None:
            return replay_id
        locked = await store_rulebook.lock_change(unit, wanted.change_id)
        if (locked.edition, locked.based_on) != (change.edition, change.based_on):
            raise Refused("rulebook.edited", "This draft was edited meanwhile; look at it again first.")
        standing = await store_rulebook.get_standing(unit.connection, unit.vault)
        digest = ruletext.digest_of(files)
        kept = Outcome()
        if await store_rulebook.find_version(unit.connection, unit.vault, digest) is None:
            kept = Outcome(rows=(rulebooks.version_of(locked, digest, files, ids.new_id(), now),))
        asked = Replay(
            id=replay_id,
            change_id=change.id,
            centre_id=viewer.centre_id,
            asked_by=viewer.staff_id,
            asked_at=now,
            old_digest=standing.digest,
            new_digest=digest,
            days=wanted.days,
            state=rulebooks.REPLAYS.start,
            moves={},
        )
        await unit.save(kept + rulebooks.ask_replay(asked), now)
    return replay_id


async def begin(store: Store, now: datetime) -> Replay | None:
    """Take the next replay that waits, or whose worker has died; None where there is none."""
    async with store.unit() as unit:
        undone = await store_rulebook.lock_undone(unit, now - timedelta(seconds=SILENT_SECONDS_MAX))
        if undone is None:
            return None
        outcome = rulebooks.begin_replay(undone, now)
        await unit.save(outcome, now)
        return outcome.row(Replay)


async def files(store: Store, begun: Replay) -> tuple[Files, Files]:
    """The old and the new rulebook."""
    async with store.connection() as connection:
        old = await store_rulebook.files(connection, begun.old_digest)
        return old, await store_rulebook.files(connection, begun.new_digest)


def first_place(begun: Replay) -> Place:
    """Where its days begin."""
    return Place(arrived_at=begun.asked_at - timedelta(days=begun.days), contact_id=_FIRST)


async def read(store: Store, place: Place, most: int) -> tuple[Sequence[Said], Place]:
    """The next contacts with their words, let go of once they are judged, and the place behind them."""
    async with store.connection() as connection:
        said = await store_rulebook.said_since(connection, store.vault, place, most)
    if not said:
        return (), place
    last = said[-1].contact
    return said, Place(arrived_at=last.arrived_at, contact_id=last.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Contacts that were judged; `is_cut`: there may be more, and no more are looked at."""

    found: Sequence[Compared]
    is_cut: bool


async def count(store: Store, limits: Limits, known: Replay, batch: Batch, now: datetime) -> Replay | None:
    """The replay with these contacts, at its end if there are no more; None where another worker has it."""
    async with store.unit() as unit:
        running = await store_rulebook.lock_replay(unit, known.id)
        if running is None or (running.state, running.beat_at) != (known.state, known.beat_at):
            return None
        moves = dict(running.moves)
        for name, number in replays.counted(batch.found).items():
            moves[name] = moves.get(name, 0) + number
        changed = [*running.changed, *(each.kept() for each in batch.found if each.is_other)]
        counted = replace(
            running,
            beat_at=now,
            contacts=running.contacts + len(batch.found),
            moves=moves,
            changed=tuple(changed[: limits.replay_listed_max]),
            is_whole=not batch.is_cut,
        )
        if batch.is_cut or not batch.found:
            counted = rulebooks.end_replay(counted, "finish", now).row(Replay)
        await unit.save(Outcome(rows=(counted,)), now)
        return counted


async def fail(store: Store, replay_id: UUID, now: datetime) -> None:
    """It cannot be done: one of the two cannot judge, or takes too long."""
    async with store.unit() as unit:
        running = await store_rulebook.lock_replay(unit, replay_id)
        if running is not None and running.state == "running":
            await unit.save(rulebooks.end_replay(running, "fail", now), now)
