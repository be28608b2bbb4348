"""Processes of the bench: servers on one core, clients on the other, as the floors were measured.

A child is a module of `tests.bench` with a `main`; it reads one JSON line (what to do), says one JSON line
when it is ready, and goes on until its input ends. With one core nothing is pinned.
"""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import orjson

from hotline.base.places import checkout

SERVER_CORE: Final = 0
CLIENT_CORE: Final = 1
READY_SECONDS_MAX: Final = 60.0
END_SECONDS_MAX: Final = 20.0
LINE_BYTES_MAX: Final = 64 * 2**20
COMPILED: Final[dict[str, str]] = {"PYTHONDONTWRITEBYTECODE": ""}
"""A start without compiled modules costs seconds, and nobody's house starts so."""


@dataclass(frozen=True, slots=True)
class Child:
    """A process that has said that it is ready; `ready` is what it said."""

    process: asyncio.subprocess.Process
    ready: Any

    @property
    def pid(self) -> int:
        """For `Watch.process_ms`."""
        return self.process.pid

    async def ask(self, what: Any) -> Any:
        """Send a line, and wait for the line in answer."""
        _tell(self.process, what)
        return await _answer(self.process)


@asynccontextmanager
async def child(
    module: str, what: Any, *, core: int | None = None, environment: Mapping[str, str] | None = None
) -> AsyncGenerator[Child]:
    """`tests.bench.<module>` as a process of its own, pinned to a core; ended with the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"tests.bench.{module}", cwd=checkout(),
        env=os.environ | COMPILED | dict(environment or {}),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LINE_BYTES_MAX,
    )  # fmt: skip
    try:
        pin(process.pid, core)
        _tell(process, what)
        yield Child(process, await _answer(process))
    finally:
        await _end(process)


def pin(pid: int, core: int | None) -> None:
    """Keep a process on one core, if there are several."""
    if core is not None and (os.cpu_count() or 1) > core > -1 and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(pid, {core})


def _tell(process: asyncio.subprocess.Process, what: Any) -> None:
    assert process.stdin is not None
    process.stdin.write(orjson.dumps(what) + b"\n")


async def _answer(process: asyncio.subprocess.Process) -> Any:
    assert process.stdout is not None
    async with asyncio.timeout(READY_SECONDS_MAX):
        line = await process.stdout.readline()
    assert line, f"a process of the bench ended with {process.returncode}"
    return orjson.loads(line)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(END_SECONDS_MAX):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def told() -> Any:
    """In a child: what it is to do; None when there is nothing more."""
    line = sys.stdin.buffer.readline()
    return orjson.loads(line) if line else None


def end_with_input() -> None:
    """In a child: when the bench closes the input, or is gone, end as by Ctrl-C."""

    def wait() -> None:
        while os.read(0, 65_536):  # not by sys.stdin: its lock would outlive the interpreter
            pass
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=wait, daemon=True).start()


def say(what: Any) -> None:
    """In a child: a line to the bench."""
    sys.stdout.buffer.write(orjson.dumps(what) + b"\n")
    sys.stdout.buffer.flush()
