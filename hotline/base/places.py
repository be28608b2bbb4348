"""Where things lie on disk: configuration, migrations, the built console, and what the service keeps.

`config/` and `migrations/` stand at the top of the tree, where operators look for them; a wheel carries
copies under `hotline/_share/`. A checkout always wins over the copy, so what a developer edits is what
runs. Two environment variables override:

- `HOTLINE_CONFIG`: the folder that holds `hotline.toml` and its neighbours;
- `HOTLINE_HOME`: the folder for everything that must survive a restart (embedded database, keys). It is
  readable by its owner only. Without it: `var/` of a checkout, else the user's state folder (XDG).
"""

import os
from pathlib import Path
from typing import Final

import hotline
from hotline.base.errors import Broken

_PACKAGE: Final = Path(hotline.__file__).resolve().parent
_SHARE: Final = _PACKAGE / "_share"

_HOME_MODE: Final = 0o700


def checkout() -> Path | None:
    """The top of the source tree, or None when running from an installed wheel."""
    top = _PACKAGE.parent
    return top if (top / "pyproject.toml").is_file() else None


def config_dir() -> Path:
    """The folder with `hotline.toml`, `queues.toml`, `phrases/` and the rest.

    Raises:
        Broken: `HOTLINE_CONFIG` names no folder, or the wheel was built without its copy.
    """
    override = os.environ.get("HOTLINE_CONFIG")
    if override:
        return _existing(Path(override).expanduser().resolve(), "HOTLINE_CONFIG")
    return _existing(_shipped("config"), "config")


def migrations_dir() -> Path:
    """The folder with Alembic's `env.py` and `versions/`.

    Raises:
        Broken: the wheel was built without its copy.
    """
    return _existing(_shipped("migrations"), "migrations")


def console_dist() -> Path | None:
    """The built console, or None when it has not been built (the API works without it)."""
    dist = _PACKAGE / "console" / "dist"
    return dist if (dist / "index.html").is_file() else None


def home() -> Path:
    """The folder for what must survive a restart; made on first use, readable by its owner only."""
    override = os.environ.get("HOTLINE_HOME")
    folder = Path(override).expanduser().resolve() if override else _default_home()
    folder.mkdir(mode=_HOME_MODE, parents=True, exist_ok=True)
    return folder


def cache() -> Path:
    """The folder for what saves time and may be lost at any moment; the user's own (XDG), not made here."""
    given = os.environ.get("XDG_CACHE_HOME")
    return (Path(given) if given else Path.home() / ".cache") / "hotline"


def _default_home() -> Path:
    top = checkout()
    if top is not None:
        return top / "var"
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "hotline"


def _shipped(name: str) -> Path:
    top = checkout()
    return _SHARE / name if top is None else top / name


def _existing(folder: Path, what: str) -> Path:
    if not folder.is_dir():
        raise Broken("places.absent", f"There is no folder {folder} ({what}).")
    return folder
