"""Every step of the house, tried where a person has judged a caller to be in danger: nothing takes that back.

The scenes are those of the drill *every-statement*, so a step that is new is tried here as well. Before each
of them every contact of the scene is high by a person's word. Afterwards no level has sunk, nobody has been
put out or back, no talk has been ended but by those who talk, and no escalation is over without an outcome.
"""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final
from uuid import UUID

import pytest
import pytest_asyncio

from hotline.base.errors import HotlineError
from hotline.policy.policies import Policies
from hotline.store.unit import Store
from tests import database, stage as stages
from tests.drills import slate
from tests.drills.every_statement import SCENES
from tests.drills.slate import Slate
from tests.stage import Stage

pytestmark = pytest.mark.timeout(600)

LEAVE: Final = {
    "intake.leave_chat": "the caller leaves",
    "intake.sweep_silent": "the caller's page has gone",
    "leg.leave": "the caller has hung up",
    "leg.end": "the caller has hung up",
    "leg.fail": "the telephone network has lost the caller",
    "leg.settle": "the telephone network says that the caller has gone",
    "session.close": "the record is complete, after the talk",
}
"""Steps after which a contact may be over, and why."""
PART: Final = {
    **LEAVE,
    "session.hang_up": "the counselor's own button",
    "session.interrupt": "the counselor is lost; the caller waits at the front",
    "session.sweep": "as session.interrupt",
}
"""Steps after which a talk may be over, and why."""
REFUSED_IN_DANGER: Final = frozenset({"abuse.end", "abuse.restrict"})
"""Steps that are refused because there is danger."""
ENDS: Final = ("closed", "abandoned", "diverted")

Rows = Mapping[UUID, Any]


@pytest_asyncio.fixture
async def eyes(database_url: str) -> AsyncGenerator[Slate]:
    """Scenes expect an empty house."""
    line = await database.connected(database_url)
    yield await slate.of(line)
    await line.close()


@pytest.mark.parametrize("step", sorted(SCENES))
async def test_no_step_lowers_a_level_puts_anybody_out_or_closes_without_an_outcome(
    store: Store, house_policies: Policies, eyes: Slate, step: str
):
    await eyes.clean()
    stage = await stages.found(store, house_policies)
    act = await SCENES[step].prepare(stage)
    await _judge_all(stage)
    before = await _contacts(stage)
    try:
        await act(stage)
    except HotlineError as refused:
        assert step in REFUSED_IN_DANGER, refused  # noqa: PT017  most are not refused
    after = await _contacts(stage)
    for contact_id, was in before.items():
        _require_unharmed(step, was, after[contact_id])
    await _require_outcomes(stage)


async def _judge_all(stage: Stage) -> None:
    await stage.value(
        """update contact set level = 'high', level_is_human = true
           where centre_id = $1 and level <> 'imminent'""",
        stage.centre.id,
    )


async def _contacts(stage: Stage) -> Rows:
    async with stage.store.connection() as connection:
        rows = await connection.fetch(
            """select id, state, level, subject_level, level_is_human, rank, joined_at from contact
               where centre_id = $1""",
            stage.centre.id,
        )
    return {row["id"]: row for row in rows}


ORDER: Final = ("none_found", "unknown", "low", "moderate", "high", "imminent")


def _require_unharmed(step: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    for level in ("level", "subject_level"):
        assert ORDER.index(now[level]) >= ORDER.index(was[level]), level
    assert now["level_is_human"] >= was["level_is_human"]
    if was["joined_at"] is not None:
        assert now["joined_at"] == was["joined_at"]
    if now["state"] in ENDS and was["state"] not in ENDS:
        assert step in LEAVE, "somebody was put out"
    if was["state"] == "talking" and now["state"] != "talking":
        assert step in PART, "a talk was ended"
    if was["state"] == now["state"] == "waiting":
        assert now["rank"] <= was["rank"], "somebody was put back"


async def _require_outcomes(stage: Stage) -> None:
    unsaid = await stage.value(
        """select count(*) from escalation where centre_id = $1 and closed_at is not null
           and (closed_by is null or closing is null or (state <> 'stood_down' and outcome is null))""",
        stage.centre.id,
    )
    assert unsaid == 0
