"""Processes that belong together: started in order, started again when one falls, stopped together.

Each has its own log file and its own process group, so that Ctrl-C in the terminal reaches their keeper
alone, which then stops them in the reverse order. A process that falls again at once is not tried for
ever: the keeper gives up and shows the end of its log.
"""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

STOP_SECONDS_MAX: Final = 12.0
QUICK_SECONDS: Final = 5.0
QUICK_FALLS_MAX: Final = 3
TAIL_LINES: Final = 12
LINE_CHARACTERS_MAX: Final = 400
OWN_SENTENCE: Final = "hotline: "
"""How a command of the house begins the one sentence that says what is wrong."""
_PR_SET_PDEATHSIG: Final = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class Fell(Exception):
    """A process cannot be kept up, and the sentence says why."""


@dataclass(slots=True, kw_only=True)
class Child:
    """One process: what it is called, how it is started, where it writes."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    process: asyncio.subprocess.Process | None = None
    is_stopping: bool = False
    quick_falls: int = field(default=0)
    log_start: int = 0

    async def start(self) -> asyncio.subprocess.Process:
        """Start it; what it says is added to its log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.log_start = log.tell()
            self.process = await asyncio.create_subprocess_exec(
                *self.command,
                env={**os.environ, **self.environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_keeper,
            )
        return self.process

    async def keep(self, say: Callable[[str], None]) -> None:
        """Start it, and again whenever it ends, until it is told to stop.

        Raises: Fell when it ends at once, several times.
        """
        clock = asyncio.get_running_loop().time
        while not self.is_stopping:
            begun = clock()
            process = await self.start()
            if self.is_stopping:  # told so while it was being started
                process.terminate()
            code = await process.wait()
            if self.is_stopping:
                return
            self.quick_falls = self.quick_falls + 1 if clock() - begun < QUICK_SECONDS else 0
            if self.quick_falls >= QUICK_FALLS_MAX:
                raise Fell(self._last_words(f"{self.name} does not stay up", code))
            say(f"{self._own_words(f'{self.name} ended', code)} It is started again.")
            await asyncio.sleep(0.2)

    async def run(self) -> None:
        """Start it once and wait for its end.

        Raises: Fell when it ends with an error.
        """
        code = await (await self.start()).wait()
        if code:
            raise Fell(self._last_words(f"{self.name} failed", code))

    async def stop(self) -> None:
        """Ask it to end, and end it if it does not."""
        self.is_stopping = True
        process = self.process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS_MAX):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def _last_words(self, what: str, code: int) -> str:
        """What happened, and why: the house's own sentence if it said one, else the end of its log."""
        lines = self.tail()
        if len(lines) == 1 and lines[0].startswith(OWN_SENTENCE):
            return self._own_words(what, code)
        shown = "\n".join(f"    {line[:LINE_CHARACTERS_MAX]}" for line in lines)
        return f"{what} ({_said(code)}). The end of {self.log}:\n{shown}"

    def _own_words(self, what: str, code: int) -> str:
        """What happened, with the house's own sentence if it said one; a library may speak after it."""
        own = [line for line in self.tail() if line.startswith(OWN_SENTENCE)]
        if own:
            return f"{what}: {own[-1].removeprefix(OWN_SENTENCE)}"
        return f"{what} ({_said(code)})."

    def tail(self) -> list[str]:
        """The last lines that it has written to its log since it was started."""
        if not self.log.is_file():
            return []
        with self.log.open("rb") as log:
            log.seek(self.log_start)
            return log.read().decode("utf-8", "replace").splitlines()[-TAIL_LINES:]


def _end_with_keeper() -> None:
    """Be ended by the kernel when the keeper is (Linux); elsewhere a killed keeper leaves orphans.

    Runs between fork and exec: one call into a library that is loaded already.
    """
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _said(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
