"""What the exchange knows: calls, queues, rooms, recordings, messages. All of it in memory.

A call is one leg. It is run by one coroutine, which waits inside a cancel scope; `interrupt` gives it an
order and lets it out of whatever it was doing. Only the order decides what happens next, so a hang-up and a
redirect that come at once cannot both win: an ending beats everything.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from anyio import CancelScope

from hotline.base.clock import now

TRANSCRIPT_LINES_MAX = 500
CALLS_MAX = 200_000
ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the next document comes from: a URL to ask, or TwiML that was handed over."""

    url: str = ""
    method: str = "POST"
    inline: str = ""
    extra: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Steered:
    """The order to go on with another document; `dequeued` when a queue's member was sent away."""

    source: Source
    dequeued: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The order to end; `by_far_end` when the person hung up rather than the API."""

    status: str
    by_far_end: bool


Order = Steered | Ending


@dataclass(slots=True)
class Keypad:
    """The keys that a listening leg is given; `prompt` is what the first key cuts short."""

    keys: asyncio.Queue[str] = field(default_factory=asyncio.Queue[str])
    prompt: CancelScope = field(default_factory=CancelScope)

    def press(self, key: str) -> None:
        """Take a key and stop talking."""
        self.keys.put_nowait(key)
        self.prompt.cancel()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Something that a leg heard (or did), and when."""

    at: datetime
    kind: str
    text: str


@dataclass(slots=True, kw_only=True)
class Callback:
    """Where the story of something is told, and which parts of it."""

    url: str
    method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})


@dataclass(slots=True, kw_only=True)
class Call:
    """One leg."""

    sid: str
    direction: Literal["inbound", "outbound-api", "outbound-dial"]
    frm: str
    to: str
    status: str
    parent_sid: str = ""
    created_at: datetime = field(default_factory=now)
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    queue_seconds: float = 0.0
    fallback: Source | None = None
    callback: Callback | None = None
    sequence: int = 0
    params: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the browser's `device.connect` was given, or what `<Client>` passed on."""
    is_lost: bool = False
    order: Order | None = None
    scope: CancelScope | None = None
    keypad: Keypad | None = None
    decision: asyncio.Future[str] | None = None
    """While it rings: `answer`, or the status that the call ends with."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    seat: "tuple[Conference, Participant] | None" = None
    queue: "Queue | None" = None
    hears: Heard = field(default_factory=lambda: Heard(at=now(), kind="silence", text=""))
    heard: deque[Heard] = field(default_factory=lambda: deque[Heard](maxlen=TRANSCRIPT_LINES_MAX))
    faults: int = 0

    @property
    def is_over(self) -> bool:
        """Whether the leg is gone."""
        return self.status in ENDED

    @property
    def is_ringing_out(self) -> bool:
        """Whether a phone rings because of us and nobody has taken it yet."""
        return self.decision is not None and not self.decision.done()

    def interrupt(self, order: Order) -> None:
        """Give an order; an ending stands against everything that comes after."""
        if not isinstance(self.order, Ending):
            self.order = order
        if self.scope is not None:
            self.scope.cancel()

    def next_sequence(self) -> int:
        """The number of the next callback of this call, from 0."""
        self.sequence += 1
        return self.sequence - 1


@dataclass(slots=True, kw_only=True)
class Member:
    """One call that waits in a queue; `bridge` is set when another call takes it out."""

    call: Call
    enqueued_at: datetime = field(default_factory=now)
    bridge: "Bridge | None" = None
    scope: CancelScope | None = None


@dataclass(slots=True, kw_only=True)
class Bridge:
    """Two legs that hear each other until one of them goes."""

    over: asyncio.Event = field(default_factory=asyncio.Event)
    at: datetime = field(default_factory=now)


@dataclass(slots=True, kw_only=True)
class Queue:
    """Members in the order of their coming."""

    sid: str
    friendly_name: str
    max_size: int
    members: list[Member] = field(default_factory=list[Member])
    created_at: datetime = field(default_factory=now)

    def find(self, call_sid: str) -> Member | None:
        """The member with this call; `Front` is the first one."""
        if call_sid == "Front":
            return self.members[0] if self.members else None
        return next((one for one in self.members if one.call.sid == call_sid), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """How a leg wants to sit in a room."""

    label: str = ""
    is_muted: bool = False
    is_starting: bool = True
    is_ending: bool = False
    coaches: str = ""
    beep: str = "true"
    wait_url: str | None = None
    wait_method: str = "POST"
    callback: Callback | None = None
    records: bool = False
    recording_callback: Callback | None = None
    size_max: int = 250


@dataclass(slots=True, kw_only=True)
class Participant:
    """A leg in a room. `scope` is what it hears; cancelling that makes it listen afresh."""

    call: Call
    label: str
    is_muted: bool
    is_starting: bool
    is_ending: bool
    is_held: bool = False
    is_connected: bool = False
    hold: Source | None = None
    wait: Source | None = None
    coaches: str = ""
    sound: tuple[str, str, Source | None] = ("silence", "", None)
    """What the room gives it to hear: kind, text, and a document to play."""
    announcements: list[Source] = field(default_factory=list[Source])
    joined_at: datetime = field(default_factory=now)
    scope: CancelScope | None = None
    released: asyncio.Event = field(default_factory=asyncio.Event)
    why_left: str = "participant_hung_up"

    @property
    def name(self) -> str:
        """What others call it: its label, or where it calls from."""
        return self.label or (self.call.frm if self.call.direction == "inbound" else self.call.to)

    def listen_afresh(self) -> None:
        """Have the leg look again at what it should hear."""
        if self.scope is not None:
            self.scope.cancel()


@dataclass(slots=True, kw_only=True)
class Recording:
    """Sound that would have been kept."""

    sid: str
    source: str
    call_sid: str
    conference_sid: str
    channels: int
    callback: Callback | None
    status: str = "in-progress"
    started_at: datetime = field(default_factory=now)
    ended_at: datetime | None = None
    is_deleted: bool = False


@dataclass(slots=True, kw_only=True)
class Conference:
    """A room. The first participant decides where its story is told."""

    sid: str
    friendly_name: str
    status: Literal["init", "in-progress", "completed"] = "init"
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    participants: list[Participant] = field(default_factory=list[Participant])
    callback: Callback | None = None
    sequence: int = 0
    recording: Recording | None = None
    why_ended: str = ""
    ended_by: str = ""

    def find(self, key: str) -> Participant | None:
        """By call or by label."""
        return next((one for one in self.participants if key in {one.call.sid, one.label}), None)

    def next_sequence(self) -> int:
        """The number of the next callback of this room, from 1."""
        self.sequence += 1
        return self.sequence


@dataclass(slots=True, kw_only=True)
class Message:
    """A text message that would have been sent."""

    sid: str
    frm: str
    to: str
    body: str
    callback: str
    status: str = "queued"
    created_at: datetime = field(default_factory=now)


class Book:
    """Everything there is, by identifier."""

    def __init__(self) -> None:
        """Open empty."""
        self.calls: dict[str, Call] = {}
        self._live: dict[str, Call] = {}
        self.queues: dict[str, Queue] = {}
        self.conferences: dict[str, Conference] = {}
        self.rooms_by_name: dict[str, Conference] = {}
        self.recordings: dict[str, Recording] = {}
        self.messages: dict[str, Message] = {}

    def live_calls(self) -> list[Call]:
        """The legs that are not gone, oldest first."""
        self._live = {sid: call for sid, call in self._live.items() if not call.is_over}
        return list(self._live.values())

    def add(self, call: Call) -> None:
        """Enter a new leg; the oldest that are gone make room once there are too many."""
        if len(self.calls) >= CALLS_MAX:
            for sid in [sid for sid, one in self.calls.items() if one.is_over][: CALLS_MAX // 10]:
                del self.calls[sid]
        self.calls[call.sid] = call
        self._live[call.sid] = call

    def forget(self, call: Call) -> None:
        """Strike out a leg that was refused before it began."""
        del self.calls[call.sid], self._live[call.sid]

    def live_room(self, friendly_name: str) -> Conference | None:
        """The room of this name that has not ended; a name may be used again afterwards."""
        room = self.rooms_by_name.get(friendly_name)
        return None if room is None or room.status == "completed" else room

    def live_rooms(self) -> list[Conference]:
        """The rooms that have not ended."""
        return [room for room in self.rooms_by_name.values() if room.status != "completed"]

    def queue_named(self, friendly_name: str) -> Queue | None:
        """The queue of this name."""
        return next((one for one in self.queues.values() if one.friendly_name == friendly_name), None)
