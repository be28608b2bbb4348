"""`python -m hotline.practice.floor`, behind `scripts/run`: a whole house on one machine, for looking at.

Database, house, workers, practice exchange and practice shift, each a process of its own, as in earnest:
what is seen here goes the way that a real call goes. Everything it keeps lies in one folder (HOTLINE_HOME,
default `var/`); two floors need two homes and two ports.
"""

import argparse
import asyncio
import fcntl
import hashlib
import os
import signal
import socket
import sys
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TextIO

import httpx2

from hotline.base import given, places
from hotline.base.errors import HotlineError
from hotline.practice import account as accounts, logins
from hotline.practice.account import Addresses
from hotline.practice.children import Child, Fell

PORT: Final = 8000
EXCHANGE_OFFSET: Final = 90
PORT_MIN: Final = 1024
PORT_MAX: Final = 65_535 - EXCHANGE_OFFSET
STAMP: Final = "prepared-from"
SHIFT: Final = "shift"
STOP_DATABASE: Final = (
    "import sys; from pathlib import Path; "
    "from hotline.store import embedded; embedded.stop(Path(sys.argv[1]))"
)
"""What `hotline stop-database` does, without waiting for the whole command line to be loaded."""
KEEP_DATABASE: Final = (
    "import sys; from pathlib import Path; "
    "from hotline.store import embedded; embedded.keep(Path(sys.argv[1]))"
)
"""Runs as long as the embedded server does, so that its end is seen, said and mended as any other's."""
SPEED: Final = 16.0
SPEED_MIN: Final = 0.1
READY_SECONDS_MAX: Final = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What was asked for on the command line."""

    port: int
    is_quiet: bool
    speed: float
    seed: int

    @property
    def addresses(self) -> Addresses:
        """The house's port, and the exchange's beside it."""
        return Addresses(house_port=self.port, exchange_port=self.port + EXCHANGE_OFFSET)


class Floor:
    """The processes of one home, from their start to their end."""

    def __init__(self, wishes: Wishes, home: Path, demo: dict[str, Any]) -> None:
        """Write down the account and the logins; nothing is started yet."""
        self.wishes = wishes
        self.home = home
        self.demo = demo
        numbers = tuple(line["address"] for line in demo["lines"] if line["channel"] == "voice")
        self._account = accounts.keep(home, numbers, wishes.addresses)
        self._logins = logins.keep(home, demo["staff"])
        self._environment = {
            "HOTLINE_HOME": str(home),
            "PYTHONUNBUFFERED": "1",
            **self._account.environment(wishes.addresses),
        }

    async def open(self) -> None:
        """Prepare, start, say where to click, and keep everything up until told to stop.

        Raises: Fell when a process cannot be kept up.
        """
        begun = time.monotonic()
        stop = _told_to_stop()
        await self._prepare()
        children = self._children()
        try:
            async with asyncio.TaskGroup() as group:
                first = [child for child in children if child.name != SHIFT]
                keeping = [group.create_task(child.keep(say)) for child in first]
                say("Starting the house, its workers and the practice exchange …")
                await self._ready()
                keeping += [group.create_task(child.keep(say)) for child in children if child.name == SHIFT]
                print(self._welcome(time.monotonic() - begun), flush=True)  # noqa: T201
                await stop.wait()
                say("Stopping …")
                for child in reversed(children):
                    await child.stop()
        except ExceptionGroup as fallen:
            raise _first(fallen) from None
        finally:
            for child in reversed(children):
                await child.stop()
            await self._stop_database()

    async def _prepare(self) -> None:
        """Schema and people, unless this home has been prepared from the same files before.

        Raises: Fell when either fails.
        """
        stamp, made_from = self.home / STAMP, _digest()
        has_database = (self.home / "pg" / "PG_VERSION").is_file() and not os.environ.get("DATABASE_URL")
        if has_database and stamp.is_file() and stamp.read_text("utf-8") == made_from:
            return
        say("Preparing the database …")
        await self._child("migrate", "hotline", "migrate").run()
        await self._child("seed", "hotline", "seed").run()
        await self._child("fallback", "hotline", "fallback", "--folder", str(self.home / accounts.BINS)).run()
        stamp.write_text(made_from, "utf-8")

    def _children(self) -> list[Child]:
        addresses, wishes = self.wishes.addresses, self.wishes
        exchange = self._child("exchange", "hotline.practice", "--file", str(self.home / accounts.FILE))
        house, workers = self._child("house", "hotline", "serve"), self._child("workers", "hotline", "work")
        house_first = [*self._database(), exchange, house, workers]
        if wishes.is_quiet:
            return house_first
        flags = ("--base-url", addresses.house, "--exchange-url", addresses.exchange)
        pace = ("--speed", str(wishes.speed), "--seed", str(wishes.seed))
        return [*house_first, self._child(SHIFT, "hotline.practice.shift", *flags, *pace)]

    def _database(self) -> list[Child]:
        """Who looks after the embedded server; a real one is somebody else's to look after."""
        if os.environ.get("DATABASE_URL"):
            return []
        command = (sys.executable, "-c", KEEP_DATABASE, str(self.home / "pg"))
        return [replace(self._child("database", ""), command=command)]

    def _child(self, name: str, module: str, *arguments: str) -> Child:
        return Child(
            name=name,
            command=(sys.executable, "-m", module, *arguments),
            environment=self._environment,
            log=self.home / "log" / f"{name}.log",
        )

    async def _ready(self) -> None:
        """Wait until the house and the exchange answer.

        Raises: Fell when they do not in time.
        """
        addresses = self.wishes.addresses
        wanted = [f"{addresses.house}/health/ready", f"{addresses.exchange}/practice/state"]
        try:
            async with asyncio.timeout(READY_SECONDS_MAX), httpx2.AsyncClient(timeout=5) as client:
                while wanted:
                    if await _answers(client, wanted[0]):
                        wanted.pop(0)
                    else:
                        await asyncio.sleep(0.1)
        except TimeoutError:
            raise Fell(f"{wanted[0]} does not answer; see {self.home / 'log'}.") from None

    async def _stop_database(self) -> None:
        if os.environ.get("DATABASE_URL"):
            return
        command = (sys.executable, "-c", STOP_DATABASE, str(self.home / "pg"))
        await replace(self._child("stop-database", ""), command=command).run()

    def _welcome(self, seconds: float) -> str:
        addresses = self.wishes.addresses
        number = self._account.numbers[0]
        slug = next(line["address"] for line in self.demo["lines"] if line["channel"] == "chat")
        others = (
            "Nobody calls and nobody else answers (--quiet)."
            if self.wishes.is_quiet
            else f"Everybody else is played by the practice shift, speed {self.wishes.speed:g}."
        )
        rows = [f"    {each.login:<14}{each.password:<26}{_who(each)}" for each in for_people(self._logins)]
        return "\n".join(
            [
                "",
                f"  The floor is open ({seconds:.1f} s).",
                "",
                f"  Console     {addresses.house}/",
                f"  Chat        {addresses.house}/chat/{slug}   what a help-seeker sees",
                f"  Telephone   {addresses.exchange}/   call {number} and hear what a caller hears",
                "",
                f"    {'sign in as':<14}{'password':<26}who",
                *rows,
                "",
                f"  {others}",
                f"  All logins: {self.home / logins.FILE}   logs: {self.home / 'log'}",
                "  Ctrl-C stops everything.",
                "",
            ]
        )


def _first(fallen: ExceptionGroup[Exception]) -> Exception:
    """What brought the floor down, out of what its end brought along."""
    return next((each for each in fallen.exceptions if isinstance(each, Fell)), fallen)


def for_people(known: Sequence[logins.Login]) -> list[logins.Login]:
    """Whom the practice shift leaves to people: two counselors, the supervisors, a responder, the admin."""
    return [each for each in known if each.login not in logins.played(known)]


def _who(login: logins.Login) -> str:
    return f"{login.name} · {', '.join(login.roles)} ({'/'.join(login.languages)})"


async def _answers(client: httpx2.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).is_success
    except httpx2.HTTPError:
        return False


def _digest() -> str:
    """One hash over what a home is prepared from: migrations, the demonstration, what callers are told."""
    config = places.config_dir()
    files = [
        *sorted((places.migrations_dir() / "versions").glob("*.py")),
        config / "demo.toml",
        config / "hotline.toml",
        *sorted((config / "phrases").glob("*.yaml")),
    ]
    total = hashlib.sha256()
    for file in files:
        total.update(file.name.encode())
        total.update(file.read_bytes())
    return total.hexdigest()


def _told_to_stop() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for told in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(told, stop.set)
    return stop


def say(sentence: str) -> None:
    """One line to whoever looks at the terminal."""
    print(f"scripts/run: {sentence}", flush=True)  # noqa: T201


def require_free(port: int, what: str) -> None:
    """Demand that nobody listens on a port.

    Raises: Fell naming the port and the way out.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((accounts.LOOPBACK, port))
        except OSError:
            raise Fell(
                f"Port {port}, wanted for {what}, is taken by another program. "
                f"Stop that one, or choose another: scripts/run --port {port + 100}"
            ) from None


def lock(home: Path) -> TextIO:
    """Hold the home for this process; it is let go of when the process ends.

    Raises: Fell when another floor runs from it.
    """
    file = (home / "run.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise Fell(
            f"A floor runs from {home} already; stop it, or name another home with HOTLINE_HOME."
        ) from None
    return file


def _wishes(arguments: Sequence[str]) -> Wishes:
    parser = argparse.ArgumentParser(
        prog="scripts/run",
        description="The whole house on this machine, with a practice shift that calls in.",
    )
    parser.add_argument(
        "--port", type=_port, default=PORT, help="the house's; the exchange takes 90 more (8000)"
    )
    parser.add_argument(
        "--quiet", action="store_true", help="no practice shift: nobody calls, nobody answers"
    )
    parser.add_argument(
        "--speed",
        type=given.number(least=SPEED_MIN),
        default=SPEED,
        help="time compression of the practice shift (16)",
    )
    parser.add_argument("--seed", type=int, default=1, help="of the practice shift's chance")
    asked = parser.parse_args(arguments)
    return Wishes(port=asked.port, is_quiet=asked.quiet, speed=asked.speed, seed=asked.seed)


def _port(text: str) -> int:
    """A port that leaves room for the exchange's.

    Raises: ArgumentTypeError with a sentence that argparse shows.
    """
    port = int(text) if text.isascii() and text.isdigit() else 0
    if not PORT_MIN <= port <= PORT_MAX:
        raise argparse.ArgumentTypeError(
            f"{text} is no port for the house; choose one from {PORT_MIN} to {PORT_MAX}, "
            f"because the exchange takes the one {EXCHANGE_OFFSET} above."
        )
    return port


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the floor; 0 after an orderly end, 1 with a sentence when something stands in the way."""
    wishes = _wishes(sys.argv[1:] if arguments is None else arguments)
    try:
        home = places.home()
        demo = tomllib.loads((places.config_dir() / "demo.toml").read_text("utf-8"))
        with lock(home):
            require_free(wishes.addresses.house_port, "the house")
            require_free(wishes.addresses.exchange_port, "the practice exchange")
            asyncio.run(Floor(wishes, home, demo).open())
    except (Fell, HotlineError) as error:
        print(f"scripts/run: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
