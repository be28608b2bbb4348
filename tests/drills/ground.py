"""Where a drill takes place: a seed, a folder of its own, and the rows of what was seen.

A drill is a module of this folder with two sizes of its own kind, `FAST` for the tests and `LONG` for
`scripts/drill`, and one function that both forms run:

    async def drill(ground: Ground, size: Size) -> None

It says what it sees with `ground.shows`; whatever it raises is a bad row more, and what was seen before
that stays on the table. The first sentence of the module says what the drill is for.
"""

import asyncio
import random
import shutil
import sys
import tempfile
import traceback
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Literal

from hotline.base import places
from tests.drills.verdict import Row, Verdict

Form = Literal["fast", "long"]
SEED: Final = 12356
HERE: Final = Path(__file__).parent
TRACE_LINES: Final = 12
"""How much of an error is shown; all of it is kept, with the logs of the processes."""


@dataclass(slots=True)
class Ground:
    """What one run of a drill stands on; `home` is a scratch folder that is removed at the end."""

    seed: int
    home: Path
    rows: list[Row] = field(default_factory=list[Row])

    @property
    def chance(self) -> random.Random:
        """Dice from the beginning of the seed's row; ask once and keep them."""
        return random.Random(self.seed)

    def shows(self, label: str, value: object, *, is_good: bool = True) -> None:
        """Put what was seen on the table; without `is_good` it is a figure, not a judgement."""
        self.rows.append(Row(label=label, value=str(value), is_good=is_good))

    def wants(self, label: str, seen: object, wanted: object) -> None:
        """Put what was seen on the table, beside what it should be if it is something else."""
        is_good = seen == wanted
        self.shows(label, seen if is_good else f"{seen}, wanted {wanted}", is_good=is_good)

    def say(self, line: str) -> None:
        """Tell whoever watches how far it has come."""
        sys.stderr.write(f"    {line}\n")
        sys.stderr.flush()


def names() -> list[str]:
    """The drills there are, as they are called on the command line."""
    found = (path for path in HERE.glob("*.py") if "\nasync def drill(" in path.read_text())
    return sorted(path.stem.replace("_", "-") for path in found)


def module_of(name: str) -> ModuleType:
    """The module of a drill."""
    return import_module(f"tests.drills.{name.replace('-', '_')}")


def purpose_of(name: str) -> str:
    """What a drill is for, in a sentence."""
    return " ".join((module_of(name).__doc__ or "").partition("\n\n")[0].split())


def kept() -> Path:
    """Where tables are kept, and what is left of drills that did not come to their end."""
    folder = places.home() / "drills"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _kept(name: str, home: Path, told: list[str]) -> Path:
    """The folder with the whole error and the logs of the processes, and nothing of the last time."""
    folder = kept() / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "trouble").write_text("\n".join(told) + "\n", "utf-8")
    for log in home.glob("*.log"):
        shutil.copy(log, folder)
    return folder


async def run(name: str, form: Form, seed: int = SEED) -> Verdict:
    """Run a drill; it always comes to a verdict."""
    module: Any = module_of(name)
    size = module.FAST if form == "fast" else module.LONG
    home = Path(tempfile.mkdtemp(prefix="drill-"))
    ground = Ground(seed=seed, home=home)
    began = asyncio.get_running_loop().time()
    try:
        await module.drill(ground, size)
    except Exception as error:  # noqa: BLE001  a drill that fails is a verdict, with what was seen so far
        told = "".join(traceback.format_exception(error)).splitlines()
        ground.say("\n    ".join(told[-TRACE_LINES:]))
        ground.say(f"the whole of it, and the logs: {await asyncio.to_thread(_kept, name, home, told)}")
        first = (str(error).splitlines() or [""])[0]
        ground.shows("came to its end", f"{type(error).__name__}: {first}", is_good=False)
    finally:
        await asyncio.to_thread(shutil.rmtree, home, ignore_errors=True)
    seconds = asyncio.get_running_loop().time() - began
    return Verdict(name=name, seed=seed, seconds=seconds, rows=tuple(ground.rows))
