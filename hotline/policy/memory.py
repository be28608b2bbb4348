"""Which rulebooks have been found right on this machine, so that a start need not try every example again.

A rulebook carries a thousand examples, and trying them is most of a start. What they come out as depends on
the files and on the code that reads them, and on nothing else; so once all were right, an empty file named
by the hash of both says so. Whatever else happens to the folder costs time only: a name that is not there
means that the examples are tried.
"""

import hashlib
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

_HOUSE: Final = Path(__file__).resolve().parents[1]
_READERS: Final = ("policy", "domain/risk", "domain/background.py", "domain/level.py", "domain/queue.py")
"""The code whose change may change what an example comes out as."""


class Memory:
    """A folder of names; it need not exist, nor be writable."""

    def __init__(self, folder: Path) -> None:
        """Remember in `folder`."""
        self._folder = folder

    def knows(self, digest: str) -> bool:
        """Whether all examples of the rulebook with this hash have come out right under this code."""
        return (self._folder / _name(digest)).is_file()

    def keep(self, digest: str) -> None:
        """All of them have."""
        with suppress(OSError):  # a full or read-only disk costs a start's time, nothing else
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self._folder / _name(digest)).touch()


def _name(digest: str) -> str:
    return hashlib.sha256(f"{digest} {_code()}".encode()).hexdigest()


@cache
def _code() -> str:
    """The hash of the readers' own text."""
    told = hashlib.sha256()
    for place in _READERS:
        path = _HOUSE / place
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            told.update(file.read_bytes())
    return told.hexdigest()
