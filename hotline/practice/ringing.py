"""A phone that rings because the exchange calls it, until somebody takes it or does not."""

import asyncio

from hotline.practice.book import Call
from hotline.practice.desk import Desk
from hotline.practice.speech import HungUp

RING_SECONDS = 60.0


async def ring(desk: Desk, call: Call, seconds: float | None = None) -> None:
    """Ring until the phone is taken; `seconds` is the telephone world's time, None means without limit.

    Raises: HungUp with the status that the call ends with when nobody takes it.
    """
    desk.progress(call, "ringing", event="initiated")
    call.decision = asyncio.get_running_loop().create_future()
    desk.hear(call, "ringing", f"ringing: call from {call.frm}")
    desk.progress(call, "ringing", event="ringing")
    limit = None if seconds is None else seconds * desk.config.pace
    try:
        decided = await asyncio.wait_for(call.decision, limit)
    except TimeoutError:
        raise HungUp("no-answer") from None
    finally:
        call.decision = None
    if decided != "answer":
        raise HungUp(decided)
    desk.answer(call)
