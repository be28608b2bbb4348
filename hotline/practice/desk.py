"""The desk: what every part of the exchange works with, and the few things all of them do.

It knows the pace of the clock, what a leg hears, how a call is answered and ended, and it tells the
story of a call to its callback.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from hotline.base.clock import now
from hotline.base.tasks import Crew
from hotline.practice.book import Book, Call, Callback, Heard, Source
from hotline.practice.config import PracticeConfig
from hotline.practice.feed import Feed
from hotline.practice.forms import progress_form
from hotline.practice.post import Post

REPEATABLE = frozenset({"say", "play", "tones"})

Opening = Callable[[], Awaitable[Source | None]]
"""How a leg begins: it rings, or sits down in a room, and says which document comes next."""


@dataclass(slots=True, kw_only=True)
class Desk:
    """Shared by everything; `launch` runs a leg from its opening to its end."""

    config: PracticeConfig
    book: Book
    feed: Feed
    post: Post
    crew: Crew
    launch: Callable[[Call, Opening], None]
    address: str
    """Where the REST API is reached, as its last user spelled it; recordings are fetched from there."""
    next_slot_at: float = 0.0

    async def pass_seconds(self, seconds: float) -> None:
        """Let this much of the telephone world's time go by."""
        await asyncio.sleep(seconds * self.config.pace)

    def hear(self, call: Call, kind: str, text: str) -> None:
        """Note what a leg hears from now on; a state that merely lasts is noted once."""
        if kind not in REPEATABLE and (kind, text) == (call.hears.kind, call.hears.text):
            return
        call.hears = Heard(at=now(), kind=kind, text=text)
        call.heard.append(call.hears)
        self.feed.tell("hears", call.sid, hears=kind, text=text)

    def answer(self, call: Call) -> None:
        """Take the call off the hook, if it is not already."""
        if call.answered_at is None and not call.is_over:
            call.answered_at = now()
            self.progress(call, "in-progress", event="answered")

    def progress(self, call: Call, status: str, *, event: str) -> None:
        """Move a call to another status and tell its callback, if that wants to know of `event`."""
        call.status = status
        self.feed.tell("status", call.sid, status=status, to=call.to, direction=call.direction)
        if call.callback is not None and call.callback.url and event in call.callback.events:
            told = "initiated" if event == "initiated" else status
            self.post.notify(call.sid, call.callback, progress_form(self.config.account, call, told))

    def finish(self, call: Call, status: str) -> None:
        """End a call for good. A call cancelled before it was even tried is never told of."""
        was_tried = call.status != "queued"
        call.ended_at = now()
        call.keypad = None
        self.hear(call, "ended", status)
        if was_tried:
            self.progress(call, status, event="completed")
        else:
            call.status = status
        call.ended.set()

    async def wait_for_slot(self, call: Call) -> None:
        """Keep an outbound call queued until its turn has come."""
        loop = asyncio.get_running_loop()
        spacing = self.config.pace / self.config.calls_per_second
        due = max(loop.time(), self.next_slot_at)
        self.next_slot_at = due + spacing
        call.queue_seconds = due - loop.time()
        await asyncio.sleep(call.queue_seconds)


def callback_from(url: str, method: str, events: str) -> Callback | None:
    """A callback, or none when there is no URL; `events` are words set apart by spaces."""
    return Callback(url=url, method=method or "POST", events=frozenset(events.split())) if url else None
