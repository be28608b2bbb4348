"""The sweeper: compares where the ends of calls are with where they should be, and what we believe with
what the network says.

Callbacks get lost, so nothing here waits for one. Every `sweep_seconds` calls that are not at rest are
settled; every `survey_seconds`, at the start and whenever only the network can say how something stands,
the network is asked for everything that is up. What it holds and we do not know of is taken in (a caller)
or let go (a softphone); what we believe in and it lacks twice in a row is over. Its lists lag behind, so
what changed within the last few seconds is left alone. Calls that page somebody end by themselves,
and others' calls on the same account are not touched.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from hotline.base import clock, log
from hotline.base.errors import HotlineError
from hotline.base.sensitive import Sensitive
from hotline.carriers import number
from hotline.carriers.port import Cap, LegGone, LiveCall, Survey, Telephony
from hotline.domain.centre import Channel
from hotline.domain.leg import DIALLED, Leg
from hotline.flow import call, leg as ends, order
from hotline.policy.policies import Policies
from hotline.policy.settings import Settings
from hotline.store import escalation as store_escalation, leg as store_leg, staff as store_staff
from hotline.store.unit import Store

LEGS_MAX: Final = 20_000
"""Ends of calls compared in one survey."""
SOFTPHONE: Final = "client:u_"
UP: Final = "in-progress"
FORGOTTEN_SECONDS: Final = 10
"""How long after its ringing time a telephone that the network does not know is given up."""

_log = log.get("sweeper")


async def run(settings: Settings, store: Store, policies: Policies, telephony: Telephony) -> None:
    """Sweep for ever."""
    sweeper = Sweeper(settings=settings, store=store, policies=policies, telephony=telephony)
    async with asyncio.TaskGroup() as both:  # a network that is slow to answer must not keep calls waiting
        both.create_task(_for_ever(sweeper.settle, settings.work.sweep_seconds))
        both.create_task(_for_ever(sweeper.look, settings.work.sweep_seconds))


async def _for_ever(once: Callable[[datetime], Awaitable[None]], every_seconds: float) -> None:
    while True:
        await once(clock.now())
        await asyncio.sleep(every_seconds)


@dataclass(slots=True, kw_only=True)
class Sweeper:
    """What was missing in the last survey, and when that was; forgotten, both cost a moment only.

    `patience` is how long something that was ordered may take, `young` how far the network's lists may
    lag behind.
    """

    settings: Settings
    store: Store
    policies: Policies
    telephony: Telephony
    missing: frozenset[str] = frozenset()
    surveyed_at: datetime | None = None

    @property
    def patience(self) -> timedelta:
        """One sweep, and a little more."""
        return timedelta(seconds=self.settings.work.sweep_seconds)

    @property
    def young(self) -> timedelta:
        """Five seconds with sweeps of two."""
        return self.patience * 2.5

    async def settle(self, now: datetime) -> None:
        """Settle the calls that are out of place."""
        async with self.store.connection() as connection:
            contact_ids = await store_leg.unsettled_contacts(
                connection, now - self.patience, self.settings.work.batch_max
            )
        for contact_id in contact_ids:
            await _quietly("settle", ends.settle(self.store, self.policies, contact_id, now))

    async def look(self, now: datetime) -> None:
        """Look at the network when it is time, or when there are doubts."""
        if Cap.SURVEY in self.telephony.caps and await self._is_survey_due(now):
            self.surveyed_at = now
            await _quietly("survey", self.survey())

    async def survey(self) -> None:
        """Ask the network what is up, and bring belief and fact together.

        Raises:
            Unreachable: the network does not answer; nothing is concluded from that.
        """
        async with self.store.connection() as connection:
            known = await store_leg.unended(connection, self.store.vault, LEGS_MAX)
        looked_at = clock.now()
        found = await self.telephony.survey()
        old = looked_at - self.young
        async with self.store.connection() as connection:
            sids = [live.sid for live in found.calls]
            ours = await store_leg.by_sids(connection, self.store.vault, sids)
            paging = await store_escalation.calls_among(connection, sids)
        found = replace(found, calls=tuple(live for live in found.calls if live.sid not in paging))
        found = await self._match_dialled(known, found, ours)
        await self._end_missing([leg for leg in known if _since(leg) < old], found)
        for live in found.calls:
            if live.parent_sid is None and live.started_at is not None and live.started_at < old:
                await _quietly("stranger", self._meet(live, ours.get(live.sid)))
        await self._mend_rooms([leg for leg in known if _since(leg) < old], found)

    async def _is_survey_due(self, now: datetime) -> bool:
        if self.surveyed_at is None:
            return True
        since = now - self.surveyed_at
        if since >= timedelta(seconds=self.settings.work.survey_seconds):
            return True
        if since < 2 * self.patience:
            return False
        if self.missing:
            return True
        async with self.store.connection() as connection:
            return await store_leg.has_doubts(connection, now - 1.5 * self.patience)

    async def _match_dialled(self, known: list[Leg], found: Survey, ours: dict[str, Leg]) -> Survey:
        """Find telephones whose order was never answered by the number that rings; the other calls."""
        asked = [leg for leg in known if leg.sid is None and leg.staff_id is not None]
        if not asked:
            return found
        async with self.store.connection() as connection:
            staff_ids = [leg.staff_id for leg in asked if leg.staff_id]
            staff = await store_staff.by_ids(connection, self.store.vault, staff_ids)
        unknown = {
            live.to: live for live in found.calls if not live.is_inbound and live.sid not in ours
        }  # one engagement each, so one ringing telephone each
        matched: set[str] = set()
        for leg in asked:
            person = staff.get(leg.staff_id) if leg.staff_id else None
            live = unknown.get(person.telephone) if person and person.telephone else None
            if live is not None and leg.place == DIALLED:
                matched.add(live.sid)
                await ends.ringing(self.store, leg.id, live.sid, clock.now())
            elif live is None and _since(leg) < clock.now() - self._ring_span:
                await order.forget(self.store, leg.id, clock.now())
        return Survey(calls=tuple(live for live in found.calls if live.sid not in matched), rooms=found.rooms)

    @property
    def _ring_span(self) -> timedelta:
        return timedelta(seconds=self.settings.telephony.ring_seconds + FORGOTTEN_SECONDS)

    async def _end_missing(self, known: list[Leg], found: Survey) -> None:
        """End what the network lacks for the second time; what moves while it is listed is lacked once."""
        up = {live.sid for live in found.calls}
        lacking = frozenset(leg.sid for leg in known if leg.sid is not None and leg.sid not in up)
        for sid in lacking & self.missing:
            _log.warning("a call was over and nobody had said so", sid=sid)
            lost = ends.end(
                self.store, self.policies, sid, reason="lost", key=f"survey:{sid}", now=clock.now()
            )
            await _quietly("lost", lost)
        self.missing = lacking - self.missing

    async def _meet(self, live: LiveCall, leg: Leg | None) -> None:
        """A call that is up: one that we know to be over, a caller whom we missed, or a stray softphone."""
        if leg is not None and leg.state != "ended":
            return
        if leg is not None and leg.role == "caller":
            await _gone_is_fine(
                self.telephony.steer(live.sid, leg.id)
            )  # who is still there hears the numbers
        elif leg is not None or live.origin.reveal().startswith(SOFTPHONE):
            await self.telephony.drop(live.sid, "live" if live.status == UP else "ringing")
        elif live.is_inbound and live.status == UP:
            await self._adopt(live)
        elif not live.is_inbound and live.origin.reveal() == self.settings.telephony.from_number:
            await self.telephony.drop(live.sid, "live" if live.status == UP else "ringing")

    async def _adopt(self, live: LiveCall) -> None:
        """A caller whose first request never reached us: it becomes a contact now, and is greeted."""
        address = number.line_address(live.to.reveal(), number.HOME_REGION)
        async with self.store.connection() as connection:
            line = await store_staff.find_line(connection, self.store.vault, Channel.VOICE, address)
        if line is None:
            return
        caller, quality = _number_of(live)
        ring = call.Ring(
            sid=live.sid, to=address, number=caller, number_quality=quality, key=f"arrived:{live.sid}"
        )
        taken_in = await call.arrive(self.store, ring, clock.now())
        if taken_in is not None:
            _log.warning("a caller was found whom nobody had announced", contact=str(taken_in.contact_id))
            await _gone_is_fine(self.telephony.steer(live.sid, taken_in.leg_id))

    async def _mend_rooms(self, known: list[Leg], found: Survey) -> None:
        """Believe the network on who is in which room."""
        where = {one.sid: room.name for room in found.rooms for one in room.occupants.values()}
        stamp = clock.now().isoformat(timespec="milliseconds")
        for leg in known:
            room = where.get(leg.sid or "")
            if room is not None and leg.joined_at is None:
                key = f"survey:{room}:{leg.sid}:{stamp}"
                await _quietly("join", ends.join(self.store, leg.sid or "", room, key=key, now=clock.now()))
            elif room is None and leg.sid is not None and leg.is_live and leg.place == "room":
                left = ends.Departure(
                    sid=leg.sid, room=None, is_hang_up=False, key=f"survey:{leg.sid}:{stamp}"
                )
                await _quietly("leave", ends.leave(self.store, self.policies, left, clock.now()))


def _since(leg: Leg) -> datetime:
    return leg.joined_at or leg.place_at or leg.made_at


def _number_of(live: LiveCall) -> tuple[Sensitive | None, str]:
    return number.normal(live.origin.reveal(), number.HOME_REGION)


async def _gone_is_fine(order_given: Awaitable[None]) -> None:
    try:
        await order_given
    except LegGone:
        _log.info("the call was over before it could be steered")


async def _quietly(what: str, work: Awaitable[object]) -> None:
    """One call that gives trouble must not keep the others waiting: it comes again."""
    try:
        await work
    except HotlineError as error:
        _log.warning("left for the next sweep", what=what, code=error.code)
