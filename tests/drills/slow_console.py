"""Consoles that sleep, wake, or take nothing: nobody else notices, and no caller waits for them.

The scenes are journeys (`tests/journeys/test_console_sleeps.py`); here they are played over and over in a
process of their own and each told by its sentence. Time is compressed there: whoever is silent for two
seconds is offline, and what is sent to a page that takes nothing in a minute is more than in an hour's sleep.
"""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from hotline.base.places import checkout
from tests.drills.ground import Ground

SCENES = "tests/journeys/test_console_sleeps.py"
PLAYED_SECONDS_MAX = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How often every scene is played."""

    rounds: int


FAST = Size(rounds=1)
LONG = Size(rounds=3)


async def drill(ground: Ground, size: Size) -> None:
    """Every scene, again and again."""
    for nth in range(size.rounds):
        file = ground.home / f"round-{nth}.xml"
        with (ground.home / "said").open("ab") as said:
            playing = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={file}", SCENES,
                cwd=checkout(), stdout=said, stderr=said,
            )  # fmt: skip
            async with asyncio.timeout(PLAYED_SECONDS_MAX):
                await playing.wait()
        for name, is_good in _scenes(file):
            ground.shows(name, f"round {nth + 1}", is_good=is_good)


def _scenes(file: Path) -> list[tuple[str, bool]]:
    cases = ElementTree.parse(file).getroot().iter("testcase")  # noqa: S314  written by our own pytest a moment ago
    return [(_sentence(case.get("name", "")), len(case) == 0) for case in cases]


def _sentence(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ")
