"""The keeper: one sweep that cannot look keeps none of the others from looking."""

import pytest
from structlog.testing import capture_logs

from hotline.base.errors import Broken
from hotline.workers import keeper
from tests.stage import Stage


async def test_a_sweep_that_cannot_look_keeps_no_other_from_looking(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    looked = list[str]()

    async def broken(*_: object) -> int:
        raise RuntimeError("no such column")

    async def sound(*_: object) -> int:
        looked.append("sound")
        return 0

    monkeypatch.setattr(keeper, "SOON", (broken, sound))
    monkeypatch.setattr(keeper, "SLOW", ())
    with capture_logs(), pytest.raises(Broken) as failed:
        await keeper.once(stage.store, stage.policies, 10)
    assert (failed.value.code, looked) == ("keeper.sweep", ["sound"])
