"""A telephone network in memory: it does what it is told, or goes wrong as a test wants it to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from hotline.base import ids
from hotline.base.errors import HotlineError
from hotline.base.sensitive import Sensitive
from hotline.carriers.port import Cap, LiveCall, LiveRoom, Occupant, Softphone, Survey


@dataclass
class Network:
    """Writes down its orders; `trouble` is asked before each and may raise."""

    told: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    troubles: list[HotlineError] = field(default_factory=list[HotlineError])
    calls: list[LiveCall] = field(default_factory=list[LiveCall])
    rooms: list[LiveRoom] = field(default_factory=list[LiveRoom])
    before: Callable[[], None] = lambda: None

    @property
    def caps(self) -> frozenset[Cap]:
        """All."""
        return frozenset(Cap)

    async def steer(self, sid: str, leg_id: UUID) -> None:
        self._take("steer", sid)

    async def dial(self, leg_id: UUID, to: Sensitive, ring_seconds: int) -> str:
        sid = f"CA{ids.new_id().hex}"
        self._take("dial", to.reveal())
        return sid

    async def ring_page(self, page_id: UUID, to: Sensitive, ring_seconds: int) -> str:
        self._take("ring", to.reveal())
        return f"CA{page_id.hex}"

    async def drop(self, sid: str, state: str) -> None:
        self._take("drop", sid)

    async def survey(self) -> Survey:
        self._take("survey", "")
        return Survey(calls=tuple(self.calls), rooms=tuple(self.rooms))

    async def send_sms(self, to: Sensitive, text: str, key: UUID) -> str:
        self._take("sms", f"{to.reveal()} {text}")
        return f"SM{key.hex}"

    def softphone(self, identity: str, ttl_seconds: int) -> Softphone:
        return Softphone(identity=identity, token=Sensitive("t"), ttl_seconds=ttl_seconds)

    async def close(self) -> None:
        """Nothing to close."""

    def holds(self, sid: str, since: datetime, **traits: object) -> None:
        """A call is up at the network."""
        known: dict[str, object] = {
            "sid": sid,
            "is_inbound": True,
            "origin": Sensitive("anonymous"),
            "to": Sensitive(""),
            "status": "in-progress",
            "started_at": since,
        }
        self.calls.append(LiveCall(**known | traits))  # pyright: ignore[reportArgumentType]

    def seats(self, room: str, *sids: str) -> None:
        """These calls are in a room."""
        occupants = {sid: Occupant(sid=sid, label=sid, is_held=False, is_muted=False) for sid in sids}
        self.rooms.append(LiveRoom(sid=f"CF{room}", name=room, started_at=None, occupants=occupants))

    def _take(self, what: str, about: str) -> None:
        self.before()
        self.told.append((what, about))
        if self.troubles:
            raise self.troubles.pop(0)
