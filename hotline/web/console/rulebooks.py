"""The rulebook: what is in use, drafts and their files, check, trial, difference, replay, and two people.

Whoever may neither edit nor approve learns nothing of drafts; the words of a trial are kept nowhere.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from hotline.base import clock
from hotline.base.errors import Absent
from hotline.domain.risk.assess import Facts
from hotline.flow import replay, rulebook, shelf
from hotline.flow.replay import Wanted
from hotline.flow.rulebook import Beginning, Edit, Seen
from hotline.policy.comparison import lines
from hotline.policy.rulebook import RulebookError
from hotline.web.console import rulebook_said as said, rulebook_shapes as shapes
from hotline.web.console.once import TheKey
from hotline.web.console.reach import ChangeApprover, ChangeEditor, ChangeReader, RulesEditor, RulesReader
from hotline.web.console.shapes import limited, some
from hotline.web.edge import TheEdge

router = APIRouter(prefix="/api/rulebook", tags=["rulebook"])

Name = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,59}\.yaml$")]
Version = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


@router.get("")
async def show(edge: TheEdge, viewer: RulesReader) -> shapes.RulebookShown:
    """What is in use, which node judges by what, open drafts, and what was in use before."""
    _ = viewer
    limits = edge.settings.rulebook
    return said.overview(await shelf.overview(edge.store, limits), limits)


@router.get("/versions/{version}")
async def show_version(edge: TheEdge, viewer: RulesReader, version: Version) -> shapes.FilesShown:
    """The files of a version, as they were."""
    _ = viewer
    files = await shelf.files(edge.store, version)
    kept = tuple(shapes.FileShown(name=name, text=files[name]) for name in sorted(files))
    return shapes.FilesShown(version=version, files=kept)


@router.post("/explanation")
async def explain_in_use(
    edge: TheEdge, viewer: RulesReader, asked: shapes.SentenceAsked
) -> shapes.ExplanationShown:
    """What the rules by which this node judges make of a sentence."""
    _ = viewer
    return said.explanation(edge.policies.rulebook.explain(_facts(edge, asked)))


@router.post("/changes", status_code=201)
async def begin(
    edge: TheEdge, viewer: RulesEditor, key: TheKey, asked: shapes.BeginningAsked
) -> shapes.ChangeShown:
    """Begin a draft from what is in use, or of an earlier version that shall come back."""
    title = some(asked.title, edge.settings.web.reason_characters_max, "title")
    beginning = Beginning(title=title, digest=asked.version, key=key)
    change_id = await rulebook.start(edge.store, edge.settings.rulebook, viewer, beginning, clock.now())
    return said.change(await shelf.open_change(edge.store, change_id), viewer)


@router.get("/changes/{change_id}")
async def show_change(edge: TheEdge, viewer: ChangeReader, change_id: UUID) -> shapes.ChangeShown:
    """A draft or proposal with the names of its files and its latest replay."""
    return said.change(await shelf.open_change(edge.store, change_id), viewer)


@router.get("/changes/{change_id}/files/{name}")
async def show_file(edge: TheEdge, viewer: ChangeReader, change_id: UUID, name: Name) -> shapes.FileShown:
    """A file as the draft has it."""
    _ = viewer
    opened = await shelf.open_change(edge.store, change_id)
    if name not in opened.files:
        raise Absent("rulebook.file", "There is no such file in this rulebook.")
    return shapes.FileShown(name=name, text=opened.files[name])


@router.put("/changes/{change_id}/files/{name}")
async def write_file(
    edge: TheEdge, viewer: ChangeEditor, change_id: UUID, name: Name, asked: shapes.FileAsked
) -> shapes.EditionShown:
    """Keep a file of one's own draft; 409 `rulebook.edited` when another window was faster."""
    edit = Edit(name=name, text=asked.text, edition=asked.edition)
    edition = await rulebook.write(
        edge.store, edge.settings.rulebook, change_id, viewer.staff_id, edit, clock.now()
    )
    return shapes.EditionShown(edition=edition)


@router.delete("/changes/{change_id}/files/{name}")
async def remove_file(
    edge: TheEdge, viewer: ChangeEditor, change_id: UUID, name: Name, edition: int
) -> shapes.EditionShown:
    """Take a file away from one's own draft."""
    edit = Edit(name=name, text=None, edition=edition)
    after = await rulebook.write(
        edge.store, edge.settings.rulebook, change_id, viewer.staff_id, edit, clock.now()
    )
    return shapes.EditionShown(edition=after)


@router.post("/changes/{change_id}/check")
async def check(edge: TheEdge, viewer: ChangeReader, change_id: UUID) -> shapes.CheckShown:
    """Everything that is wrong with a draft; nothing, if it may be proposed."""
    _ = viewer
    opened = await shelf.open_change(edge.store, change_id)
    return said.check(await edge.workbench.check(opened.files))


@router.post("/changes/{change_id}/explanation")
async def explain(
    edge: TheEdge, viewer: ChangeReader, change_id: UUID, asked: shapes.SentenceAsked
) -> shapes.ExplanationShown:
    """What a draft makes of a sentence; 409 `rulebook.faults` where it cannot judge yet."""
    _ = viewer
    facts = _facts(edge, asked)
    opened = await shelf.open_change(edge.store, change_id)
    try:
        return said.explanation(await edge.workbench.explain(opened.files, facts))
    except RulebookError as error:
        raise said.faulty(error) from None


@router.get("/changes/{change_id}/difference")
async def differ(edge: TheEdge, viewer: ChangeReader, change_id: UUID) -> shapes.DifferenceShown:
    """What a change does to what it began from: entries, lines, and examples that come out differently."""
    _ = viewer
    opened = await shelf.open_change(edge.store, change_id)
    try:
        return said.difference(await edge.workbench.differ(opened.base, opened.files))
    except RulebookError:
        told = tuple(lines(opened.base, opened.files))
        return shapes.DifferenceShown(is_sound=False, entries=(), examples=(), lines=told)


@router.post("/changes/{change_id}/replays", status_code=202)
async def ask_replay(
    edge: TheEdge, viewer: ChangeReader, key: TheKey, change_id: UUID, asked: shapes.DaysAsked
) -> shapes.ChangeShown:
    """Have the last days judged by it, in the background; journalled, because callers' words are read."""
    wanted = Wanted(change_id=change_id, days=asked.days, key=key)
    await replay.ask(edge.store, edge.workbench, viewer, wanted, clock.now())
    return said.change(await shelf.open_change(edge.store, change_id), viewer)


@router.post("/changes/{change_id}/proposal", status_code=204)
async def propose(edge: TheEdge, viewer: ChangeEditor, change_id: UUID) -> None:
    """Hand it to a second person; it is checked first."""
    await rulebook.propose(edge.store, edge.workbench, change_id, viewer.staff_id, clock.now())


@router.delete("/changes/{change_id}/proposal", status_code=204)
async def withdraw(edge: TheEdge, viewer: ChangeEditor, change_id: UUID) -> None:
    """Take one's own proposal back, to go on working on it."""
    await rulebook.withdraw(edge.store, change_id, viewer.staff_id, clock.now())


@router.post("/changes/{change_id}/rejection", status_code=204)
async def reject(edge: TheEdge, viewer: ChangeApprover, change_id: UUID, asked: shapes.ReasonAsked) -> None:
    """Say what is wrong with somebody else's proposal; it is a draft again."""
    reason = limited(asked.reason, edge.settings.web.reason_characters_max, "reason")
    await rulebook.reject(edge.store, change_id, viewer.staff_id, reason, clock.now())


@router.post("/changes/{change_id}/approval", status_code=204)
async def approve(
    edge: TheEdge, viewer: ChangeApprover, change_id: UUID, asked: shapes.ApprovalAsked
) -> None:
    """Put somebody else's proposal into use; it is checked once more, and every node follows."""
    seen = Seen(digest=asked.version, replay_id=asked.replay_id)
    await rulebook.approve(edge.store, edge.workbench, change_id, viewer.staff_id, seen, clock.now())


@router.post("/changes/{change_id}/carrying-over", status_code=204)
async def carry_over(
    edge: TheEdge, viewer: ChangeEditor, change_id: UUID, asked: shapes.CarryingAsked
) -> None:
    """Lay one's own work over what somebody else has put into use meanwhile."""
    await rulebook.carry_over(edge.store, change_id, viewer.staff_id, asked.prefer, clock.now())


@router.post("/changes/{change_id}/discarding", status_code=204)
async def discard(edge: TheEdge, viewer: ChangeEditor, change_id: UUID) -> None:
    """Give one's own draft up."""
    await rulebook.discard(edge.store, change_id, viewer.staff_id, clock.now())


def _facts(edge: TheEdge, asked: shapes.SentenceAsked) -> Facts:
    text = limited(asked.text, edge.settings.rulebook.try_characters_max, "text")
    return Facts(text=text.reveal(), channel=asked.channel)
