"""A load run that is told to end leaves nothing behind: no server, no process, no folder."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import psutil
import pytest

from hotline.base.places import checkout
from tests.ending import TOLD
from tests.patience import PATIENCE_SECONDS

pytestmark = [pytest.mark.drill, pytest.mark.timeout(180)]
SMALL = "floor --contacts 2 --sockets 6 --supervisors 1 --minutes 1 --messages 1 --turnover 0.1"


@pytest.fixture
def folder() -> Generator[Path]:
    """Where the run puts its folders: a short path, because the server's socket lies there."""
    with tempfile.TemporaryDirectory(prefix="e-", ignore_cleanup_errors=True) as name:
        yield Path(name).resolve()
        for left in of(Path(name).resolve()):
            left.kill()


def of(folder: Path) -> list[psutil.Process]:
    """The processes that have to do with a folder, by their command line or their environment."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            about = [*process.cmdline(), *process.environ().values()]
        except psutil.Error:
            continue
        if process.pid != os.getpid() and any(str(folder) in each for each in about):
            found.append(process)
    return found


def seen(folder: Path, pattern: str) -> list[Path]:
    """What is there of it."""
    return list(folder.glob(pattern))


@pytest.mark.parametrize(
    ("number", "moment"),
    [
        (signal.SIGTERM, "tmp/hotline-*"),
        (signal.SIGINT, "tmp/hotline-*/pg/postmaster.pid"),
        (signal.SIGTERM, "tmp/load-*/serve.log"),
    ],
)
async def test_a_run_that_is_told_to_end_takes_everything_down(
    folder: Path, number: signal.Signals, moment: str
):
    (folder / "tmp").mkdir(mode=0o755)
    told = {"TMPDIR": str(folder / "tmp"), "HOTLINE_HOME": str(folder / "home")}
    told["HOTLINE_TEST_HOME"] = str(folder / "tests")
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.load", *SMALL.split(), cwd=checkout(), env=os.environ | told,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not seen(folder, moment):  # noqa: ASYNC110  another process makes it, and tells nobody
            await asyncio.sleep(0.02)
        running.send_signal(number)
        running.send_signal(number)  # impatience changes nothing
        assert await running.wait() == TOLD + number
    assert not seen(folder, "tmp/hotline-*")
    assert not seen(folder, "tmp/load-*")
    assert of(folder) == []
