"""Orders to Twilio: look at this leg again, ring this number, end this call, what is up?

Steering and dialling never carry a document: they carry the address at which the leg asks for its plan,
so that a late or repeated order still ends in what is wanted now. A dial whose answer was lost may be
ringing; it is reported as unknown and looked for in a survey, never placed again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from twilio.rest import Client
from twilio.rest.api.v2010.account.call import CallInstance
from twilio.rest.api.v2010.account.conference import ConferenceInstance
from twilio.rest.api.v2010.account.conference.participant import ParticipantInstance

from hotline.base.errors import Refused, Unreachable
from hotline.base.sensitive import Sensitive
from hotline.carriers.port import (
    Cap,
    LegGone,
    LiveCall,
    LiveRoom,
    Occupant,
    Softphone,
    Survey,
    Unknown,
)
from hotline.carriers.twilio import tokens
from hotline.carriers.twilio.rest import Account, Desk
from hotline.carriers.twilio.urls import Urls

PAGE_SIZE: Final = 1000
LIVE: Final = ("queued", "ringing", "in-progress")
UP: Final = "in-progress"
OPEN: Final = ("init", "in-progress")
"""A room in which one waits for another has not begun yet."""
PROGRESS: Final = ["ringing", "answered", "completed"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """The addresses that Twilio has written down for a number or an application."""

    name: str
    voice_url: str
    fallback_url: str
    status_url: str


class TwilioTelephony:
    """The port, over Twilio's REST API (or the practice exchange's)."""

    def __init__(self, account: Account, urls: Urls) -> None:
        """Take the account and our own addresses; connects with the first order."""
        self._account = account
        self._urls = urls
        self._desk = Desk(account)

    @property
    def caps(self) -> frozenset[Cap]:
        """What this account is set up for."""
        account = self._account
        found = {Cap.STEER, Cap.DIAL, Cap.SURVEY}
        if account.sms_number:
            found.add(Cap.SMS)
        if account.application and account.key.startswith("SK"):
            found.add(Cap.SOFTPHONE)
        return frozenset(found)

    async def steer(self, sid: str, leg_id: UUID) -> None:
        """Have a live call ask for its plan now; twice is as good as once.

        Raises: LegGone, Unreachable.
        """
        url = self._urls.plan(leg_id)
        await self._again_is_fine(lambda client: client.calls(sid).update_async(url=url, method="POST"))

    async def dial(self, leg_id: UUID, to: Sensitive, ring_seconds: int) -> str:
        """Ring a number for a prepared leg; our leg id is in every address of the call.

        Raises: Unknown (may be ringing), Unreachable (is not), Refused (cannot).
        """
        call = await self._desk.ask(
            lambda client: client.calls.create_async(
                to=to.reveal(),
                from_=self._account.caller_number,
                url=self._urls.plan(leg_id),
                method="POST",
                status_callback=self._urls.status(leg_id),
                status_callback_event=PROGRESS,
                status_callback_method="POST",
                timeout=ring_seconds,
            )
        )
        return call.sid or ""

    async def ring_page(self, page_id: UUID, to: Sensitive, ring_seconds: int) -> str:
        """Ring somebody up to page them; the page's id is in every address of the call.

        Raises: Unreachable, also when it may be ringing; Refused when it cannot.
        """
        call = await self._again_is_fine(
            lambda client: client.calls.create_async(
                to=to.reveal(),
                from_=self._account.caller_number,
                url=self._urls.page(page_id),
                method="POST",
                status_callback=self._urls.page_status(page_id),
                status_callback_event=PROGRESS,
                status_callback_method="POST",
                timeout=ring_seconds,
            )
        )
        return call.sid or ""

    async def drop(self, sid: str, state: str) -> None:
        """End a call that rings or talks; one that is over, or unknown, is ended already.

        Raises: Unreachable, also when it is up for the second time after having been told to end.
        """
        try:
            if await self._hung_up(sid, "completed" if state == "live" else "canceled"):
                return
            call = await self._again_is_fine(lambda client: client.calls(sid).fetch_async())
            if str(call.status) not in LIVE:
                return
            if await self._hung_up(sid, "completed" if str(call.status) == UP else "canceled"):
                return
        except LegGone:
            return
        raise Unreachable("telephony.still_up", "The call would not end; it is told so again.")

    async def survey(self) -> Survey:
        """Every live call and every room with who is in it, as Twilio lists them now.

        Raises: Unreachable when any part is missing: half a survey would end calls that are well.
        """
        by_status = await asyncio.gather(*(self._calls(status) for status in LIVE))
        by_sid = {call.sid: call for calls in by_status for call in calls}
        return Survey(calls=tuple(by_sid.values()), rooms=tuple(await self._rooms()))

    async def send_sms(self, to: Sensitive, text: str, key: UUID) -> str:
        """Send a page; a message that may have gone out is sent again, because silence is worse.

        Raises: Refused when the account cannot send, or the number cannot be sent to; Unreachable.
        """
        sender = self._account.sms_number
        if not sender:
            raise Refused("telephony.no_sms", "No number is set up to send messages from.")
        message = await self._again_is_fine(
            lambda client: client.messages.create_async(
                to=to.reveal(), from_=sender, body=text, status_callback=self._urls.message(key)
            )
        )
        return message.sid or ""

    def softphone(self, identity: str, ttl_seconds: int) -> Softphone:
        """A token for one counselor's page.

        Raises: Refused when the account has no application or no API key to sign with.
        """
        account = self._account
        if not account.application or Cap.SOFTPHONE not in self.caps:
            raise Refused("telephony.no_softphone", "No application is set up for softphones.")
        return tokens.softphone(
            account.account,
            account.key,
            account.secret,
            account.application,
            identity=identity,
            ttl_seconds=ttl_seconds,
        )

    async def numbers(self) -> list[Doors]:
        """The account's numbers and where their calls are sent.

        Raises: Unreachable.
        """
        found = await self._again_is_fine(
            lambda client: client.incoming_phone_numbers.list_async(page_size=PAGE_SIZE)
        )
        return [
            Doors(
                name=one.phone_number or "",
                voice_url=one.voice_url or "",
                fallback_url=one.voice_fallback_url or "",
                status_url=one.status_callback or "",
            )
            for one in found
        ]

    async def application(self) -> Doors | None:
        """Where softphones' calls are sent; None when no application is set up, or it is not there.

        Raises: Unreachable.
        """
        sid = self._account.application
        if not sid:
            return None
        try:
            one = await self._again_is_fine(lambda client: client.applications(sid).fetch_async())
        except LegGone:
            return None
        return Doors(
            name=sid,
            voice_url=one.voice_url or "",
            fallback_url=one.voice_fallback_url or "",
            status_url=one.status_callback or "",
        )

    async def close(self) -> None:
        """Let go of the connections."""
        await self._desk.close()

    async def _again_is_fine(self, question: Callable[[Client], Awaitable[T]]) -> T:
        """Ask what may be asked twice: not to know whether it was done is only a reason to try again."""
        try:
            return await self._desk.ask(question)
        except Unknown as error:
            raise Unreachable(error.code, error.sentence) from None

    async def _looked_up(self, question: Callable[[Client], Awaitable[T]]) -> T:
        """Ask a part of the survey, which is worth nothing with a part missing, until it is answered."""
        account = self._account
        for nth in range(account.tries_max - 1):
            try:
                return await self._again_is_fine(question)
            except Unreachable:
                await asyncio.sleep(account.pause_seconds * 2**nth)
        return await self._again_is_fine(question)

    async def _hung_up(self, sid: str, status: str) -> bool:
        """Whether the call has been told to end and will.

        A cancelled call that has been picked up meanwhile stays up, and Twilio says so only in the
        status that it answers with.
        """
        try:
            call = await self._again_is_fine(lambda client: client.calls(sid).update_async(status=status))
        except Refused:
            return False
        return status == "completed" or str(call.status) != UP

    async def _calls(self, status: str) -> list[LiveCall]:
        found = await self._looked_up(
            lambda client: client.calls.list_async(status=status, page_size=PAGE_SIZE)
        )
        return [_live_call(call) for call in found]

    async def _rooms(self) -> list[LiveRoom]:
        found = await asyncio.gather(*(self._rooms_that_are(status) for status in OPEN))
        by_sid = {room.sid: room for rooms in found for room in rooms}
        rooms = await asyncio.gather(*(self._room(room) for room in by_sid.values()))
        return [room for room in rooms if room is not None]

    async def _rooms_that_are(self, status: str) -> list[ConferenceInstance]:
        return await self._looked_up(
            lambda client: client.conferences.list_async(status=status, page_size=PAGE_SIZE)
        )

    async def _room(self, room: ConferenceInstance) -> LiveRoom | None:
        sid = room.sid or ""
        try:
            people = await self._looked_up(
                lambda client: client.conferences(sid).participants.list_async(page_size=PAGE_SIZE)
            )
        except LegGone:  # it ended between the two questions
            return None
        occupants = [_occupant(one) for one in people]
        return LiveRoom(
            sid=sid,
            name=room.friendly_name or "",
            started_at=room.date_created,
            occupants={one.label or one.sid: one for one in occupants},
        )


def _live_call(call: CallInstance) -> LiveCall:
    started: datetime | None = call.start_time or call.date_created
    return LiveCall(
        sid=call.sid or "",
        is_inbound=call.direction == "inbound",
        origin=Sensitive(call._from or ""),  # noqa: SLF001  their name for it
        to=Sensitive(call.to or ""),
        status=str(call.status),
        started_at=started,
        parent_sid=call.parent_call_sid or None,
    )


def _occupant(one: ParticipantInstance) -> Occupant:
    return Occupant(
        sid=one.call_sid or "", label=one.label or "", is_held=bool(one.hold), is_muted=bool(one.muted)
    )
