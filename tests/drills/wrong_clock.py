"""`python -m tests.drills.wrong_clock FILE serve`: the house's program on a machine whose clock is wrong.

The file holds the seconds by which the machine's wall clock is ahead; whoever writes another number into it
moves the clock at that moment. Everything in the process that asks the machine for the time of day is told
the wrong one; what counts seconds since some moment goes on as before, as on a real machine.
"""

import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Self, cast


def ahead_seconds(file: Path) -> float:
    """By how much the clock is ahead at this moment."""
    return float(file.read_text() or 0)


def main(file: Path, arguments: list[str]) -> None:
    """Put the wrong clock on the wall, then start the program."""
    right: Callable[[], int] = time.time_ns  # noqa: TID251

    def wrong_ns() -> int:
        return right() + int(ahead_seconds(file) * 1e9)

    class Wrong(datetime):
        """The time of day on this machine."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            right = datetime.now(tz)  # noqa: TID251
            return cast("Self", right + timedelta(seconds=ahead_seconds(file)))

    time.time_ns = wrong_ns  # noqa: TID251
    time.time = lambda: wrong_ns() / 1e9  # noqa: TID251

    from hotline import cli  # noqa: PLC0415  only now, so that it finds the wrong clock
    from hotline.base import clock  # noqa: PLC0415

    cast("Any", clock).datetime = Wrong
    sys.argv = ["hotline", *arguments]
    cli.main()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
