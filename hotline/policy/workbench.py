"""Where rulebooks are tried: in a process of their own, for a bounded time, a few at once.

Nobody who serves a caller waits for a rulebook to be compiled, and none of them can be brought down by one.
"""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from hotline.base.errors import Broken, Refused, TooMany
from hotline.domain.replay import Compared, Said
from hotline.domain.risk.assess import Explanation, Facts
from hotline.policy import trial
from hotline.policy.comparison import Difference
from hotline.policy.rulebook import RulebookError
from hotline.policy.ruletext import Files
from hotline.policy.settings import Rulebook as Limits
from hotline.policy.trial import Fault

_ROOT: Final = Path(__file__).resolve().parents[2]
_KEPT: Final = (
    "PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "HOME", "XDG_STATE_HOME", "HOTLINE_HOME", "HOTLINE_CONFIG",
)  # fmt: skip
"""What of the environment the child is given: no address, no key, no secret."""
_ANSWER_BYTES_MAX: Final = 64_000_000


class Bench:
    """One child at work."""

    def __init__(self, child: asyncio.subprocess.Process, seconds_max: float) -> None:
        self._child = child
        self._seconds_max = seconds_max

    async def compare(self, old: Files, new: Files, said: Sequence[Said]) -> list[Compared]:
        """What both rulebooks make of some contacts; compiled once for all questions.

        Raises:
            RulebookError: one of them cannot be used.
            Refused: it took too long.
        """
        return await self.ask("compare", dict(old), dict(new), list(said))

    async def ask(self, name: str, *arguments: object) -> Any:
        """Ask one question.

        Raises:
            RulebookError: a rulebook cannot be used.
            Refused: it took too long, or more memory than there is for it.
        """
        try:
            async with asyncio.timeout(self._seconds_max):
                kind, answer = await self._asked(name, arguments)
        except TimeoutError:
            raise Refused(
                "rulebook.slow",
                f"This rulebook takes longer than {self._seconds_max:g} seconds; make its phrases simpler.",
            ) from None
        except (asyncio.IncompleteReadError, ConnectionError):
            raise Refused(
                "rulebook.gave_up", "This rulebook could not be tried; it may be far too large."
            ) from None
        if kind == trial.BROKEN:
            raise RulebookError(answer)
        if kind == trial.CRASHED:
            raise Broken(
                "rulebook.crashed", f"Trying a rulebook failed with {answer}; an engineer has to look."
            )
        return answer

    async def _asked(self, name: str, arguments: Sequence[object]) -> tuple[str, Any]:
        writer, reader = self._child.stdin, self._child.stdout
        assert writer is not None and reader is not None  # noqa: PT018, S101  both are pipes
        writer.write(trial.framed((name, tuple(arguments))))
        await writer.drain()
        length = int.from_bytes(await reader.readexactly(trial.LENGTH_BYTES), "big")
        if length > _ANSWER_BYTES_MAX:
            raise ConnectionError("answer too long")
        return trial.unpacked(await reader.readexactly(length))


class Workbench:
    """The benches of one process: so many at once, and so many who wait for one."""

    def __init__(self, limits: Limits) -> None:
        """Bounded by the house's limits, which whoever works here goes by, too."""
        self.limits = limits
        self._turns = asyncio.Semaphore(limits.tries_at_once_max)
        self._waiting = 0

    async def check(self, files: Files) -> tuple[Fault, ...]:
        """Everything that is wrong with these files."""
        async with self.bench() as bench:
            return await bench.ask("check", dict(files))

    async def explain(self, files: Files, facts: Facts) -> Explanation:
        """What these files make of some facts, and why."""
        async with self.bench() as bench:
            return await bench.ask("explain", dict(files), facts)

    async def differ(self, old: Files, new: Files) -> Difference:
        """What is another in `new`."""
        async with self.bench() as bench:
            return await bench.ask("differ", dict(old), dict(new))

    @asynccontextmanager
    async def bench(self) -> AsyncGenerator[Bench]:
        """A child of one's own; it ends with the block, whatever it is doing.

        Raises:
            TooMany: too many wait for one already.
        """
        if self._waiting >= self.limits.tries_waiting_max:
            raise TooMany("rulebook.busy", "Several rulebooks are being tried just now; try again soon.")
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
        try:
            child = await _started()
            try:
                yield Bench(child, self.limits.try_seconds_max)
            finally:
                if child.returncode is None:
                    child.kill()
                await child.wait()
        finally:
            self._turns.release()


async def _started() -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from hotline.policy.trial import main; main()",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env={name: os.environ[name] for name in _KEPT if name in os.environ} | {"PYTHONPATH": str(_ROOT)},
    )  # fmt: skip
