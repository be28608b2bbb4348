"""A node says that it hears only as long as it hears and shows in time."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import pytest_asyncio

from hotline.base.tasks import Crew
from hotline.store import health
from hotline.web import ears, living
from hotline.web.ears import Ears
from hotline.web.hub import Hub
from hotline.web.living import Living
from tests.stage import Stage
from tests.web.test_hub import until


@dataclass
class Node:
    """A node whose ears are told when to say how they are."""

    stage: Stage
    hub: Hub
    living: Living
    ears: Ears

    async def hears_on(self) -> bool:
        """Whether the next pulse goes on with the life that it had before, and did not begin a new one."""
        long_ago = "update pulse set since = now() - interval '1 hour' where starts_with(name, $1)"
        await self.stage.value(long_ago, f"{health.EARS}:")
        await self.ears.pulse()
        said = "select min(since) < now() - interval '59 minutes' from pulse where starts_with(name, $1)"
        return bool(await self.stage.value(said, f"{health.EARS}:"))


@pytest_asyncio.fixture
async def node(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Node]:
    monkeypatch.setattr(living, "GATHER_SECONDS", 0.01)
    await stage.value("delete from pulse")
    hub, pages = Hub(stage.store, tail_seconds=0.02), Living(stage.store)
    made = Node(stage, hub, pages, Ears(stage.store, hub, pages))
    await made.ears.pulse()
    async with Crew() as crew:
        crew.keep("hub", hub.run)
        crew.keep("signs of life", pages.run)
        yield made


async def test_a_node_that_is_in_time_hears_on(node: Node) -> None:
    await node.living.beat(await node.stage.hire("lin"))
    assert await node.hears_on()
    assert await node.hears_on()


async def test_a_node_that_shows_late_hears_anew_until_it_has_caught_up(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle = Hub(stage.store, tail_seconds=0.0)
    late = Node(stage, idle, node.living, Ears(stage.store, idle, node.living))
    monkeypatch.setattr(ears, "BEHIND_SECONDS_MAX", 0.0)
    await stage.value("delete from pulse")
    assert not await late.hears_on(), "nobody reads the journal for this hub"
    async with Crew() as crew:
        monkeypatch.setattr(ears, "BEHIND_SECONDS_MAX", 3.0)
        crew.keep("hub", idle.run)
        await until(lambda: idle.cursor.xid)
        assert await late.hears_on()


async def test_a_node_that_notes_beats_late_hears_anew_once_and_then_on(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    lin = await node.stage.hire("lin")
    await node.hears_on()
    monkeypatch.setattr(ears, "GATHERING_SECONDS_MAX", 0.0)
    await node.living.beat(lin)
    assert not await node.hears_on()
    assert await node.hears_on(), "nothing was slow since"


async def test_a_node_whose_own_pulse_is_late_hears_anew(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await node.hears_on()
    monkeypatch.setattr(health, "PULSE_SECONDS", -2.0)
    assert not await node.hears_on(), "so late as if it had been stopped for two seconds"


async def test_every_node_has_a_pulse_of_its_own(stage: Stage, node: Node) -> None:
    await Ears(stage.store, node.hub, node.living).pulse()
    assert await stage.value("select count(*) from pulse where starts_with(name, 'ears:')") == 2


async def test_a_node_says_for_how_long_nobody_has_been_paged_until_workers_are_back(node: Node) -> None:
    async with node.stage.store.connection() as connection:
        await health.beat(connection, health.WORKERS)
    await node.ears.pulse()
    assert node.ears.workers_silent_seconds is None
    for seconds, said in ((9, None), (11, 11), (75, 75)):
        await node.stage.value(
            "update pulse set at = now() - $2::interval where name = $1",
            health.WORKERS,
            timedelta(seconds=seconds),
        )
        await node.ears.pulse()
        assert node.ears.workers_silent_seconds == said
    async with node.stage.store.connection() as connection:
        await health.beat(connection, health.WORKERS)
    await node.ears.pulse()
    assert node.ears.workers_silent_seconds is None


async def test_the_limit_is_the_house_s_own_and_workers_that_never_ran_are_silent_too(
    stage: Stage, node: Node
) -> None:
    patient = Ears(stage.store, node.hub, node.living, workers_silent_seconds_max=60.0)
    strict = Ears(stage.store, node.hub, node.living, workers_silent_seconds_max=0.0)
    await strict.pulse()
    await patient.pulse()
    assert (strict.workers_silent_seconds, patient.workers_silent_seconds) == (0, None)
