"""Calls that bring in the clock, chance, unwatched tasks or mocks are found by ruff.

hotline/base is let off, because somebody has to read the clock.
"""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Final

import pytest

TOP: Final = Path(__file__).resolve().parents[2]

BANNED: Final = (
    "datetime.datetime.now(datetime.UTC)",
    "datetime.datetime.utcnow()",
    "datetime.date.today()",
    "time.time()",
    "asyncio.create_task(work())",
    "asyncio.ensure_future(work())",
    "uuid.uuid4()",
    "random.random()",
    "random.choice([1])",
    "random.shuffle([1])",
    "unittest.mock.Mock()",
    "from unittest.mock import Mock",
    "import httpx",
)
ALLOWED: Final = ("time.monotonic()", "random.Random(7)", "uuid.UUID(int=1)", "asyncio.sleep(0)")

IMPORTS: Final = "import asyncio, datetime, random, time, unittest.mock, uuid\n"


@cache
def banned_lines(filename: str) -> frozenset[str]:
    """The lines on which ruff objects when all of them stand in a file of this name."""
    lines = (*BANNED, *ALLOWED)
    ruff = "ruff check --no-cache --select=TID251 --output-format=json --stdin-filename"
    done = subprocess.run(
        [sys.executable, "-m", *ruff.split(), filename, "-"],
        cwd=TOP,
        input=IMPORTS + "\n".join(lines),
        capture_output=True,
        text=True,
        check=False,
    )
    rows = {finding["location"]["row"] for finding in json.loads(done.stdout)}
    return frozenset(line for row, line in enumerate(lines, start=2) if row in rows)


@pytest.mark.parametrize(
    "filename", ["hotline/domain/queue.py", "hotline/flow/offer.py", "tests/flow/test_offer.py"]
)
def test_a_banned_call_is_found_on_every_floor_and_in_tests(filename: str):
    assert banned_lines(filename) == frozenset(BANNED)


def test_base_may_read_the_clock_because_somebody_must():
    assert banned_lines("hotline/base/clock.py") == frozenset()
