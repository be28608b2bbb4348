"""Scenes of a rulebook's life: shipped, changed by one person, put into use by another, replayed."""

from uuid import UUID

from hotline.base.sensitive import Sensitive
from hotline.domain.staff import Role
from hotline.flow import replay, rulebook
from hotline.flow.replay import Batch, Wanted
from hotline.flow.rulebook import Beginning, Edit, Seen
from tests.drills.scenes import Act, scene
from tests.rulebooks import FILES, LIMITS, begin, bench, put_into_use, taught, write
from tests.stage import Stage

REASON = Sensitive("太宽")


async def drafted(stage: Stage) -> tuple[UUID, UUID, UUID]:
    """An author, a second person, and a draft with one more phrase."""
    author = await stage.hire("su", Role.SUPERVISOR)
    second = await stage.hire("rui", Role.SUPERVISOR)
    change_id = await begin(stage, author)
    await write(stage, change_id, author, taught("要上路了"), 0)
    return author, second, change_id


async def proposed(stage: Stage) -> tuple[UUID, UUID, UUID, str]:
    """The same, handed to the second person."""
    author, second, change_id = await drafted(stage)
    digest = await rulebook.propose(stage.store, bench(), change_id, author, stage.now)
    return author, second, change_id, digest


@scene("rulebook.ship")
async def ship(stage: Stage) -> Act:
    return lambda on: rulebook.ship(on.store, FILES, stage.now)


@scene("rulebook.start")
async def start(stage: Stage) -> Act:
    author = await stage.hire("su", Role.SUPERVISOR)
    await rulebook.ship(stage.store, FILES, stage.now)
    beginning = Beginning(title=REASON, key="k")
    return lambda on: rulebook.start(
        on.store, LIMITS, stage.viewer(author, Role.SUPERVISOR), beginning, stage.now
    )


@scene("rulebook.write")
async def write_(stage: Stage) -> Act:
    author = await stage.hire("su", Role.SUPERVISOR)
    change_id = await begin(stage, author)
    edit = Edit(name="lexicon_zh.yaml", text=taught("要上路了"), edition=0)
    return lambda on: rulebook.write(on.store, LIMITS, change_id, author, edit, stage.now)


@scene("rulebook.carry_over")
async def carry_over(stage: Stage) -> Act:
    author, second, change_id = await drafted(stage)
    await put_into_use(stage, second, author, "去找月亮")
    return lambda on: rulebook.carry_over(on.store, change_id, author, "mine", stage.now)


@scene("rulebook.propose")
async def propose(stage: Stage) -> Act:
    author, _, change_id = await drafted(stage)
    return lambda on: rulebook.propose(on.store, bench(), change_id, author, stage.now)


@scene("rulebook.withdraw")
async def withdraw(stage: Stage) -> Act:
    author, _, change_id, _ = await proposed(stage)
    return lambda on: rulebook.withdraw(on.store, change_id, author, stage.now)


@scene("rulebook.discard")
async def discard(stage: Stage) -> Act:
    author, _, change_id = await drafted(stage)
    return lambda on: rulebook.discard(on.store, change_id, author, stage.now)


@scene("rulebook.reject")
async def reject(stage: Stage) -> Act:
    _, second, change_id, _ = await proposed(stage)
    return lambda on: rulebook.reject(on.store, change_id, second, REASON, stage.now)


@scene("rulebook.approve")
async def approve(stage: Stage) -> Act:
    _, second, change_id, digest = await proposed(stage)
    seen = Seen(digest=digest)
    return lambda on: rulebook.approve(on.store, bench(), change_id, second, seen, stage.now)


@scene("replay.ask")
async def ask(stage: Stage) -> Act:
    author, _, change_id = await drafted(stage)
    wanted = Wanted(change_id=change_id, days=7, key="k")
    return lambda on: replay.ask(on.store, bench(), stage.viewer(author, Role.SUPERVISOR), wanted, stage.now)


async def waiting(stage: Stage) -> UUID:
    """A replay that somebody has asked for."""
    author, _, change_id = await drafted(stage)
    wanted = Wanted(change_id=change_id, days=7)
    return await replay.ask(stage.store, bench(), stage.viewer(author, Role.SUPERVISOR), wanted, stage.now)


@scene("replay.begin")
async def begin_replay(stage: Stage) -> Act:
    await waiting(stage)
    return lambda on: replay.begin(on.store, stage.now)


@scene("replay.count")
async def count(stage: Stage) -> Act:
    await waiting(stage)
    begun = await replay.begin(stage.store, stage.now)
    assert begun is not None
    batch, then = Batch(found=(), is_cut=False), stage.later(1)
    return lambda on: replay.count(on.store, LIMITS, begun, batch, then)


@scene("replay.fail")
async def fail(stage: Stage) -> Act:
    replay_id = await waiting(stage)
    await replay.begin(stage.store, stage.now)
    return lambda on: replay.fail(on.store, replay_id, stage.now)
