"""The auditor: states that may not stand together are found, each by its name."""

from hotline.workers import auditor
from tests.stage import Stage

IS_HELD = "update contact set state = $2, counselor_id = $3, chat_slot = null where id = $1"


async def spoil(stage: Stage, statement: str, *arguments: object) -> None:
    """What no step does, done by hand."""
    async with stage.store.connection() as connection:
        await connection.execute(statement, *arguments)


async def test_what_may_not_stand_together_is_named_and_counted(stage: Stage):
    await stage.hire("lin", ready=True)
    offered = await stage.chat()
    assert offered.id in await stage.dispatch()
    assert await auditor.once(stage.store) == {}
    await spoil(stage, IS_HELD, offered.id, "closed", None)
    for state in ("offered", "connecting", "talking", "wrapping"):
        await spoil(stage, IS_HELD, (await stage.chat()).id, state, await stage.hire(state))
    unplaced, grave = await stage.chat(), await stage.chat()
    await spoil(stage, "update contact set joined_at = null where id = $1", unplaced.id)
    await spoil(stage, "update contact set level = 'imminent' where id = $1", grave.id)
    assert await auditor.once(stage.store) == {
        "offered_iff_one_pending_offer": 1,
        "connecting_iff_one_connecting_session": 1,
        "talking_iff_one_open_session": 1,
        "wrapping_iff_one_wrapping_session": 1,
        "queued_has_join_time": 1,
        "imminent_has_escalation": 1,
        "over_means_no_offer": 1,
    }
