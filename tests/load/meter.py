"""What a run costs: CPU and memory of every process, the database's in one sum, and what others took.

CPU is in seconds of one core, so two busy cores make two per second. Memory is the resident set; its slope
over the run says whether something is kept that should not be.
"""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil

EVERY_SECONDS: Final = 2.0
DATABASE: Final = "postgres"
DRIVER: Final = "driver"
MIB: Final = 2**20


@dataclass(slots=True)
class Meter:
    """Looks at processes by name every few seconds; `database` is the id of the postmaster, if it is ours
    alone.
    """

    pids: Mapping[str, int]
    database: int | None
    begun: dict[str, float] = field(default_factory=dict[str, float])
    seconds: float = 0.0
    memory: dict[str, list[tuple[float, float]]] = field(default_factory=dict[str, list[tuple[float, float]]])
    _since: float = 0.0
    _machine: float = 0.0
    _ended: dict[str, float] = field(default_factory=dict[str, float])
    _machine_ended: float = 0.0

    def begin(self) -> None:
        """Count from now on."""
        self._since = asyncio.get_running_loop().time()
        self.begun, self._machine = self._cpu(), _busy()
        self.memory = {name: [] for name in (*self.pids, DRIVER)}

    async def watch(self) -> None:
        """Look at the memory again and again."""
        while True:
            self.look()
            await asyncio.sleep(EVERY_SECONDS)

    def look(self) -> None:
        """Look once."""
        at = asyncio.get_running_loop().time() - self._since
        for name, pid in (*self.pids.items(), (DRIVER, os.getpid())):
            self.memory[name].append((at, psutil.Process(pid).memory_info().rss / MIB))

    def end(self) -> None:
        """Count no further."""
        self.seconds = asyncio.get_running_loop().time() - self._since
        self._ended, self._machine_ended = self._cpu(), _busy()

    def shown(self) -> dict[str, Any]:
        """Cores used by each, cores used by others, memory at the begin and the end and its slope per
        minute.
        """
        cores = {name: (self._ended[name] - self.begun[name]) / self.seconds for name in self.begun}
        foreign = (self._machine_ended - self._machine) / self.seconds - sum(cores.values())
        return {
            "seconds": round(self.seconds, 1),
            "cores": {name: round(used, 3) for name, used in (*cores.items(), ("others", foreign))},
            "memory_mib": {
                name: {
                    "first": round(seen[0][1], 1),
                    "last": round(seen[-1][1], 1),
                    "per_minute": round(60 * slope(seen[len(seen) // 2 :]), 2),
                }
                for name, seen in self.memory.items()
                if seen
            },
        }

    def _cpu(self) -> dict[str, float]:
        used = {name: _own(psutil.Process(pid)) for name, pid in self.pids.items()}
        if self.database is not None:
            used[DATABASE] = _with_children(self.database)
        used[DRIVER] = _own(psutil.Process(os.getpid()))
        return used


def slope(seen: list[tuple[float, float]]) -> float:
    """Of the straight line through these points, per second; the second half of a run is given to it."""
    if len(seen) < 3:
        return 0.0
    mean_at = sum(at for at, _ in seen) / len(seen)
    mean = sum(value for _, value in seen) / len(seen)
    spread = sum((at - mean_at) ** 2 for at, _ in seen)
    return sum((at - mean_at) * (value - mean) for at, value in seen) / spread


def postmaster(folder: Path) -> int:
    """The process id of the server whose data lie here."""
    return int((folder / "postmaster.pid").read_text().split()[0])


def _with_children(pid: int) -> float:
    """A process with those that it has started, also those that have ended."""
    process = psutil.Process(pid)
    gone = process.cpu_times()
    running = sum(_own(child) for child in process.children())
    return _own(process) + float(gone.children_user + gone.children_system) + running


def _own(process: psutil.Process) -> float:
    try:
        used = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(used.user + used.system)


def _busy() -> float:
    """CPU seconds of the whole machine that were not idle: user, nice, system, interrupts."""
    user, nice, system, _idle, _waiting, hard, soft, *_ = Path("/proc/stat").read_text().split()[1:10]
    return sum(int(each) for each in (user, nice, system, hard, soft)) / os.sysconf("SC_CLK_TCK")
