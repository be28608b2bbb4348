"""What people who write and approve rules are shown, and what a node reads to follow.

Names come from the staff's rows; of a replay, a person sees the contacts of the own centres by id, and of
the others the counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from hotline.domain.access import Viewer
from hotline.domain.rulebook import Activation, Change, Files, Replay
from hotline.policy import ruletext
from hotline.policy.settings import Rulebook as Limits
from hotline.store import rulebook as store_rulebook, staff as store_staff
from hotline.store.rulebook import Node, Said
from hotline.store.unit import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is in use, who judges by what, what people are at work on, what was in use before."""

    standing: Activation
    newer_shipped: str | None
    nodes: tuple[Node, ...]
    changes: tuple[Change, ...]
    history: tuple[Activation, ...]
    names: dict[UUID, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A change with the files that it would make, those it began from, and its latest replay."""

    change: Change
    standing: Activation
    base: Files
    files: Files
    digest: str
    replay: Replay | None
    names: dict[UUID, str]


async def overview(store: Store, limits: Limits) -> Shown:
    """Everything but the files.

    Raises:
        Unreachable: nothing is in use yet.
    """
    async with store.connection() as connection:
        standing = await store_rulebook.get_standing(connection, store.vault)
        changes = await store_rulebook.open_changes(connection, store.vault, limits.drafts_max)
        history = await store_rulebook.activations(connection, store.vault, limits.versions_shown_max)
        newer = None
        if standing.approved_by is not None:
            newer = await store_rulebook.newer_shipped(connection, standing.number)
        nodes = tuple(await store_rulebook.nodes(connection))
    people = [each.author_id for each in changes]
    people += [one for each in history for one in (each.proposed_by, each.approved_by) if one]
    return Shown(
        standing=standing,
        newer_shipped=newer,
        nodes=nodes,
        changes=tuple(changes),
        history=tuple(history),
        names=await _names(store, people),
    )


async def open_change(store: Store, change_id: UUID) -> Opened:
    """One change with everything in it.

    Raises:
        Absent: there is none.
    """
    async with store.connection() as connection:
        change = await store_rulebook.get_change(connection, store.vault, change_id)
        standing = await store_rulebook.get_standing(connection, store.vault)
        base = await store_rulebook.files(connection, change.based_on)
        replay = await store_rulebook.last_replay(connection, store.vault, change_id)
    people = [each for each in (change.author_id, change.decided_by) if each]
    made = change.files(base)
    return Opened(
        change=change,
        standing=standing,
        base=base,
        files=made,
        digest=ruletext.digest_of(made),
        replay=replay,
        names=await _names(store, people),
    )


async def files(store: Store, digest: str) -> Files:
    """The files of a version.

    Raises:
        Absent: there is none of this hash.
    """
    async with store.connection() as connection:
        return await store_rulebook.files(connection, digest)


async def in_use(store: Store) -> str | None:
    """The hash of the version in use; None before the first start."""
    async with store.connection() as connection:
        return await store_rulebook.in_use(connection)


async def note_node(store: Store, said: Said) -> None:
    """A node says by which version it judges."""
    async with store.connection() as connection:
        await store_rulebook.note_node(connection, said)


async def forget_gone(store: Store) -> None:
    """Nodes that ended long ago are not remembered."""
    async with store.connection() as connection:
        await store_rulebook.forget_gone(connection)


def seen(viewer: Viewer, replay: Replay) -> list[dict[str, object]]:
    """The contacts of a replay that these eyes may know of."""
    return [dict(each) for each in replay.changed if viewer.reaches(UUID(str(each["centre_id"])))]


async def _names(store: Store, people: Iterable[UUID]) -> dict[UUID, str]:
    async with store.connection() as connection:
        found = await store_staff.by_ids(connection, store.vault, list(set(people)))
    return {person.id: person.name.reveal() for person in found.values()}
