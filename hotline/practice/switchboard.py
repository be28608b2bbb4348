"""The switchboard: calls are placed, taken, sent elsewhere and ended here, by people or through the API.

Everything that starts a leg or gives one an order goes through this class; REST and the control API are two
doors to it.
"""

from collections.abc import Mapping
from functools import partial

from hotline.base.tasks import Crew
from hotline.practice import rooms, wrong
from hotline.practice.book import Book, Call, Callback, Conference, Ending, Participant, Seat, Source, Steered
from hotline.practice.config import Application, Number, PracticeConfig
from hotline.practice.desk import Desk, Opening, callback_from
from hotline.practice.feed import Feed
from hotline.practice.legs import run
from hotline.practice.post import Post
from hotline.practice.ringing import ring
from hotline.practice.sids import new_sid
from hotline.practice.wrong import RestError


class Switchboard:
    """One account's telephones."""

    def __init__(self, config: PracticeConfig, crew: Crew) -> None:
        """Set up the desk; nothing rings yet."""
        feed = Feed()
        self.desk = Desk(
            config=config,
            book=Book(),
            feed=feed,
            post=Post(config, feed, crew),
            crew=crew,
            launch=self._launch,
            address=f"http://{config.host}:{config.port}",
        )
        self.numbers = {number.phone_number: number for number in config.numbers}
        self.applications = {app.sid: app for app in config.applications}

    def place_inbound(self, frm: str, to: str) -> Call:
        """Somebody dials one of our numbers.

        Raises: RestError when the number is not ours.
        """
        number = self.numbers.get(to)
        if number is None:
            raise wrong.not_found(f"number {to}")
        return self._arrive(frm, to, number, {})

    def connect_client(self, identity: str, app_sid: str, params: Mapping[str, str]) -> Call:
        """A browser calls its TwiML application, as `device.connect` does.

        Raises: RestError when there is no such application.
        """
        app = self.applications.get(app_sid) if app_sid else next(iter(self.applications.values()), None)
        if app is None:
            raise wrong.not_found(f"application {app_sid}")
        return self._arrive(f"client:{identity}", "", app, params)

    def place_outbound(
        self,
        frm: str,
        to: str,
        source: Source,
        *,
        fallback: Source | None,
        callback: Callback | None,
        seconds: float,
    ) -> Call:
        """Call a phone; when it is taken, `source` says what it hears."""
        call = self._outbound(frm, to, callback)
        call.fallback = fallback
        self._launch(call, partial(self._ring_out, call, source, seconds))
        return call

    def call_into_room(
        self, room_name: str, frm: str, to: str, seat: Seat, *, callback: Callback | None, seconds: float
    ) -> tuple[Conference, Participant]:
        """Call a phone that sits down in a room when it is taken.

        Raises: RestError when its label is taken or the room is full.
        """
        room = rooms.open_room(self.desk, room_name)
        call = self._outbound(frm, to, callback)
        try:
            one = rooms.take_seat(room, call, seat)
        except rooms.NoSeat as refused:
            self.desk.book.forget(call)
            raise RestError(400, wrong.LABEL_TAKEN, str(refused)) from refused
        self._launch(call, partial(self._ring_into, call, room, one, seat, seconds))
        return room, one

    def steer(self, call: Call, source: Source, *, dequeued: bool = False) -> None:
        """Send a leg elsewhere.

        Raises: RestError when the call is not in progress.
        """
        if call.status != "in-progress" or isinstance(call.order, Ending):
            raise RestError(400, wrong.INVALID_CALL_STATE, "Call is not in-progress. Cannot redirect.")
        self.desk.feed.tell("steered", call.sid, url=source.url)
        call.interrupt(Steered(source=source, dequeued=dequeued))

    def end(self, call: Call, status: str) -> None:
        """End a leg through the API; `canceled` leaves a call that is in progress alone.

        Raises: RestError when the call is over.
        """
        if call.is_over or isinstance(call.order, Ending):
            raise RestError(400, wrong.INVALID_CALL_STATE, "Call is not in-progress. Cannot end it.")
        if call.status == "in-progress":
            if status == "completed":
                call.interrupt(Ending(status="completed", by_far_end=False))
            return
        call.interrupt(Ending(status="canceled", by_far_end=False))

    def hang_up(self, call: Call) -> None:
        """The person at the far end hangs up; a device that is lost no longer can."""
        if not call.is_over and not call.is_lost:
            self._far_end_gone(call)

    def lose(self, call: Call, seconds: float) -> None:
        """The far end's device is gone without a word; the network notices after `seconds`."""
        if call.is_over or call.is_lost:
            return
        call.is_lost = True
        call.keypad = None
        self.desk.feed.tell("lost", call.sid, seconds=seconds)
        self.desk.crew.once(f"lost {call.sid}", self._notice(call, seconds))

    def press(self, call: Call, digits: str) -> bool:
        """Press keys; False when nobody listens for them just now."""
        self.desk.feed.tell("pressed", call.sid, digits=digits)
        if call.keypad is None or call.is_lost:
            return False
        for key in digits:
            call.keypad.press(key)
        return True

    def decide(self, call: Call, decision: str) -> bool:
        """Take a ringing phone (`answer`), or let it end as busy, no-answer or failed."""
        if call.decision is None or call.decision.done():
            return False
        call.decision.set_result(decision)
        return True

    def clear(self) -> None:
        """Forget everything: every leg ends, unheard."""
        for call in self.desk.book.live_calls():
            call.callback = None
            call.interrupt(Ending(status="completed", by_far_end=True))
        for room in self.desk.book.conferences.values():
            room.callback = None
        self.desk.book = Book()
        self.desk.feed.tell("cleared")

    def _arrive(self, frm: str, to: str, door: Number | Application, params: Mapping[str, str]) -> Call:
        call = Call(
            sid=new_sid("CA"),
            direction="inbound",
            frm=frm,
            to=to,
            status="ringing",
            params=params,
            fallback=Source(url=door.voice_fallback_url) if door.voice_fallback_url else None,
            callback=callback_from(door.status_callback, "POST", "completed"),
        )
        self._add(call)
        self.desk.hear(call, "ringing", "ringing")
        self._launch(call, partial(_arrived, Source(url=door.voice_url)))
        return call

    def _outbound(self, frm: str, to: str, callback: Callback | None) -> Call:
        if frm not in self.numbers and not frm.startswith("client:"):
            raise RestError(400, wrong.FROM_NOT_OURS, f"{frm} is not a number of this account")
        call = Call(
            sid=new_sid("CA"), direction="outbound-api", frm=frm, to=to, status="queued", callback=callback
        )
        self._add(call)
        return call

    def _add(self, call: Call) -> None:
        self.desk.book.add(call)
        self.desk.feed.tell("call", call.sid, frm=call.frm, to=call.to, direction=call.direction)

    def _launch(self, call: Call, opening: Opening) -> None:
        self.desk.crew.once(f"leg {call.sid}", run(self.desk, call, opening))

    async def _ring_out(self, call: Call, source: Source, seconds: float) -> Source:
        await self.desk.wait_for_slot(call)
        await ring(self.desk, call, seconds)
        return source

    async def _ring_into(
        self, call: Call, room: Conference, one: Participant, seat: Seat, seconds: float
    ) -> None:
        came = False
        try:
            await self.desk.wait_for_slot(call)
            await ring(self.desk, call, seconds)
            came = True
        finally:
            if not came:
                status = call.order.status if isinstance(call.order, Ending) else "no-answer"
                rooms.give_up_seat(self.desk, room, one, status)
        if room.status == "completed":  # the room ended while the phone rang: it opens again, as with Twilio
            room = rooms.open_room(self.desk, room.friendly_name)
            one = rooms.take_seat(room, call, seat)
        await rooms.sit(self.desk, room, one, seat)

    async def _notice(self, call: Call, seconds: float) -> None:
        await self.desk.pass_seconds(seconds)
        if not call.is_over:
            self._far_end_gone(call)

    def _far_end_gone(self, call: Call) -> None:
        if call.is_ringing_out:
            self.decide(call, "busy")
            return
        status = "completed" if call.answered_at is not None else "no-answer"
        call.interrupt(Ending(status=status, by_far_end=True))


async def _arrived(source: Source) -> Source:
    return source
