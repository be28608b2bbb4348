"""Loops that must keep going: started together, restarted when they stumble, stopped together.

A `Crew` is the only owner of background tasks. A loop that raises is logged and started again
after a pause that grows to `PAUSE_SECONDS_MAX`; a loop that returns is finished. Closing the crew
cancels every loop and waits for it. Nothing is ever fired and forgotten. A neighbour that is away is
told of as an outage, everything else with its traceback.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import Any, Self

from hotline.base import log
from hotline.base.outage import Outage, cause_of, is_expected

PAUSE_SECONDS_MIN = 0.1
PAUSE_SECONDS_MAX = 5.0
STEADY_SECONDS = 30.0
"""A loop that has gone on for so long has its neighbours back: no question to them takes longer to fail."""
CANCEL_AGAIN_SECONDS = 1.0

_log = log.get("tasks")


class Crew:
    """An asynchronous context that owns named background loops."""

    def __init__(self) -> None:
        """Start empty; loops are added inside the context."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Enter with nothing running yet."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Cancel every loop and wait until each has let go."""
        await self.stop()

    async def stop(self) -> None:
        """Cancel every loop and wait until each has let go; safe to call twice.

        A library may take a cancellation for its own time-out, and the loop then goes on: it is told again.
        """
        tasks = set(self._tasks)
        self._tasks.clear()
        while tasks:
            for task in tasks:
                task.cancel()
            _, tasks = await asyncio.wait(tasks, timeout=CANCEL_AGAIN_SECONDS)

    def keep(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        """Run `loop` until it returns; when it raises, log that and run it again after a pause."""
        self._add(name, _kept(name, loop))

    def once(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` one time; an error is logged, not raised. A crew that ends first never begins it."""
        task = self._add(name, _once(name, work))
        task.add_done_callback(lambda _: work.close())

    def _add(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _kept(name: str, loop: Callable[[], Awaitable[None]]) -> None:
    event_loop = asyncio.get_running_loop()
    pause_seconds, outage = PAUSE_SECONDS_MIN, Outage(_log.bind(loop=name))
    while True:
        started = event_loop.time()
        steady = event_loop.call_later(STEADY_SECONDS, outage.over)
        try:
            await loop()
        except Exception as error:  # a loop must outlive any single failure
            _tell(error, outage, name)
        else:
            outage.over()
            return
        finally:
            steady.cancel()
        if event_loop.time() - started > PAUSE_SECONDS_MAX:
            pause_seconds = PAUSE_SECONDS_MIN
        await asyncio.sleep(pause_seconds)
        pause_seconds = min(pause_seconds * 2, PAUSE_SECONDS_MAX)


def _tell(error: Exception, outage: Outage, name: str) -> None:
    if is_expected(error):
        outage.met(error, asyncio.get_running_loop().time())
    else:
        _log.error("loop stumbled", loop=name, exc_info=error)


async def _once(name: str, work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception as error:  # the owner of the work has moved on; the log is where it ends
        if is_expected(error):
            _log.error("out of reach", task=name, cause=cause_of(error))
        else:
            _log.exception("task failed", task=name)
