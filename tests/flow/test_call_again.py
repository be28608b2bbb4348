"""Who was cut off and calls again has the old place, noticed or not."""

from tests.flow.calls import Call, a_number
from tests.stage import Stage


async def test_a_caller_who_was_cut_off_takes_back_the_old_join_time(stage: Stage):
    number = a_number()
    first = await Call.waits(stage, number)
    joined_at = (await first.contact()).joined_at
    stage.later(60)
    await first.ends()
    stage.later(29 * 60)
    again = await Call.waits(stage, number)
    assert (await again.contact()).joined_at == joined_at
    await again.ends()
    stage.later(31 * 60)
    late = await Call.waits(stage, number)
    assert (await late.contact()).joined_at == stage.now


async def test_who_calls_again_before_anybody_knows_of_the_cut_has_the_old_join_time_too(stage: Stage):
    number = a_number()
    cut_off = await Call.waits(stage, number)
    joined_at = (await cut_off.contact()).joined_at
    stage.later(30)
    stranger = await Call.waits(stage, a_number())
    again = await Call.waits(stage, number)
    assert (await again.contact()).joined_at == joined_at
    assert (await stranger.contact()).joined_at != joined_at
    assert (await cut_off.contact()).state == "waiting", "whether it is over is for the survey to say"
    for one in (cut_off, again, stranger):
        await one.ends()
