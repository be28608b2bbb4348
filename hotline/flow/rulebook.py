"""The rulebook's life, one transaction each: shipped, changed, proposed, put into use.

Whatever has to be compiled is tried on the workbench before the transaction, and under its lock it is asked
again whether it is still what was tried. The number of an activation is unique, so of two who put something
into use at once, one is told that the other was first.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from hotline.base import ids
from hotline.base.errors import Absent, Malformed, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import merging, rulebook as rulebooks
from hotline.domain.access import Viewer
from hotline.domain.merging import Whose
from hotline.domain.outcome import Outcome
from hotline.domain.rulebook import Activation, Approval, Change, Files, Version
from hotline.policy import ruletext
from hotline.policy.settings import Rulebook as Limits
from hotline.policy.workbench import Workbench
from hotline.store import rulebook as store_rulebook
from hotline.store.unit import Store, Unit

FAULTS_TOLD_MAX: Final = 3
_KEYS: Final = UUID("5b0c8d1e-6f0a-5e6e-9c57-6a4b64e2f0aa")
"""The id of what somebody begins follows from the request's key: sent again, it is the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What somebody begins: a title, the version to begin from (None: the one in use), the request's key."""

    title: Sensitive
    digest: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A file as it shall be (None: away), and the edition of the draft that its author has seen."""

    name: str
    text: str | None
    edition: int


async def ship(store: Store, files: Files, now: datetime) -> None:
    """Keep the rulebook that came with this release; used unless two people chose another one.

    Every process does this when it starts; what is kept already is left alone, so that an older node that
    starts again puts nothing old into use.
    """
    digest = ruletext.digest_of(files)
    async with store.connection() as connection:
        if await store_rulebook.find_version(connection, store.vault, digest) is not None:
            return
    try:
        async with store.unit() as unit:
            standing = await store_rulebook.find_standing(unit.connection, unit.vault)
            version = Version(
                id=ids.new_id(),
                digest=digest,
                files=dict(files),
                based_on=standing.digest if standing else None,
                made_by=None,
                made_at=now,
            )
            await unit.save(rulebooks.ship(version, standing, now=now, new_id=ids.new_id), now)
    except Refused:
        return  # another process was first, with the same files or with its own


async def start(store: Store, limits: Limits, viewer: Viewer, beginning: Beginning, now: datetime) -> UUID:
    """Begin a draft; with another version's hash, one that would bring that version back.

    Raises:
        Absent: there is no such version.
        Refused: there are too many drafts already.
    """
    change_id = _id_of(viewer.staff_id, beginning.key)
    async with store.unit() as unit:
        if await store_rulebook.find_change(unit.connection, unit.vault, change_id) is not None:
            return change_id
        standing = await store_rulebook.get_standing(unit.connection, unit.vault)
        opened = await store_rulebook.open_changes(unit.connection, unit.vault, limits.drafts_max)
        if len(opened) >= limits.drafts_max:
            raise Refused("rulebook.drafts", "There are too many drafts; finish or discard some first.")
        edits = await _edits_to(unit, standing, beginning.digest)
        change = Change(
            id=change_id,
            centre_id=viewer.centre_id,
            author_id=viewer.staff_id,
            title=beginning.title,
            state=rulebooks.MACHINE.start,
            based_on=standing.digest,
            edits=edits,
            edition=0,
            made_at=now,
            changed_at=now,
        )
        await unit.save(rulebooks.start(change), now)
    return change_id


async def write(
    store: Store, limits: Limits, change_id: UUID, staff_id: UUID, edit: Edit, now: datetime
) -> int:
    """Keep a file of a draft; the draft's edition after it.

    Raises:
        Forbidden: it is somebody else's draft.
        Refused: it is no draft any more, or was edited elsewhere.
        Malformed: the file is too long, or there are too many.
    """
    text = None if edit.text is None else ruletext.plain(edit.text)
    if text is not None and len(text.encode()) > limits.file_bytes_max:
        raise Malformed("rulebook.too_long", f"A file has at most {limits.file_bytes_max} bytes; split it.")
    async with store.unit() as unit:
        change = rulebooks.own(await store_rulebook.lock_change(unit, change_id), staff_id)
        base = await store_rulebook.files(unit.connection, change.based_on)
        outcome = rulebooks.write(change, base, edit.name, text, edition=edit.edition, now=now)
        changed = outcome.row(Change) if outcome.rows else change
        if len(changed.files(base)) > limits.files_max:
            raise Malformed("rulebook.too_many", f"A rulebook has at most {limits.files_max} files.")
        await unit.save(outcome, now)
    return changed.edition


async def carry_over(
    store: Store, change_id: UUID, staff_id: UUID, prefer: Whose | None, now: datetime
) -> None:
    """The author's own work, laid over what somebody else has put into use meanwhile.

    Raises:
        Refused: both changed the same lines, and `prefer` does not say whose stand.
    """
    async with store.connection() as connection:
        change = rulebooks.own(await store_rulebook.get_change(connection, store.vault, change_id), staff_id)
        standing = await store_rulebook.get_standing(connection, store.vault)
        base = await store_rulebook.files(connection, change.based_on)
        onto = await store_rulebook.files(connection, standing.digest)
    if change.based_on == standing.digest:
        return
    edits = await asyncio.to_thread(merging.carried, base, change.edits, onto, prefer)
    async with store.unit() as unit:
        locked = await store_rulebook.lock_change(unit, change_id)
        if locked.edition != change.edition:
            raise Refused("rulebook.edited", "This draft was edited meanwhile; load it again first.")
        await unit.save(rulebooks.carry_over(locked, edits, standing.digest, now), now)


async def propose(store: Store, workbench: Workbench, change_id: UUID, staff_id: UUID, now: datetime) -> str:
    """Hand a draft to a second person; the hash of what was proposed.

    Raises:
        Refused: it has faults, changes nothing, or something else is in use by now.
    """
    change, files = await _clean(store, workbench, change_id)
    rulebooks.own(change, staff_id)
    async with store.unit() as unit:
        locked = await store_rulebook.lock_change(unit, change_id)
        _require_tried(locked, change)
        standing = await store_rulebook.get_standing(unit.connection, unit.vault)
        digest = ruletext.digest_of(files)
        known = await store_rulebook.find_version(unit.connection, unit.vault, digest)
        version = known or rulebooks.version_of(locked, digest, files, ids.new_id(), now)
        outcome = rulebooks.propose(locked, version, standing, now)
        await unit.save(outcome if known else Outcome(rows=(version,)) + outcome, now)
    return version.digest


async def withdraw(store: Store, change_id: UUID, staff_id: UUID, now: datetime) -> None:
    """The author takes a proposal back and goes on working on it."""
    async with store.unit() as unit:
        change = rulebooks.own(await store_rulebook.lock_change(unit, change_id), staff_id)
        await unit.save(rulebooks.withdraw(change, now), now)


async def discard(store: Store, change_id: UUID, staff_id: UUID, now: datetime) -> None:
    """The author gives a draft up."""
    async with store.unit() as unit:
        change = rulebooks.own(await store_rulebook.lock_change(unit, change_id), staff_id)
        await unit.save(rulebooks.discard(change, now), now)


async def reject(store: Store, change_id: UUID, staff_id: UUID, reason: Sensitive, now: datetime) -> None:
    """The second person says what is wrong.

    Raises:
        Forbidden: it is the person's own proposal; that is withdrawn.
    """
    async with store.unit() as unit:
        change = await store_rulebook.lock_change(unit, change_id)
        if change.author_id == staff_id:
            rulebooks.require_second(change, staff_id, change.digest or "")
        await unit.save(rulebooks.reject(change, staff_id, reason, now), now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the second person has before them: the version, and a replay of it, if there is one."""

    digest: str
    replay_id: UUID | None = None


async def approve(
    store: Store, workbench: Workbench, change_id: UUID, staff_id: UUID, seen: Seen, now: datetime
) -> None:
    """A second person puts a proposal into use, after it was checked once more; every node follows.

    Raises:
        Forbidden: it is the person's own work.
        Refused: it has faults, is not what was looked at, or something else is in use by now.
    """
    async with store.connection() as connection:
        change = await store_rulebook.get_change(connection, store.vault, change_id)
    if _is_done(change, staff_id, seen):
        return
    rulebooks.require_second(change, staff_id, seen.digest)
    await _clean(store, workbench, change_id)
    async with store.unit() as unit:
        locked = await store_rulebook.lock_change(unit, change_id)
        if _is_done(locked, staff_id, seen):
            return
        standing = await store_rulebook.get_standing(unit.connection, unit.vault)
        approval = await _approval(unit, staff_id, seen)
        outcome = rulebooks.approve(locked, approval, standing, now=now, new_id=ids.new_id)
        await unit.save(outcome, now)


def _is_done(change: Change, staff_id: UUID, seen: Seen) -> bool:
    return (change.state, change.decided_by, change.digest) == ("approved", staff_id, seen.digest)


async def _approval(unit: Unit, staff_id: UUID, seen: Seen) -> Approval:
    version = await store_rulebook.find_version(unit.connection, unit.vault, seen.digest)
    if version is None:
        raise Absent("rulebook.version", "There is no such version of the rulebook.")
    replay = None
    if seen.replay_id is not None:
        replay = await store_rulebook.find_replay(unit.connection, unit.vault, seen.replay_id)
        if replay is None or replay.state != "done":
            raise Refused("rulebook.replay", "That replay is not finished; wait for it, or go without.")
    return Approval(staff_id=staff_id, version=version, replay=replay)


async def _clean(store: Store, workbench: Workbench, change_id: UUID) -> tuple[Change, Files]:
    """A change and its files, which have no fault.

    Raises:
        Refused: they have; the first few are told.
    """
    async with store.connection() as connection:
        change = await store_rulebook.get_change(connection, store.vault, change_id)
        files = change.files(await store_rulebook.files(connection, change.based_on))
    faults = await workbench.check(files)
    if faults:
        told = " ".join(f"{each.file or ''} {each.sentence}".strip() for each in faults[:FAULTS_TOLD_MAX])
        raise Refused("rulebook.faults", f"There are {len(faults)} faults to mend first. {told}")
    return change, files


def _require_tried(locked: Change, tried: Change) -> None:
    if (locked.edition, locked.based_on) != (tried.edition, tried.based_on):
        raise Refused("rulebook.edited", "This draft was edited meanwhile; look at it again first.")


async def _edits_to(unit: Unit, standing: Activation, digest: str | None) -> dict[str, str | None]:
    """What makes another version of the one in use."""
    if digest is None or digest == standing.digest:
        return {}
    base = await store_rulebook.files(unit.connection, standing.digest)
    wanted = await store_rulebook.files(unit.connection, digest)
    return {name: wanted.get(name) for name in {*base, *wanted} if base.get(name) != wanted.get(name)}


def _id_of(staff_id: UUID, key: str | None) -> UUID:
    return ids.new_id() if key is None else uuid5(_KEYS, f"{staff_id}:{key}")
