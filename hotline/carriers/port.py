"""What the house wants from a telephone network: six orders out, facts in.

The smallest port that Twilio and a SIP exchange can both satisfy. The core never says *answer*, *play*
or *enqueue*: it asks the network to look again at a leg (`steer`), and the adapter makes the leg
experience its plan. `sid` is always the network's id of a call; our own leg id travels with the call, so
that a call whose id was never learnt still says whose it is. What a network cannot do is visible in
`caps` and refused in words.

Every fact has a `key`: the same for every repeat of the same fact, also when it is replayed from
elsewhere, and different for every other. Insert it before acting on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from hotline.base.errors import HotlineError, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain.leg import Prompt


class Cap(StrEnum):
    """One thing that a network can do."""

    STEER = "steer"
    DIAL = "dial"
    SURVEY = "survey"
    SMS = "sms"
    SOFTPHONE = "softphone"


class LegGone(Refused):
    """The call is not there any more; an order to it can never be carried out."""


class Unknown(HotlineError):
    """A call was asked for and no answer came: it may be ringing. Look (`survey`), never dial again."""


class Spoken(Protocol):
    """One piece of speech: the text in one voice, and a recording of it if there is one."""

    @property
    def text(self) -> str:
        """What is said."""
        ...

    @property
    def audio(self) -> str | None:
        """The address of a recording that is played instead."""
        ...

    @property
    def voice_language(self) -> str:
        """The language tag of the voice, such as `cmn-CN`."""
        ...


class Say(Protocol):
    """Words for a prompt, piece by piece, because one prompt may be said in several languages."""

    def __call__(self, prompt: Prompt, /) -> Sequence[Spoken]:
        """The pieces in the order in which they are heard."""
        ...


# ---------------------------------------------------------------------------------------------- facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A caller's call reaches one of our numbers and waits for its first document.

    `number` is E.164 or None; `quality` is `given`, `withheld` or `unusable`.
    """

    key: str
    sid: str
    to: str
    number: Sensitive | None
    quality: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PickedUp:
    """A counselor's softphone calls in; `asked` holds what the page sent along (such as the offer)."""

    key: str
    sid: str
    identity: str
    asked: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang:
    """The far end of a call that we placed is ringing."""

    key: str
    sid: str
    leg_id: UUID | None
    sequence: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The far end of a call that we placed has picked up (a person, or a mailbox)."""

    key: str
    sid: str
    leg_id: UUID | None
    sequence: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A call is over; `cause` is `completed`, `busy`, `no-answer`, `failed` or `canceled`."""

    key: str
    sid: str
    leg_id: UUID | None
    cause: str
    sequence: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Digits:
    """Keys pressed in answer to a step; empty when the caller stayed silent."""

    key: str
    sid: str
    leg_id: UUID
    step: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """A parked call asks what it should hear next; a sign of life, never worth a journal entry."""

    key: str
    sid: str
    leg_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A call asks for its plan: it was steered here, or fell out of where it was.

    A question, not a fact: it may be asked any number of times and says nothing new, so it has no key.
    """

    sid: str
    leg_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Diverted:
    """A call is back from the number it was diverted to, which picked up or did not."""

    key: str
    sid: str
    leg_id: UUID
    is_reached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A call has entered a room under a label."""

    key: str
    sid: str
    room: str
    label: str
    room_sid: str
    sequence: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A call has left a room; `why` is the network's own word for it."""

    key: str
    sid: str
    room: str
    label: str
    room_sid: str
    why: str
    sequence: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomChanged:
    """A room began or ended, or somebody in it was held, muted or otherwise changed."""

    key: str
    room: str
    room_sid: str
    what: str
    sid: str | None = None
    sequence: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What became of a short message; `status` is the network's own word, `code` its reason."""

    key: str
    sid: str
    page_id: UUID
    status: str
    code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageKeys:
    """Keys pressed, or none, on a call that pages somebody; asked about any number of times."""

    sid: str
    page_id: UUID
    step: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCall:
    """How far a call that pages somebody has come: `rang`, or the cause of its end."""

    sid: str
    page_id: UUID
    cause: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """The network could not do what a document said; `code` is the network's own."""

    key: str
    sid: str | None
    code: str


Fact = (
    Arrived
    | PickedUp
    | Rang
    | Answered
    | Ended
    | Digits
    | Waited
    | Diverted
    | Joined
    | Left
    | RoomChanged
    | Reported
    | Fault
)


# --------------------------------------------------------------------------------------------- survey


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCall:
    """One call that the network holds; `status` is `queued`, `ringing` or `in-progress`.

    `is_inbound` is true for callers and softphones. `parent_sid` is set for the far end of a
    diversion, which belongs to the caller's call and is never ours to end. Lists lag behind: leave
    alone what started less than a few seconds ago.
    """

    sid: str
    is_inbound: bool
    origin: Sensitive
    to: Sensitive
    status: str
    started_at: datetime | None
    parent_sid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupant:
    """A call in a room."""

    sid: str
    label: str
    is_held: bool
    is_muted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRoom:
    """One room that the network holds, with those who are in it, by label (or by sid without one)."""

    sid: str
    name: str
    started_at: datetime | None
    occupants: Mapping[str, Occupant]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Everything that is up at the network now."""

    calls: tuple[LiveCall, ...]
    rooms: tuple[LiveRoom, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Softphone:
    """What a counselor's page needs to call in; the token is a secret with an end."""

    identity: str
    token: Sensitive
    ttl_seconds: int


# --------------------------------------------------------------------------------------------- orders


class Telephony(Protocol):
    """A telephone network. Every order may be repeated; each may raise `Unreachable` (try again)."""

    @property
    def caps(self) -> frozenset[Cap]:
        """What this network can do."""
        ...

    async def steer(self, sid: str, leg_id: UUID) -> None:
        """Have a live call ask for its plan now.

        Raises: LegGone when it is over.
        """
        ...

    async def dial(self, leg_id: UUID, to: Sensitive, ring_seconds: int) -> str:
        """Ring `to` (E.164) for a prepared leg; the network's id of the call.

        Raises: Unknown when nobody can say whether it rings; Refused when the number is no good.
        """
        ...

    async def ring_page(self, page_id: UUID, to: Sensitive, ring_seconds: int) -> str:
        """Ring `to` (E.164) to page somebody; the network's id of the call.

        A call that may have been placed is placed again: silence is worse than a second ring.

        Raises: Refused when the number is no good.
        """
        ...

    async def drop(self, sid: str, state: str) -> None:
        """End a call; `state` is the leg's (`expected`, `ringing`, `live`). Already over is success."""
        ...

    async def survey(self) -> Survey:
        """Every live call and room."""
        ...

    async def send_sms(self, to: Sensitive, text: str, key: UUID) -> str:
        """Send a short message; `key` comes back with its delivery report. The network's id of it."""
        ...

    def softphone(self, identity: str, ttl_seconds: int) -> Softphone:
        """Credentials for one counselor's page; `identity` is opaque."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
