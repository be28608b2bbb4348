"""The statements whose meaning is concurrency: locks, claims, windows; one file each in `sql/`.

They are read once, and named where they are used. Each begins with a sentence of why.
"""

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "sql"


@cache
def statement(name: str) -> str:
    """The text of `sql/name.sql`, without its comments."""
    lines = (_FOLDER / f"{name}.sql").read_text().splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("--"))
