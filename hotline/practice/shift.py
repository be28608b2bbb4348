"""The practice shift: an evening on the floor, so that there is something to see, to answer and to measure.

Callers come by telephone and chat after the shape of a day, compressed; counselors and a responder of the
demonstration do their work. All of them stand outside and use the doors that people use. The first
counselors and the first responder are left to people (`logins.LEFT_TO_PEOPLE`). The same seed brings the
same callers; what becomes of them depends on who answers.
"""

import argparse
import asyncio
import signal
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from hotline.base import given, log, places
from hotline.base.errors import Broken
from hotline.base.tasks import Crew
from hotline.practice import logins
from hotline.practice.callers import Callers, Entrances
from hotline.practice.counselors import Counselor
from hotline.practice.doors import Away, ask, client
from hotline.practice.logins import Login
from hotline.practice.responders import Responder
from hotline.practice.shape import Day

PER_DAY: Final = 150.0
"""Contacts of a compressed day: a city's hotline (Beijing 119, Shanghai 145 a day in 2024)."""
STARTS_AT_HOUR: Final = 18.0
"""The shift begins with the evening, whatever the clock says."""
TALLY_SECONDS: Final = 60.0
SIGN_IN_SECONDS: Final = 0.4

_log = log.get("shift")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftConfig:
    """Where the house is, who plays, and how fast."""

    base_url: str
    exchange_url: str
    logins: tuple[Login, ...]
    slug: str = "demo"
    speed: float = 16.0
    per_day: float = PER_DAY
    starts_at_hour: float = STARTS_AT_HOUR
    seed: int = 1


async def run(config: ShiftConfig) -> None:
    """Play until cancelled.

    Raises: Broken when there are no logins to play with.
    """
    played = logins.played(config.logins)
    if not played:
        raise Broken("shift.logins", "There are no logins to play with; run `hotline seed` first.")
    tally: Counter[str] = Counter()
    day = Day(per_day=config.per_day, speed=config.speed, starts_at_hour=config.starts_at_hour)
    number = await _number(config.exchange_url)
    entrances = Entrances(
        base_url=config.base_url, exchange_url=config.exchange_url, number=number, slug=config.slug
    )
    async with Crew() as crew:
        for login in config.logins:
            if login.login in played:
                crew.keep(f"duty {login.login}", _duty(login, config, tally).run)
                await asyncio.sleep(SIGN_IN_SECONDS)  # a sign-in costs a third of a second of CPU
        crew.keep("callers", Callers(entrances, day, config.seed, tally).run)
        while True:
            await asyncio.sleep(TALLY_SECONDS)
            _log.info("so far", **{name.replace(" ", "_"): count for name, count in sorted(tally.items())})


def _duty(login: Login, config: ShiftConfig, tally: Counter[str]) -> Counselor | Responder:
    urls = (config.base_url, config.exchange_url)
    kind = Counselor if "counselor" in login.roles else Responder
    return kind(login, urls, config.seed, tally)


async def _number(exchange_url: str) -> str:
    """The number to call: the exchange's first; it is waited for."""
    async with client(exchange_url) as exchange:
        while True:
            try:
                state = await ask(exchange, "GET", "/practice/state")
            except Away:
                await asyncio.sleep(1.0)
            else:
                return str(state["numbers"][0]["number"])


def main(arguments: Sequence[str] | None = None) -> None:
    """`python -m hotline.practice.shift`: play until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m hotline.practice.shift", description=run.__doc__)
    parser.add_argument("--base-url", default="http://127.0.0.1:8000")
    parser.add_argument("--exchange-url", default="http://127.0.0.1:8090")
    parser.add_argument("--speed", type=given.above_zero, default=16.0)
    parser.add_argument("--per-day", type=given.above_zero, default=PER_DAY)
    parser.add_argument("--starts-at-hour", type=given.number(most=24), default=STARTS_AT_HOUR)
    parser.add_argument("--seed", type=int, default=1)
    log.configure()
    config = ShiftConfig(**vars(parser.parse_args(arguments)), logins=logins.read(places.home()))
    with suppress(asyncio.CancelledError, KeyboardInterrupt):
        asyncio.run(_until_told(config))


async def _until_told(config: ShiftConfig) -> None:
    """Play until SIGTERM; callers then hang up instead of vanishing."""
    playing = asyncio.current_task()
    if playing is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, playing.cancel)
    await run(config)


if __name__ == "__main__":
    main()
