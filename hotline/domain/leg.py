"""A leg is one endpoint of a call; a plan is what it should experience now.

The plan is a pure function of the rows, never of the event that arrived: the answer to a provider's
request, a steering order and the sweep all ask the same question. So duplicates and late callbacks
do no harm. We own the queue; the provider only parks the caller. A caller's leg ends the room when
it leaves, everybody else's does not.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from hotline.domain.centre import Line
from hotline.domain.contact import RESTRICTED, Contact
from hotline.domain.effects import Drop, Effect, Steer
from hotline.domain.machine import Machine
from hotline.domain.offer import Offer
from hotline.domain.queue import BAND_LAST

MACHINE: Final = Machine(
    name="leg",
    start="expected",
    moves={
        ("expected", "ring"): "ringing",
        ("expected", "answer"): "live",
        ("ringing", "answer"): "live",
        ("expected", "end"): "ended",
        ("ringing", "end"): "ended",
        ("live", "end"): "ended",
    },
    ends=frozenset({"ended"}),
)

CRISIS_KEY: Final = "9"
LANGUAGE_KEYS: Final = {"1": 0, "2": 1, "3": 2, "4": 3}
TAKE_KEY: Final = "1"
MENU_STEP: Final = "menu"
TAKE_STEP: Final = "take"
WAIT_STEP: Final = "wait"

DIALLED: Final = "dialled"
MOVING: Final = "moving"
MOVE_SECONDS: Final = 2
"""A leg that was told to ask for its plan and has not asked for so long is told again."""
SUPERSEDED: Final = "superseded"
"""Why a leg is over whose counselor has called in again, from the same page or another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One endpoint of a call; `id` is our key, `sid` the provider's.

    `place` is where the provider has last been told, or said, that the leg is: `none`, `ivr`,
    `park` or `room`, or that it is on its way: `dialled` (ordered to ring, once) or `moving` (ordered
    to ask for its plan); `place_at` since when. `joined_at` is the provider's word that it is in the room,
    `place_said` the smallest place in the queue that the caller has been told. `generation` is the
    contact's when the leg was made.
    """

    id: UUID
    contact_id: UUID
    role: str
    state: str
    made_at: datetime
    sid: str | None = None
    staff_id: UUID | None = None
    offer_id: UUID | None = None
    generation: int = 0
    place: str = "none"
    place_at: datetime | None = None
    place_said: int | None = None
    joined_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None

    @property
    def is_live(self) -> bool:
        """Whether the endpoint is up."""
        return self.state == "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What is said: the key of a phrase, its language, and numbers to fill in."""

    key: str
    language: str
    values: tuple[tuple[str, int | str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Say something and wait for keys; silence is an answer too."""

    prompt: Prompt
    step: str
    digits: int = 1
    wait_seconds: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Park:
    """Wait with music; say `prompt` now and again every `every_seconds`, listening for keys."""

    prompt: Prompt | None
    step: str
    every_seconds: int = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Be in the contact's conference; an anchor's leaving ends it."""

    name: str
    label: str
    is_anchor: bool
    mode: str = "talk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Divert:
    """Be connected to another number on purpose, after saying `prompt`."""

    to: str
    prompt: Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Bye:
    """Hear `prompt` and be released; every prompt used here names somewhere to turn to."""

    prompt: Prompt


Plan = Ask | Park | Room | Divert | Bye


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything a plan is made of: the contact, its line, and who else is on the call."""

    contact: Contact
    line: Line
    offer: Offer | None = None
    counselor: Leg | None = None
    ahead: int | None = None
    """Contacts ahead in the queue, when that may be told."""


def plan(leg: Leg, scene: Scene, now: datetime) -> Plan:
    """What `leg` should experience at `now`."""
    if leg.role == "caller":
        return _caller_plan(leg, scene, now)
    return _counselor_plan(leg, scene)


def place_of(wanted: Plan) -> str:
    """Where a leg is when it experiences the plan."""
    match wanted:
        case Ask():
            return "ivr"
        case Park():
            return "park"
        case Room():
            return "room"
        case Divert() | Bye():
            return "none"


def answered(leg: Leg, sid: str) -> Leg:
    """The leg once the endpoint is up; said twice, or late of one that is down, it changes nothing."""
    if not MACHINE.allows(leg.state, "answer"):
        return leg
    return replace(leg, state=MACHINE.after(leg.state, "answer"), sid=sid)


def ringing(leg: Leg, sid: str) -> Leg:
    """The leg once the network rings it."""
    if leg.state != "expected":
        return replace(leg, sid=leg.sid or sid)
    return replace(leg, state=MACHINE.after(leg.state, "ring"), sid=sid)


def moved(leg: Leg, place: str, now: datetime) -> Leg:
    """The leg at another place; the same place again leaves the time as it is, and what is down stays put."""
    if leg.place == place or leg.state in MACHINE.ends:
        return leg
    return replace(leg, place=place, place_at=now, joined_at=None)


def joined(leg: Leg, now: datetime) -> Leg:
    """The leg once the provider says that it is in the room; what is down cannot be in it."""
    if leg.state in MACHINE.ends:
        return leg
    up = leg if leg.sid is None else answered(leg, leg.sid)
    return replace(moved(up, "room", now), joined_at=leg.joined_at or now)


def left(leg: Leg, now: datetime) -> Leg:
    """The leg once the provider says that it has left the room."""
    return replace(leg, place="none", place_at=now, joined_at=None)


def told(leg: Leg, plan_told: Plan) -> Leg:
    """The leg after the caller has been told a place in the queue; it is never told a larger one."""
    if not isinstance(plan_told, Park) or plan_told.prompt is None:
        return leg
    said = dict(plan_told.prompt.values).get("place")
    return leg if said is None else replace(leg, place_said=int(said) - 1)


def ended(leg: Leg, now: datetime, reason: str) -> Leg:
    """The leg once the endpoint is down; ending twice changes nothing."""
    if leg.state in MACHINE.ends:
        return leg
    return replace(
        leg,
        state=MACHINE.after(leg.state, "end"),
        ended_at=now,
        end_reason=reason,
        place="none",
        joined_at=None,
    )


def wants_steering(leg: Leg, scene: Scene, now: datetime) -> bool:
    """Whether a live leg is somewhere else than its plan says, and not on its way already."""
    return leg.is_live and not _is_under_way(leg, now) and place_of(plan(leg, scene, now)) != leg.place


def is_orphan(leg: Leg, scene: Scene) -> bool:
    """Whether an endpoint is up or ringing with no part left to play."""
    if leg.state == "ended":
        return False
    if leg.role == "caller":
        return scene.contact.state == "abandoned" or (scene.contact.state == "closed" and leg.place == "none")
    return isinstance(_counselor_plan(leg, scene), Bye)


def settle(
    legs: Iterable[Leg], scene: Scene, now: datetime, *, answering: UUID | None = None
) -> tuple[Effect, ...]:
    """What has to be done so that every leg is where it should be.

    `answering` names the leg whose request is being answered: its plan goes out with the answer.
    """
    effects: list[Effect] = []
    for leg in legs:
        if leg.id == answering or leg.state == "ended":
            continue
        if is_orphan(leg, scene):
            effects.append(Drop(leg_id=leg.id))
        elif wants_steering(leg, scene, now):
            effects.append(Steer(leg_id=leg.id))
    return tuple(effects)


def counselor_of(legs: Iterable[Leg], contact: Contact) -> Leg | None:
    """The leg of the counselor who holds the contact now."""
    mine = (
        leg
        for leg in legs
        if leg.role == "counselor" and leg.state != "ended" and leg.generation == contact.generation
    )
    return next((leg for leg in mine if leg.staff_id == contact.counselor_id), None)


def caller_of(legs: Iterable[Leg]) -> Leg | None:
    """The caller's leg that is up, or the last one that was."""
    callers = [leg for leg in legs if leg.role == "caller"]
    return next((leg for leg in callers if leg.state != "ended"), callers[-1] if callers else None)


def are_together(legs: Iterable[Leg], contact: Contact) -> bool:
    """Whether the provider has said of caller and counselor that they are in the room."""
    known = tuple(legs)
    counselor, caller = counselor_of(known, contact), caller_of(known)
    return bool(counselor and counselor.joined_at and caller and caller.joined_at)


def language_of(line: Line, key: str) -> str | None:
    """The language behind a menu key of this line, or None."""
    index = LANGUAGE_KEYS.get(key)
    return line.languages[index] if index is not None and index < len(line.languages) else None


def _caller_plan(leg: Leg, scene: Scene, now: datetime) -> Plan:
    contact, line = scene.contact, scene.line
    match contact.state:
        case "arriving":
            key = "greeting" if line.is_open(now) else "closed"
            return Ask(
                prompt=_prompt(key, line.languages[0], languages="+".join(line.languages)), step=MENU_STEP
            )
        case "waiting" | "offered" | "connecting":
            if contact.state == "connecting" and _in_room(scene):
                return Room(name=contact.room, label="caller", is_anchor=True)
            return Park(prompt=_waiting_prompt(leg, scene), step=WAIT_STEP)
        case "talking":
            return Room(name=contact.room, label="caller", is_anchor=True)
        case "diverted":
            prompt = _prompt("diverted", contact.language)
            return Divert(to=line.overflow, prompt=prompt) if line.overflow else Bye(prompt=_numbers(contact))
        case "wrapping" | "closed":
            return Bye(prompt=_prompt("farewell", contact.language))
        case _:
            return Bye(prompt=_numbers(contact))


def _counselor_plan(leg: Leg, scene: Scene) -> Plan:
    contact = scene.contact
    offer = scene.offer
    if contact.state == "offered" and offer is not None and offer.id == leg.offer_id:
        return Ask(prompt=_prompt("take", contact.language, seconds=15), step=TAKE_STEP, wait_seconds=10)
    is_mine = contact.counselor_id == leg.staff_id and contact.generation == leg.generation
    if is_mine and contact.state in {"connecting", "talking"}:
        # A page that calls in again meets its old leg in the room; a label may be there once only.
        return Room(name=contact.room, label=f"counselor-{leg.id.hex[-8:]}", is_anchor=False)
    return Bye(prompt=_prompt("offer_over", contact.language))


def _is_under_way(leg: Leg, now: datetime) -> bool:
    if leg.place != MOVING or leg.place_at is None:
        return False
    return now < leg.place_at + timedelta(seconds=MOVE_SECONDS)


def _in_room(scene: Scene) -> bool:
    counselor = scene.counselor
    return (
        counselor is not None
        and counselor.is_live
        and counselor.place == "room"
        and counselor.generation == scene.contact.generation
    )


def _waiting_prompt(leg: Leg, scene: Scene) -> Prompt:
    language = scene.contact.language
    ahead = scene.ahead
    if RESTRICTED in scene.contact.flags and scene.contact.band == BAND_LAST:
        return _prompt("waiting_restricted", language)
    if ahead is None or (leg.place_said is not None and ahead > leg.place_said):
        return _prompt("waiting", language)
    return _prompt("waiting_place", language, place=ahead + 1)


def _numbers(contact: Contact) -> Prompt:
    return _prompt("emergency_numbers", contact.language)


def _prompt(key: str, language: str, **values: int | str) -> Prompt:
    return Prompt(key=key, language=language, values=tuple(values.items()))
