"""What cannot be meant is refused on the command line, with a sentence that says what to give."""

import asyncio
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable

import pytest

from hotline.base import given
from hotline.base.places import checkout
from hotline.practice import __main__ as practice, floor
from tests.load import __main__ as load
from tests.patience import PATIENCE_SECONDS


@pytest.mark.parametrize(
    ("kind", "text", "read"),
    [
        (given.count(), "1", 1),
        (given.count(least=0), "0", 0),
        (given.number(), "0", 0.0),
        (given.number(most=1), "1", 1.0),
        (given.above_zero, "0.01", 0.01),
        (given.several(given.count()), "300,1", [300, 1]),
    ],
)
def test_what_can_be_meant_is_read(kind: Callable[[str], object], text: str, read: object):
    assert kind(text) == read


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "-1", "", "many", "1e999"])
@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (given.count(), "a whole number, 1 or more"),
        (given.number(least=0.1), "a number, 0.1 or more"),
        (given.number(most=1), "a number, from 0 to 1"),
        (given.above_zero, "a number above 0"),
        (given.several(given.count()), "a whole number, 1 or more"),
    ],
)
def test_what_cannot_be_meant_is_refused(kind: Callable[[str], object], what: str, text: str):
    with pytest.raises(ArgumentTypeError) as refused:
        kind(text)
    assert str(refused.value) == f"{text!r} will not do; give {what}"


@pytest.mark.parametrize("kind", [given.count(), given.above_zero, given.number(least=0.1)])
def test_nothing_at_all_is_no_measure(kind: Callable[[str], object]):
    with pytest.raises(ArgumentTypeError):
        kind("0")


@pytest.mark.parametrize(
    ("command", "asked"),
    [
        (load.main, "floor --minutes 0"),
        (load.main, "floor --fill 0"),
        (load.main, "floor --turnover 0"),
        (load.main, "floor --sockets 3 --supervisors 5"),
        (load.main, "hour --seats 0"),
        (load.main, "hour --loss 2"),
        (floor.main, "--speed nan"),
        (floor.main, "--speed -1"),
        (practice.main, "--pace 0"),
    ],
)
def test_a_command_says_what_to_give_and_begins_nothing(
    command: Callable[[list[str]], object], asked: str, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as ended:
        command(asked.split())
    assert ended.value.code == 2
    assert "give" in capsys.readouterr().err


async def test_a_bench_without_rounds_is_none():
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench", "--rounds", "0", cwd=checkout(),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE_SECONDS):
        _, said = await process.communicate()
    assert process.returncode == 2
    assert "argument --rounds: '0' will not do; give a whole number, 1 or more" in said.decode()
