"""Processes that belong together: started again when they fall, given up when they cannot stand."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import psutil
import pytest

from hotline.base.tasks import Crew
from hotline.practice.children import QUICK_FALLS_MAX, Child, Fell
from hotline.practice.floor import KEEP_DATABASE
from hotline.store import embedded
from tests import database
from tests.patience import PATIENCE_SECONDS


def child(folder: Path, program: str) -> Child:
    return Child(
        name="it",
        command=(sys.executable, "-c", program),
        environment={"GREETING": "hello from the child"},
        log=folder / "log" / "it.log",
    )


async def until_up(kept: Child, besides: int | None = None) -> int:
    """Wait for a living process other than `besides`; its pid."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (  # noqa: ASYNC110  a process that is started tells nobody
            kept.process is None or kept.process.pid == besides or kept.process.returncode is not None
        ):
            await asyncio.sleep(0.01)
    return kept.process.pid


async def test_a_process_that_is_killed_is_started_again_and_ends_when_told(tmp_path: Path):
    said: list[str] = []
    kept = child(tmp_path, "import time; time.sleep(60)")
    async with Crew() as crew:
        crew.once("it", kept.keep(said.append))
        pid = await until_up(kept)
        assert kept.process is not None
        kept.process.send_signal(signal.SIGKILL)
        assert await until_up(kept, besides=pid) != pid
        await kept.stop()
    assert kept.process.returncode == -signal.SIGTERM
    assert said == ["it ended (signal 9). It is started again."]


async def test_a_process_that_cannot_stand_is_given_up_with_the_end_of_its_log(tmp_path: Path):
    said: list[str] = []
    kept = child(tmp_path, "import os, sys; print(os.environ['GREETING']); sys.exit(3)")
    with pytest.raises(Fell, match="does not stay up \\(exit code 3\\)") as fallen:
        await kept.keep(said.append)
    assert "hello from the child" in str(fallen.value)
    assert len(said) == QUICK_FALLS_MAX - 1


async def test_a_step_that_fails_says_what_it_said(tmp_path: Path):
    with pytest.raises(Fell, match="it failed"):
        await child(tmp_path, "raise SystemExit('no such thing')").run()
    await child(tmp_path, "pass").run()


async def test_a_process_that_says_why_it_fails_is_quoted_without_what_was_said_before(tmp_path: Path):
    log = tmp_path / "log" / "it.log"
    log.parent.mkdir()
    log.write_text("hotline: something of yesterday\n", "utf-8")
    with pytest.raises(Fell) as fell:
        await child(tmp_path, "import sys; sys.exit('hotline: The database does not answer.')").run()
    assert str(fell.value) == "it failed: The database does not answer."


async def test_a_process_that_says_more_is_shown_by_the_end_of_its_log(tmp_path: Path):
    with pytest.raises(Fell, match=r"it failed \(exit code 1\)\. The end of .*it\.log:\n") as fell:
        await child(tmp_path, "raise ValueError('no')").run()
    assert "ValueError: no" in str(fell.value)


@pytest.mark.timeout(120)
async def test_an_embedded_server_that_dies_is_said_loudly_started_again_and_has_what_was_stored():
    said: list[str] = []
    with tempfile.TemporaryDirectory(prefix="k-") as home:
        folder = Path(home) / "pg"
        command = (sys.executable, "-c", KEEP_DATABASE, str(folder))
        url = await asyncio.to_thread(embedded.start, folder)
        try:
            await stored(url, "create table words as select 'kept' as said")
            await asyncio.to_thread(embedded.stop, folder)
            kept = Child(name="database", command=command, environment={}, log=Path(home) / "it.log")
            async with asyncio.timeout(90), Crew() as crew:
                crew.once("database", kept.keep(said.append))
                first = await until_up(kept)
                await until_said(kept, embedded.UP)
                await until_stored(url)
                await asyncio.to_thread(embedded.stop, folder)
                second = await until_up(kept, besides=first)
                await until_said(kept, embedded.UP)
                await until_stored(url)
                os.kill(int((folder / "postmaster.pid").read_text().partition("\n")[0]), signal.SIGKILL)
                await until_up(kept, besides=second)
                await until_stored(url)
                await kept.stop()
        finally:
            await asyncio.to_thread(embedded.stop, folder)
    assert len(said) == 2  # once for each death
    for words in said:
        assert "database ended: THE DATABASE SERVER HAS DIED; what was stored stays stored." in words
        assert words.endswith("It is started again.")


@pytest.mark.parametrize("is_buried", [True, False], ids=["buried late", "never buried"])
async def test_a_server_is_started_where_a_dead_one_is_still_a_zombie(tmp_path: Path, is_buried: bool):
    with tempfile.TemporaryDirectory(prefix="k-") as home:
        folder = Path(home) / "pg"
        url = await asyncio.to_thread(embedded.start, folder)
        await asyncio.to_thread(embedded.stop, folder)
        again = child(
            tmp_path,
            "from pathlib import Path; from hotline.store import embedded; "
            f"embedded.BURY_SECONDS_MAX = {PATIENCE_SECONDS if is_buried else 0.5}; "
            f"embedded.start(Path('{folder}'))",
        )
        with zombie() as dead:
            name = f"{dead.pid}\n{folder}\n0\n5432\n{folder}\n\n 0 0\nready\n"
            (folder / "postmaster.pid").write_text(name)
            starting = await again.start()
            if is_buried:
                await asyncio.sleep(1)
                dead.wait()
            assert await starting.wait() == 0
        connection = await database.connected(url)
        assert await connection.fetchval("select 1") == 1
        await connection.close()
        await asyncio.to_thread(embedded.stop, folder)


async def test_an_embedded_server_that_cannot_come_up_is_said_with_where_its_log_is(tmp_path: Path):
    with tempfile.TemporaryDirectory(prefix="k-") as home:
        folder = Path(home) / "pg"
        await asyncio.to_thread(embedded.start, folder)
        await asyncio.to_thread(embedded.stop, folder)
        (folder / "postgresql.conf").write_text("port = 'no number'\n")
        kept = Child(
            name="database",
            command=(sys.executable, "-c", KEEP_DATABASE, str(folder)),
            environment={},
            log=tmp_path / "it.log",
        )
        with pytest.raises(Fell):
            await kept.run()
        own = [line for line in kept.tail() if line.startswith("hotline: ")]
    assert len(own) == 1
    assert own[0].startswith("hotline: THE DATABASE SERVER DID NOT COME UP: PostgreSQL ended")
    assert own[0].endswith(f"Its log: {folder / 'log'}.")


async def test_a_wheel_that_waits_for_ever_for_a_server_that_has_died_is_given_up(tmp_path: Path):
    program = (
        "import time; from pathlib import Path; from hotline.store import embedded; "
        "embedded.START_SECONDS_MAX = 1; embedded.start = lambda folder: time.sleep(600); "
        "embedded.keep(Path('nowhere'))"
    )
    with pytest.raises(Fell, match="THE DATABASE SERVER DID NOT COME UP: It was not ready within 1 s"):
        await child(tmp_path, program).run()


@contextmanager
def zombie() -> Generator[subprocess.Popen[bytes]]:
    """A process that has ended, and whose parent has not yet asked after it."""
    process = subprocess.Popen(["true"])
    while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    try:
        yield process
    finally:
        process.wait()


async def until_said(kept: Child, words: str) -> None:
    """Wait until a process has written these words as a line."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while words not in kept.tail():  # noqa: ASYNC110  a log that grows tells nobody
            await asyncio.sleep(0.05)


async def until_stored(url: str) -> None:
    """Wait for the server, and find there what was stored."""
    while not (words := await stored(url, "select said from words")):  # noqa: ASYNC110  nobody tells
        await asyncio.sleep(0.1)
    assert words == ["kept"]


async def stored(url: str, statement: str) -> list[str]:
    """What a statement gives; nothing while nobody answers."""
    try:
        connection = await database.connected(url)
    except (OSError, asyncpg.PostgresError):
        return []
    try:
        return [row["said"] for row in await connection.fetch(statement)]
    finally:
        await connection.close()
