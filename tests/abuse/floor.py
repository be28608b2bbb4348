"""Where abuse takes place: a running service, a centre at work, and everybody's cookie.

Whoever abuses runs in a thread of its own and asks over real sockets; the service runs in the test's
loop. `Faults` listens to what is logged meanwhile: an error that nobody expected is a fault, whatever the
caller was answered.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID

import structlog
from pydantic import SecretStr

from hotline.base import clock, ids, log
from hotline.base.sensitive import Sensitive
from hotline.domain.staff import Role
from hotline.flow import sign_in
from hotline.policy.settings import Settings, Telephony
from hotline.store import sign_in as store_sign_in
from hotline.store.unit import Store
from tests import stage as stages
from tests.served import served
from tests.stage import Stage
from tests.web.desk import Floor, at_work
from tests.web.visitor import house_settings

TOKEN: Final = "abuse-token-0123456789abcdef01234"
PUBLIC_BASE: Final = "https://hotline.example"
NOBODY: Final = "nobody"
WHO: Final = (*Role, NOBODY)


def settings_with_telephones(**web: object) -> Settings:
    """The house's settings with webhooks that are switched on."""
    chosen = house_settings(public_base=PUBLIC_BASE, **web)
    telephony = Telephony.model_validate({"kind": "twilio", "auth_tokens": (SecretStr(TOKEN),)})
    return chosen.model_copy(update={"telephony": telephony})


COOKIE: Final = "__Host-hotline"
"""The public base is https, so the cookie has its prefix."""


rules: Final = cache(stages.policies_of_the_house)
"""Read once: the rulebook takes a second."""


async def token_of(store: Store, staff_id: UUID) -> str:
    """A fresh sign-in of somebody."""
    token, now = Sensitive(ids.new_secret()), clock.now()
    async with store.connection() as connection:
        await store_sign_in.add(
            connection, sign_in.token_hash(token), staff_id, now, now + timedelta(hours=1)
        )
    return token.reveal()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A running service and a centre at work in it."""

    base: str
    stage: Stage
    floor: Floor
    loop: asyncio.AbstractEventLoop
    public_base: str = PUBLIC_BASE
    secret: str = TOKEN
    cookie_name: str = COOKIE

    def people(self) -> Mapping[str, UUID]:
        """Somebody of each role; the counselors are those who are at work."""
        people: dict[str, UUID] = {str(role): staff_id for role, staff_id in self.floor.people.items()}
        return people | {"lin": self.floor.lin, "mei": self.floor.mei}

    def cookie(self, who: str) -> dict[str, str]:
        """A fresh sign-in, asked for by another thread; nobody has none."""
        if who == NOBODY:
            return {}
        made = token_of(self.stage.store, self.people()[who])
        return {self.cookie_name: asyncio.run_coroutine_threadsafe(made, self.loop).result(30)}


async def ground(store: Store, base: str) -> Ground:
    """A new centre at work on a running service."""
    stage = await stages.found(store, rules())
    floor = await at_work(stage)
    return Ground(base=base, stage=stage, floor=floor, loop=asyncio.get_running_loop())


@asynccontextmanager
async def service(store: Store, **web: object) -> AsyncGenerator[str]:
    """The running service, with webhooks; its base URL."""
    async with served(store, rules(), chosen=settings_with_telephones(**web)) as base:
        yield base


class Faults(logging.Handler):
    """Everything that was logged as an error, by us or by the server beneath us."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what the server or asyncio says."""
        told = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            told = f"{told} {record.exc_info[1]!r}"
        self.found.append(f"{record.name}: {told}")

    def hear(self, _logger: object, method: str, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """Keep what we say ourselves."""
        if method in {"error", "exception", "critical"}:
            self.found.append(f"hotline: {dict(event)}")
        raise structlog.DropEvent


UNTENDED: Final = "no worker gives a sign of life"
"""True here, where nobody works: what is asked for is a service alone."""


@asynccontextmanager
async def watched(expected: Iterable[str] = ()) -> AsyncGenerator[Faults]:
    """Nothing but what is expected may be logged as an error in here."""
    faults = Faults()
    root, server = logging.getLogger("asyncio"), logging.getLogger("uvicorn.error")
    before = structlog.get_config()
    structlog.configure(processors=[faults.hear])
    for logger in (root, server):
        logger.addHandler(faults)
    try:
        yield faults
    finally:
        for logger in (root, server):
            logger.removeHandler(faults)
        structlog.configure(**before)
        log.configure("error")
    foreseen = (UNTENDED, *expected)
    unforeseen = [told for told in faults.found if not any(each in told for each in foreseen)]
    assert not unforeseen, unforeseen[:5]
