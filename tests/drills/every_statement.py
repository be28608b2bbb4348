"""Every step of the house, cut off at each of its statements: afterwards it was done wholly or not at all.

Each step is first watched on a scene of its own: how many statements it makes, and what it changes. On a
second scene the way to the database is cut before each of them and after each of them in turn, COMMIT among
them. As long as nothing was committed, the whole database must be as it was, to the byte; once it was, what
changed must be what the watched run changed. Then the step is tried again, as callers, pages and workers do,
and must come to the same end.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

from hotline.base.errors import Absent, HotlineError, Refused, Unreachable
from hotline.policy.policies import Policies
from hotline.store import engine
from hotline.store.signal import Signal
from hotline.store.unit import Store
from tests import database, stage as stages
from tests.drills import (
    after_scenes,
    assist_scenes,
    call_scenes,
    crisis_scenes,
    desk_scenes,
    duty_scenes,
    instrument_scenes,
    record_scenes,
    rulebook_scenes,
    slate,
)
from tests.drills.cut import Cut, Way, way_to
from tests.drills.ground import Ground
from tests.drills.scenes import SCENES, Act, Scene
from tests.drills.slate import Changes, Rows, Slate, changes, difference
from tests.stage import Stage

ROOMS = (
    after_scenes,
    assist_scenes,
    call_scenes,
    crisis_scenes,
    desk_scenes,
    duty_scenes,
    instrument_scenes,
    record_scenes,
    rulebook_scenes,
)
"""Where the scenes are; importing them puts them on the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Of which statements the answer is lost; before every one of them the way is cut in any case."""

    answers: Literal["that commit", "all"]


FAST = Size(answers="that commit")
"""To the server, an answer that is lost within a transaction is the next statement that never comes."""
LONG = Size(answers="all")


def points(size: Size, seen: Sequence[str]) -> list[Cut]:
    """Where a step with these statements is cut."""
    found: list[Cut] = []
    is_inside = False
    for at, text in enumerate(seen, 1):
        is_inside = text.startswith("BEGIN") or (is_inside and not text.startswith("COMMIT"))
        found.append(Cut(at=at, after=False))
        if size.answers == "all" or not is_inside:
            found.append(Cut(at=at, after=True))
    return found


class Half(AssertionError):
    """A step that was done neither wholly nor not at all, or that cannot be tried again."""


@dataclass(frozen=True, slots=True)
class Played:
    """A scene that is set, and the whole database at that moment."""

    scene: Scene
    stage: Stage
    act: Act
    digest: str
    rows: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How many statements a step makes, and at how many points it was cut."""

    statements: int
    cuts: int


@dataclass
class Bench:
    """Two ways to one database: `sound` for scenes and retries, `cut` through the way that is cut."""

    policies: Policies
    sound: Store
    cut: Store
    way: Way
    slate: Slate

    async def scene(self, scene: Scene) -> Played:
        """A clean slate, a centre, and the moment before the step."""
        await self.slate.clean()
        stage = await stages.found(self.sound, self.policies)
        act = await scene.prepare(stage)
        return Played(scene, stage, act, await self.slate.digest(), await self.slate.rows())

    async def through(self, played: Played, cut: Cut | None) -> None:
        """Take the step on the way that is cut, on a connection that is there already."""
        async with self.cut.connection():
            self.way.expect(cut)
        await played.act(replace(played.stage, store=self.cut))


async def drill(ground: Ground, size: Size) -> None:
    """Every scene, on a database of the drill's own."""
    async with database.fresh() as url, stages.opened(url) as sound, way_to(url, ground.home) as way:
        line = await database.connected(url)
        made = engine.make(_through(url, ground.home), pool_size=2, statement_timeout_ms=10_000)
        bench = Bench(
            policies=stages.policies_of_the_house(),
            sound=sound,
            cut=Store(made, sound.vault, Signal(None)),
            way=way,
            slate=await slate.of(line),
        )
        try:
            await _all(ground, bench, size)
        finally:
            await made.dispose()
            await line.close()


def _through(url: str, folder: Path) -> str:
    name = url.partition("?")[0].rsplit("/", 1)[1]
    return f"postgresql://postgres@/{name}?host={folder}"


async def _all(ground: Ground, bench: Bench, size: Size) -> None:
    tried: list[Tried] = []
    for scene in SCENES.values():
        try:
            tried.append(await _one(bench, scene, partial(points, size)))
        except (Half, HotlineError) as half:
            ground.shows(scene.step, half, is_good=False)
    statements, cuts = (sum(getattr(each, name) for each in tried) for name in ("statements", "cuts"))
    ground.wants("steps that were cut off everywhere", len(tried), len(SCENES))
    ground.shows("statements that they make", statements, is_good=statements > len(SCENES))
    ground.shows("cuts after which all or nothing was there, and trying again came to the same end", cuts)


async def _one(bench: Bench, scene: Scene, points: Callable[[Sequence[str]], Sequence[Cut]]) -> Tried:
    """Watch the step, then cut it off at every point."""
    watched = await bench.scene(scene)
    await bench.through(watched, None)
    seen = tuple(bench.way.seen)
    done = changes(watched.rows, await bench.slate.rows())
    _require(any(done), "the scene is wrong: the step changes nothing")
    cuts = points(seen)
    played = await bench.scene(scene)
    for cut in cuts:
        if await _cut(bench, played, cut, done):
            played = await bench.scene(scene)
    await _again(bench, played, done, was_done=False)
    return Tried(statements=len(seen), cuts=len(cuts))


async def _cut(bench: Bench, played: Played, cut: Cut, done: Changes) -> bool:
    """Cut the step off once; whether it was done all the same."""
    told = await _error(lambda: bench.through(played, cut))
    where = f"{cut} ({bench.way.seen[-1][:60]})"
    _require(isinstance(told, Unreachable), f"{where}: the one who asked is told {told!r}")
    if await bench.slate.digest() == played.digest:
        return False
    _require(cut.after, f"{where}: something was changed by a step that was cut off")
    half = difference(changes(played.rows, await bench.slate.rows()), done)
    _require(not half, f"{where}: it was done by half: {half}")
    await _again(bench, played, done, was_done=True)
    return True


async def _again(bench: Bench, played: Played, done: Changes, *, was_done: bool) -> None:
    """Try the step again on the way that is sound."""
    before = await bench.slate.digest()
    told = await _error(lambda: played.act(played.stage))
    if was_done and played.scene.again != "nothing":
        is_refused = isinstance(told, Refused | Absent) and await bench.slate.digest() == before
        _require(is_refused or played.scene.again == "more", f"tried again: {told!r}")
        return
    _require(told is None, f"tried again: {told!r}")
    other = difference(changes(played.rows, await bench.slate.rows()), done)
    _require(not other, f"tried again, it came to another end: {other}")


async def _error(step: Callable[[], Awaitable[object]]) -> Exception | None:
    try:
        await step()
    except Exception as error:  # noqa: BLE001  which one it is, is what is looked at
        return error
    return None


def _require(is_so: object, otherwise: str) -> None:
    if not is_so:
        raise Half(otherwise)
