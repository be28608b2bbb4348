"""What stops without a word is noticed: workers leave a pulse, and every board looks for it."""

from typing import cast

from hotline.store import health, live
from tests.stage import Stage


async def faults(stage: Stage) -> list[str]:
    async with stage.store.connection() as connection:
        days = await live.days(connection, [stage.centre.id])
    return cast("list[str]", days[f"health:{stage.centre.id}"].card["faults"])


async def test_a_board_says_when_nobody_dispatches(stage: Stage) -> None:
    await stage.hire("lin", ready=True)
    assert "workers_stopped" in await faults(stage)
    async with stage.store.connection() as connection:
        await health.beat(connection, health.WORKERS)
    assert "workers_stopped" not in await faults(stage)
    await stage.value("update pulse set at = now() - interval '11 seconds'")
    assert "workers_stopped" in await faults(stage)


async def test_a_board_says_when_nobody_is_ready_or_could_acknowledge(stage: Stage) -> None:
    wrong = {"nobody_on_duty", "nobody_to_acknowledge"}
    assert not wrong & set(await faults(stage)), "a centre that does not answer itself lacks nobody"
    await stage.hire("lin")
    assert {"nobody_on_duty", "nobody_to_acknowledge"} <= set(await faults(stage))


async def test_health_tells_how_long_the_workers_have_been_silent(stage: Stage) -> None:
    async with stage.store.connection() as connection:
        await health.beat(connection, health.WORKERS)
        found = await health.read(connection)
    assert found.workers_silent_seconds is not None
    assert found.workers_silent_seconds < health.PULSE_SECONDS_MAX
