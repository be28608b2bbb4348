"""What the reference model remembers: people, callers, the ends of calls, and the numbers of the house.

Written from the requirements, not from the domain: nothing here comes from `hotline`, and the numbers are
stated a second time, so that a slip in either place shows.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

LEVELS: Final = ("none_found", "unknown", "low", "moderate", "high", "imminent")
BAND_OF: Final = {"imminent": 0, "high": 1, "moderate": 2}
LAST_BAND: Final = 3
CARE_BAND: Final = 2
RUNGS: Final = {"imminent": (60, 60, 60, 60), "high": (300, 120, 120, 120)}
PATIENCE: Final = {
    "imminent": {"acknowledged": 600, "contact_made": 3600, "resolved": 86_400, "again": 300},
    "high": {"acknowledged": 1800, "contact_made": 14_400, "resolved": 172_800, "again": 900},
}
STALLED: Final = 2
CHATS_MAX: Final = 2

AGEING: Final = 900
RING: Final = 15
CONNECT: Final = 10
HEARTBEAT: Final = 10
CALL_LOST: Final = 20
CHAT_LOST: Final = 60
CHAT_SILENT: Final = 90
WRAP_UP: Final = 120
NOT_AGAIN: Final = 120
RETURN: Final = 1800

OVER: Final = frozenset({"closed", "abandoned", "diverted"})
UNTALKED: Final = frozenset({"silent", "hang_up", "wrong_number", "abusive", "sexual_misuse", "test"})
"""Dispositions that need neither a screening nor a result."""


class Refuses(Exception):
    """The house says no, with this status, and nothing changes."""

    def __init__(self, status: int) -> None:
        """Keep the status that the web must answer with."""
        super().__init__(status)
        self.status = status


@dataclass(kw_only=True)
class Person:
    """Somebody who works here; `is_in` while signed in, `is_watching` while a page is open."""

    id: UUID
    login: str
    role: str
    since: datetime
    idle_since: datetime
    languages: frozenset[str] = frozenset({"zh"})
    capacity: int = 1
    has_phone: bool = False
    is_in: bool = False
    is_watching: bool = False
    choice: str = "signed_out"
    reason: str | None = None
    heard_at: datetime | None = None
    is_connected: bool = False
    free_at: datetime | None = None
    rested_at: datetime | None = None


@dataclass(kw_only=True)
class Ringing:
    """A contact rings at somebody until `until`; the id is learnt from the house."""

    at: UUID
    until: datetime
    id: UUID | None = None


@dataclass(kw_only=True)
class Talk:
    """A counselor's engagement; the id is learnt from the house."""

    staff: UUID
    offer: UUID | None = None
    state: str = "connecting"
    opened_at: datetime | None = None
    ended_at: datetime | None = None
    screening: str | None = None
    disposition: str | None = None
    result: str | None = None
    id: UUID | None = None

    @property
    def is_live(self) -> bool:
        """Whether it still occupies its counselor."""
        return self.state in {"connecting", "open", "wrapping"}


@dataclass(kw_only=True)
class Alarm:
    """A crisis team called in; the id is learnt from the house."""

    level: str
    state: str
    next_at: datetime | None
    rung: int = 0
    round: int = 0
    turn: int = 0
    chased: int = 0
    owner: UUID | None = None
    said: dict[str, UUID] = field(default_factory=dict[str, UUID])
    """Who said how it goes on, by step: the same words by the same person twice are no error."""
    id: UUID | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act."""
        return self.state not in {"closed", "stood_down"}


@dataclass(kw_only=True)
class End:
    """One end of a call: where it was last told to be, and whether the network has said that it is there."""

    id: UUID
    role: str
    state: str
    sid: str | None = None
    staff: UUID | None = None
    offer: UUID | None = None
    generation: int = 0
    place: str = "none"
    is_joined: bool = False
    ended_at: datetime | None = None
    why: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether it is down."""
        return self.state == "ended"


@dataclass(kw_only=True)
class Caller:
    """One reaching-out. `number` is None for those who withhold it; `is_care`: young, or tried before."""

    id: UUID
    channel: str
    arrived_at: datetime
    since: datetime
    language: str = "zh"
    is_line_open: bool = True
    number: str | None = None
    state: str = "arriving"
    level: str = "none_found"
    form_level: str = "none_found"
    """What the form said; words that carry danger are judged together with it."""
    is_judged: bool = False
    is_crisis: bool = False
    is_care: bool = False
    band: int = LAST_BAND
    stands_in: int = LAST_BAND
    ages_at: datetime | None = None
    joined_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    seen_at: datetime | None = None
    generation: int = 0
    held_by: UUID | None = None
    slot: int | None = None
    said_no: tuple[UUID, ...] = ()
    messages: int = 0
    token: str = ""
    ringing: Ringing | None = None
    talks: list[Talk] = field(default_factory=list[Talk])
    alarms: list[Alarm] = field(default_factory=list[Alarm])
    ends: list[End] = field(default_factory=list[End])
    sent: dict[UUID, int] = field(default_factory=dict[UUID, int])

    @property
    def talk(self) -> Talk | None:
        """The engagement that is not over."""
        return next((each for each in self.talks if each.is_live), None)

    @property
    def alarm(self) -> Alarm | None:
        """The latest escalation, open or not."""
        return self.alarms[-1] if self.alarms else None

    @property
    def is_over(self) -> bool:
        """Whether nothing can follow."""
        return self.state in OVER

    @property
    def is_grave(self) -> bool:
        """High or imminent."""
        return self.level in {"high", "imminent"}

    @property
    def room(self) -> str:
        """The name of the room of this generation, as the documents give it."""
        return f"c_{self.id.hex}_{self.generation}"
