"""A house to be loaded: the processes of a real one, its seconds compressed, its people hired and signed
in.

Compression divides every time in which people wait, ring or write by one number; the times of machines
(heartbeats, lost devices, bringing two legs together) stay real, because computers do not hurry along.
Whoever shall sign in by the hundred is given a sign-in directly: a password costs a third of a second of
CPU, and is measured elsewhere.
"""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from pathlib import Path
from typing import Final
from uuid import UUID

from hotline.base import clock, ids
from hotline.base.places import config_dir
from hotline.base.sensitive import Sensitive
from hotline.domain.staff import Role
from hotline.flow import sign_in as steps
from hotline.store import sign_in as store_sign_in
from hotline.web.auth import COOKIE
from tests.journeys.drills import DrillHouse
from tests.stage import Stage

LEAST: Final[Mapping[str, int]] = {
    "ageing_seconds": 30,
    "offer_seconds": 3,
    "relax_after_seconds": 10,
    "return_within_seconds": 60,
    "declined_again_seconds": 5,
    "caller_silent_seconds": 30,
    "short_abandon_seconds": 1,
    "wrap_up_seconds_min": 1,
}
"""The times of people, and how short they may become: a whole number of seconds, and room for one beat."""
SAMPLER: Final = Path(__file__).parent / "sampler"
SHIFT: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """How much faster than real the model's time passes, and how much shorter the work is."""

    compress: float
    handle_scale: float

    def real(self, seconds: float) -> float:
        """Seconds of the model in seconds of this machine."""
        return seconds / self.compress

    def of_model(self, seconds: float) -> float:
        """Seconds of this machine in seconds of the model."""
        return seconds * self.compress


@dataclass
class LoadHouse(DrillHouse):
    """Processes under load; with `samples` each of them writes down where its time goes."""

    samples: bool = False

    def _environment(self) -> dict[str, str]:
        kept = super()._environment()
        if self.samples:
            kept |= {"PYTHONPATH": str(SAMPLER), "LOAD_SAMPLES": str(self.profile)}
        return kept

    @property
    def profile(self) -> Path:
        """Once this file is there, the processes sample themselves."""
        return self.home / "profile"

    @property
    def pids(self) -> dict[str, int]:
        """The process id of each."""
        return {name: process.pid for name, process in self.running.items()}


def compressed(folder: Path, tempo: Tempo) -> dict[str, int]:
    """Write the house's configuration with the times of people compressed; what they became."""
    shutil.copytree(config_dir(), folder)
    queues = folder / "queues.toml"
    text = queues.read_text()
    became: dict[str, int] = {}
    for name, least in LEAST.items():
        given = re.search(rf"^{name} = (\d+)", text, re.MULTILINE)
        assert given is not None, name
        scale = tempo.handle_scale if name == "wrap_up_seconds_min" else 1.0
        became[name] = max(least, ceil(tempo.real(int(given[1]) * scale)))
        text = text.replace(given[0], f"{name} = {became[name]}")
    queues.write_text(text)
    return became


@dataclass(frozen=True, slots=True, kw_only=True)
class Hired:
    """Somebody with a browser that is signed in already."""

    staff_id: UUID
    cookie: str
    roles: frozenset[Role] = field(default_factory=frozenset)


async def hire(stage: Stage, name: str, *roles: Role) -> Hired:
    """Somebody new, signed in, not ready."""
    stage.now = clock.now()
    telephone = Sensitive(f"+8617{ids.new_id().int % 10**9:09d}") if roles else None
    staff_id = await stage.hire(name, *roles, chat_capacity=1, telephone=telephone)
    await stage.sign_in(staff_id)
    token = Sensitive(ids.new_secret())
    async with stage.store.connection() as connection:
        until = stage.now + SHIFT
        await store_sign_in.add(connection, steps.token_hash(token), staff_id, stage.now, until)
    return Hired(
        staff_id=staff_id, cookie=f"{COOKIE}={token.reveal()}", roles=frozenset(roles or {Role.COUNSELOR})
    )
