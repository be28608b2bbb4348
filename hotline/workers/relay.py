"""The relay: carries out what was decided, at the telephone network and by SMS, at least once.

Every order begins with a look: is it still wanted, has it been done, is the leg over? What the network
answers is told to the flow like any other fact: a call that is gone is an end, one of which nobody knows
whether it rings is left to the survey. A network that does not answer is asked again, with growing pauses
and for as long as the order is wanted: an outage of an hour must cost nobody a page. What an engineer has
to look at is held as failed past `relay_tries_max` starts, where health shows it. A worker's death counts
as a start, so an order that kills its workers ends there too.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job

from hotline.base import clock, log
from hotline.base.errors import Broken, HotlineError, Refused, Unreachable
from hotline.base.sensitive import Sensitive
from hotline.base.tasks import Crew
from hotline.carriers import pager
from hotline.carriers.pager import Hook, Post, SmsPager
from hotline.carriers.port import LegGone, Telephony, Unknown
from hotline.domain.ladder import MAIL, SMS, VOICE, WEBHOOK
from hotline.flow import escalation, leg as ends, order
from hotline.policy.phrases import Phrases
from hotline.policy.policies import Policies
from hotline.policy.settings import Pages, Settings
from hotline.store import escalation as store_escalation, jobs
from hotline.store.escalation import Wanted
from hotline.store.unit import Store

PAUSE_SECONDS_MIN: Final = 0.5
PAUSE_SECONDS_MAX: Final = 30.0
DOUBLINGS_MAX: Final = 20
"""Long past the longest pause; an outage of weeks must not overflow."""
PAGES_PATH: Final = "/escalations"

_log = log.get("relay")


async def run(
    settings: Settings, phrases: Phrases, store: Store, policies: Policies, telephony: Telephony
) -> None:
    """Carry out orders for ever."""
    work = settings.work
    relay = Relay(settings=settings, phrases=phrases, store=store, policies=policies, telephony=telephony)
    driver = jobs.Driver(store)
    manager = jobs.manager(driver)
    for name, carry_out in relay.orders().items():
        manager.entrypoint(name, accepts_context=False, on_failure="hold")(
            partial(relay.guarded, name, carry_out)
        )
    async with Crew() as crew:
        crew.keep("pokes for the relay", driver.listen)
        await manager.run(
            dequeue_timeout=timedelta(seconds=work.relay_recover_seconds),
            batch_size=max(1, work.relay_jobs_max // 2),
            max_concurrent_tasks=max(2, work.relay_jobs_max // 2 * 2),
            heartbeat_timeout=timedelta(seconds=work.relay_heartbeat_seconds),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One start of an order about a leg or a page; `is_again` when there was one before.

    `is_late` when there were so many that people should see it, whether it is the last or not.
    """

    subject: UUID
    is_again: bool = False
    is_late: bool = False


CarryOut = Callable[[Try], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """The four kinds of order, and what becomes of them."""

    settings: Settings
    phrases: Phrases
    store: Store
    policies: Policies
    telephony: Telephony

    def orders(self) -> dict[str, CarryOut]:
        """Each order by the name of its job."""
        return {"steer": self.steer, "dial": self.dial, "drop": self.drop, "send": self.send}

    async def guarded(self, name: str, carry_out: CarryOut, job: Job) -> None:
        """Count the start, carry the order out, and say what its failure means.

        Whatever goes wrong, the order is begun again: also when the database could not even count the start.

        Raises:
            RetryRequested: it is to be tried again after a pause.
            Exception: it is given up and held.
        """
        subject = UUID(bytes=bytes(job.payload or b""))
        most, asked, starts = self.settings.work.relay_tries_max, job.attempts + 1, 0
        try:
            async with self.store.connection() as connection:
                starts = await jobs.begin(connection, job.id)
            if starts > most:
                raise Broken("relay.given_up", f"This order was begun {most} times and not carried out.")
            begun = max(starts, asked)
            await carry_out(Try(subject=subject, is_again=begun > 1, is_late=begun >= most))
        except Exception as error:
            code = error.code if isinstance(error, HotlineError) else type(error).__name__
            told = {"order": name, "subject": str(subject), "code": code, "starts": starts, "asked": asked}
            if starts >= most and not isinstance(error, Unreachable):
                _log.error("an order was given up", **told)
                raise
            _log.warning("an order waits", **told)
            if starts and isinstance(error, Unreachable):
                await self._excuse(job)
            raise RetryRequested(delay=pause(asked), reason=code) from None

    async def _excuse(self, job: Job) -> None:
        """Nobody's fault here. If that cannot be noted the start counts; no order is lost by it."""
        with suppress(Exception):
            async with self.store.connection() as connection:
                await jobs.excuse(connection, job.id)

    async def steer(self, this: Try) -> None:
        """Have a leg ask for its plan, if it is not where it should be."""
        sid = await order.send_for(self.store, this.subject, clock.now(), is_again=this.is_again)
        if sid is None:
            return
        try:
            await self.telephony.steer(sid, this.subject)
        except LegGone:
            await self._ended(sid, "gone")

    async def dial(self, this: Try) -> None:
        """Ring a counselor's telephone, once."""
        number = await order.ring(self.store, this.subject, clock.now())
        if number is None:
            return
        try:
            sid = await self._rung(this.subject, number.reveal())
        except Unknown:
            _log.warning("nobody knows whether a telephone rings", leg=str(this.subject))
            return
        except Refused as error:
            _log.warning("a telephone cannot be rung", leg=str(this.subject), code=error.code)
            await ends.fail(self.store, self.policies, this.subject, reason="failed", now=clock.now())
            return
        except (Unreachable, Broken):
            await order.unring(self.store, this.subject, clock.now())
            raise
        await ends.ringing(self.store, this.subject, sid, clock.now())

    async def drop(self, this: Try) -> None:
        """End a leg that has no part to play; one that is over already is what was wanted."""
        end = await order.let_go(self.store, this.subject, clock.now())
        if end is None:
            return
        await self.telephony.drop(end.sid, end.state)
        await self._ended(end.sid, "dropped")

    async def send(self, this: Try) -> None:
        """Page a responder, if it is still wanted; without any word about the caller.

        A page that is late shows as failed, so that somebody picks up a telephone; it may still be sent.
        """
        async with self.store.connection() as connection:
            wanted = await store_escalation.to_page(connection, self.store.vault, this.subject)
        if wanted is None:
            return
        state, sid = "sent", None
        try:
            sid = await self._page(wanted)
        except Refused as error:
            _log.error("a page cannot be sent", page=str(this.subject), code=error.code)
            state = "failed"
        except (Unreachable, Broken):
            if this.is_late:
                await escalation.page_sent(self.store, this.subject, clock.now(), state="failed")
            raise
        await escalation.page_sent(self.store, this.subject, clock.now(), state=state, call_sid=sid)

    async def _page(self, wanted: Wanted) -> str | None:
        """Send a page by its channel; the network's id of it, if it is a telephone call.

        Raises: Refused when it cannot be sent that way, Unreachable when it can be tried again.
        """
        page, pages = wanted.page, self.settings.pages
        link = f"{self.settings.public_base}{PAGES_PATH}"
        key = pager.key_of(wanted.level, page.purpose)
        if page.channel == SMS:
            by = SmsPager(self.telephony, self.phrases.write)
            await by.page(page.id, wanted.telephone, key, language=wanted.language, link=link)
        elif page.channel == VOICE:
            return await self.telephony.ring_page(page.id, wanted.telephone, pages.ring_seconds)
        elif page.channel == MAIL:
            text = pager.words(self.phrases.write, key, wanted.language, link)
            await pager.mail(_post(pages), page.id, wanted.mail, text)
        elif page.channel == WEBHOOK:
            url = pages.webhooks.get(wanted.centre) or pages.webhooks.get("*", "")
            secret = Sensitive(pages.webhook_secret.get_secret_value())
            to = Hook(url=url, secret=secret, seconds=pages.seconds)
            await pager.hook(to, page.id, _told(wanted, link), clock.now())
        else:
            raise Refused("page.channel", f"Nothing is known of the channel {page.channel}.")
        return None

    async def _rung(self, leg_id: UUID, number: str) -> str:
        if not number:
            raise Refused("relay.no_number", "This counselor has no telephone.")
        return await self.telephony.dial(leg_id, Sensitive(number), self.settings.telephony.ring_seconds)

    async def _ended(self, sid: str, reason: str) -> None:
        key = f"{reason}:{sid}"
        await ends.end(self.store, self.policies, sid, reason=reason, key=key, now=clock.now())


def _post(pages: Pages) -> Post:
    return Post(
        host=pages.mail_host,
        port=pages.mail_port,
        sender=pages.mail_from,
        login=pages.mail_login,
        password=Sensitive(pages.mail_password.get_secret_value()),
        is_tls=pages.mail_tls,
        seconds=pages.seconds,
    )


def _told(wanted: Wanted, link: str) -> dict[str, object]:
    """What a receiver learns: codes and ids, nothing of a caller."""
    page = wanted.page
    return {
        "escalation": None if page.escalation_id is None else str(page.escalation_id),
        "purpose": page.purpose,
        "staff": str(page.staff_id),
        "rung": page.rung,
        "level": wanted.level.text,
        "centre": wanted.centre,
        "made_at": page.made_at.isoformat(),
        "link": link,
    }


def pause(asked: int) -> timedelta:
    """How long to wait after having asked so often in vain."""
    doublings = min(asked - 1, DOUBLINGS_MAX)
    return timedelta(seconds=min(PAUSE_SECONDS_MIN * 2**doublings, PAUSE_SECONDS_MAX))
