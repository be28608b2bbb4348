"""The whole house on loopback: the practice exchange, the application, every worker, and counselors."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from pydantic import SecretStr

from hotline import wiring
from hotline.base import clock
from hotline.base.errors import HotlineError
from hotline.base.places import config_dir
from hotline.base.tasks import Crew
from hotline.carriers.port import Telephony
from hotline.domain.presence import Choice
from hotline.domain.session import Record, ScreeningTimes
from hotline.flow import duty, offer, session
from hotline.flow.session import Screened
from hotline.policy import phrases, settings
from hotline.policy.settings import Settings, Telephony as TelephonySettings, Work
from hotline.practice import config as practice
from hotline.practice.app import running, server
from hotline.workers import office, relay, sweeper
from hotline.workers.office import Office
from tests.ports import free_port
from tests.practice.people import ACCOUNT, APP, KEY, SECRET, TOKEN, Phone
from tests.served import served
from tests.stage import Stage

PACE = 0.02
AWAIT_SECONDS = 120.0
"""Until the last of twelve calls ends, four counselors have got through all of them, whatever went wrong."""
BEAT_SECONDS = 0.5
QUICK = Work(
    dispatch_seconds=0.1,
    keep_seconds=0.2,
    sweep_seconds=0.2,
    survey_seconds=2.0,
    audit_seconds=1.0,
    relay_recover_seconds=0.3,
)


@dataclass
class Floor:
    """Callers' telephones, the counselors, and eyes on both sides."""

    stage: Stage
    phone: Phone
    telephony: Telephony
    crew: Crew
    silent: set[UUID] = field(default_factory=set[UUID])

    async def counselor(self, login: str, **traits: Any) -> UUID:
        """Somebody on duty, ready, whose page gives signs of life until it is told to be silent."""
        self.stage.now = clock.now()
        staff_id = await self.stage.hire(login, ready=True, **traits)
        self.crew.keep(f"heart of {login}", lambda: self._beats(staff_id))
        return staff_id

    async def calls(self, frm: str = "+8613800000001") -> str:
        """Somebody dials the line and presses 1."""
        sid = await self.phone.dial(to=self.stage.voice_line.address, frm=frm)
        await self.phone.press(sid, "1")
        return sid

    async def takes(self, staff_id: UUID) -> tuple[UUID, str]:
        """The next offer to this person is accepted and the page calls in: the contact, the page's call."""
        offer_id = await self.until(self._pending, staff_id)
        begun = await offer.accept(self.stage.store, offer_id, staff_id, clock.now())
        page = await self.connects(staff_id, offer_id)
        return begun.contact_id, page

    async def connects(self, staff_id: UUID, offer_id: UUID) -> str:
        """What the voice SDK does on the counselor's page."""
        identity = f"u_{staff_id.hex}"
        token = self.telephony.softphone(identity, 600).token.reveal()
        told = {"params": {"offer": str(offer_id)}, "token": token}
        call = await self.phone.control("POST", f"/clients/{identity}/connect", told)
        return str(call["sid"])

    async def is_now(self, contact_id: UUID, *states: str) -> str:
        """Wait until the contact has come to one of these states."""

        async def look() -> str | None:
            state = (await self.stage.contact(contact_id)).state
            return state if state in states else None

        return await self.until(look)

    async def writes(self, contact_id: UUID, staff_id: UUID) -> None:
        """The counselor writes the record and is free again."""
        store, now = self.stage.store, clock.now()
        session_id = await self.stage.value(
            "select id from session where contact_id = $1 and state = 'wrapping'", contact_id
        )
        record = Record(disposition="counselling", result="calmer")
        await session.screen(
            store, self.stage.policies, session_id, staff_id, Screened(result="asked_denied"), now
        )
        await session.write(store, self.stage.policies, session_id, staff_id, record, now)
        await session.close(store, self.stage.policies, session_id, staff_id, now)

    async def contact_of(self, sid: str) -> UUID:
        """The contact that a call became."""

        async def look() -> UUID | None:
            found: UUID | None = await self.stage.value("select contact_id from leg where sid = $1", sid)
            return found

        return await self.until(look)

    async def is_quiet(self) -> None:
        """Wait until nothing is up, on either side, and no order waits."""

        async def look() -> bool | None:
            legs = await self.stage.value("select count(*) from leg where state <> 'ended'")
            orders = await self.stage.value(
                "select count(*) from pgqueuer.pgqueuer where status in ('queued', 'picked')"
            )
            live = await self.phone.control("GET", "/calls?live=true")
            return None if legs or orders or live else True

        await self.until(look)

    async def until(self, look: Callable[..., Awaitable[Any]], *given: object) -> Any:
        """Look until there is something to see."""
        async with asyncio.timeout(AWAIT_SECONDS):
            while (seen := await look(*given)) is None:  # noqa: ASYNC110  two sides, neither of which tells
                await asyncio.sleep(0.03)
        return seen

    async def _pending(self, staff_id: UUID) -> UUID | None:
        found: UUID | None = await self.stage.value(
            "select id from offer where staff_id = $1 and state = 'pending'", staff_id
        )
        return found

    async def _beats(self, staff_id: UUID) -> None:
        while staff_id not in self.silent:
            await duty.beat(self.stage.store, [staff_id], clock.now())
            await asyncio.sleep(BEAT_SECONDS)


@dataclass
class Bot:
    """A counselor who takes every offer, talks a little, hangs up or is hung up on, and writes."""

    floor: Floor
    staff_id: UUID
    talk_seconds: float = 0.4
    talks: int = 0

    async def work(self) -> None:
        """For ever, also when something goes wrong: the next offer comes."""
        while True:
            try:
                await self._one()
            except (HotlineError, TimeoutError, AssertionError):
                await asyncio.sleep(0.05)

    async def _one(self) -> None:
        store = self.floor.stage.store
        contact_id = await self._held()
        if contact_id is None:
            await duty.choose(store, self.staff_id, Choice.READY, None, clock.now())
            async with asyncio.timeout(1.0):
                contact_id, _ = await self.floor.takes(self.staff_id)
        async with asyncio.timeout(8.0):
            state = await self.floor.is_now(contact_id, "talking", "wrapping", "waiting", "abandoned")
        if state == "talking":
            self.talks += 1
            await asyncio.sleep(self.talk_seconds)
            if self.talks % 2:
                await session.hang_up(store, contact_id, self.staff_id, clock.now())
            async with asyncio.timeout(20.0):
                await self.floor.is_now(contact_id, "wrapping", "waiting", "abandoned")
        if await self._held() == contact_id:
            await self.floor.writes(contact_id, self.staff_id)

    async def _held(self) -> UUID | None:
        """What this counselor has not finished."""
        found: UUID | None = await self.floor.stage.value(
            "select id from contact where counselor_id = $1 and state in ('talking', 'wrapping')",
            self.staff_id,
        )
        return found


def house(stage: Stage, port: int, exchange: str) -> Settings:
    """Settings for the exchange's account, in a hurry."""
    chosen = settings.load(config_dir())
    telephony = TelephonySettings(
        kind="twilio",
        account_sid=ACCOUNT,
        auth_tokens=(SecretStr(TOKEN),),
        api_key_sid=KEY,
        api_key_secret=SecretStr(SECRET),
        application_sid=APP,
        base_url=exchange,
        from_number=stage.voice_line.address,
    )
    web = chosen.web.model_copy(update={"public_base": f"http://127.0.0.1:{port}"})
    pages = chosen.pages.model_copy(update={"ring_seconds": 60, "key_seconds": 30})
    changed = {"telephony": telephony, "web": web, "work": QUICK, "pages": pages}
    return chosen.model_copy(update=changed)


def at_exchange(stage: Stage, port: int) -> practice.PracticeConfig:
    """An exchange with the stage's number, and our application."""
    base = f"http://127.0.0.1:{port}"
    return practice.PracticeConfig(
        port=0,
        account=ACCOUNT,
        auth_token=TOKEN,
        api_keys={KEY: SECRET},
        pace=PACE,
        calls_per_second=1000,
        numbers=(
            practice.Number(
                phone_number=stage.voice_line.address,
                voice_url=f"{base}/t/arrive",
                status_callback=f"{base}/t/ended",
            ),
        ),
        applications=(
            practice.Application(sid=APP, voice_url=f"{base}/t/client", status_callback=f"{base}/t/ended"),
        ),
    )


@asynccontextmanager
async def standing(stage: Stage) -> AsyncGenerator[Floor]:
    """Everything running, on ports of its own, in this loop; a record is written up in no time."""
    queue = replace(stage.policies.queue, wrap_up_seconds_min=0, device_lost_seconds=2, heartbeat_seconds=1)
    stage.policies = replace(stage.policies, queue=queue)
    async with stage.store.connection() as connection:
        await connection.execute("update leg set state = 'ended'")
        await connection.execute("delete from pgqueuer.pgqueuer")
    port = free_port()
    async with running(server(at_exchange(stage, port))) as exchange:
        chosen = house(stage, port, exchange)
        network = wiring.telephony(chosen)
        words = phrases.load(config_dir() / "phrases", chosen.web.emergency_numbers, "zh")
        store, policies = stage.store, stage.policies
        outside = {
            "relay": lambda: relay.run(chosen, words, store, policies, network),
            "sweeper": lambda: sweeper.run(chosen, store, policies, network),
        }
        times = ScreeningTimes(remind_seconds=480, due_seconds=600)
        staff = Office(work=chosen.work, policies=policies, screening=times, store=store, outside=outside)
        async with (
            served(stage.store, stage.policies, chosen=chosen, telephony=network, port=port),
            Phone(exchange) as phone,
            Crew() as crew,
        ):
            office.open_up(staff, crew)
            yield Floor(stage, phone, network, crew)
            await crew.stop()
            await phone.clear()
        await network.close()
