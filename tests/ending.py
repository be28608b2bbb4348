"""A command that is told to end takes down what it has started: servers, processes, folders.

SIGTERM would end it at once, and a second Ctrl-C in the midst of taking things down; both would leave a
database server and its folder behind. So the first signal breaks the work off, and the others have to wait
for the end of that.
"""

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

import uvloop

Result = TypeVar("Result")
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TOLD: Final = 128
"""What a shell adds to the number of the signal that has ended a command."""


def run(
    work: Coroutine[Any, Any, Result],
    make: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop,
) -> Result:
    """Run `work` in an event loop of its own; broken off by the first signal, and waited for.

    Raises:
        SystemExit: a signal has ended it, and everything is taken down.
    """
    told: list[signal.Signals] = []

    async def until_told() -> Result:
        working = asyncio.current_task()
        assert working is not None

        def end(number: signal.Signals) -> None:
            if not told:
                told.append(number)
                sys.stderr.write(f"{number.name}: what was started is taken down …\n")
                sys.stderr.flush()
                working.cancel()

        for number in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, end, number)
        return await work

    with asyncio.Runner(loop_factory=make) as runner:
        try:
            return runner.run(until_told())
        except asyncio.CancelledError:
            if not told:
                raise
            raise SystemExit(TOLD + told[0]) from None
