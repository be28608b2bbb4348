"""A walk through the journey of one contact with the verbs of the trade, legal steps and illegal ones.

The world keeps every row that the outcomes bring, as a database would; a refused step brings none.
Steps may be handed an offer or a session that is long over, as late requests do.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

from hypothesis import strategies as st

from hotline.base.errors import Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import contact, custody, escalation, message, offer, session, vigil
from hotline.domain.centre import Channel
from hotline.domain.contact import BEFORE_ANSWER, Contact, Form
from hotline.domain.escalation import Cause, Escalation, Means
from hotline.domain.joint import Journey
from hotline.domain.journal import CALLER
from hotline.domain.level import Level
from hotline.domain.offer import Offer, Pairing
from hotline.domain.outcome import NOTHING, Outcome, Row
from hotline.domain.presence import Presence
from hotline.domain.session import Record, Session
from tests.domain import made
from tests.domain.made import BY_WANG, BY_ZHAO, CONTACT, LADDERS, LI, NOW, ON_DUTY, POLICY, WANG, Ids

T = TypeVar("T", bound=Row)


@dataclass(kw_only=True)
class World:
    """One contact and all that its outcomes have left; `back` says how stale the rows in hand are."""

    now: datetime = NOW
    new_id: Ids = field(default_factory=Ids)
    rows: dict[UUID, Row] = field(default_factory=dict[UUID, Row])
    back: int = 0

    def all(self, kind: type[T]) -> list[T]:
        """Every row of `kind`, in the order of their making."""
        return [row for row in self.rows.values() if isinstance(row, kind)]

    def in_hand(self, kind: type[T]) -> T | None:
        """The row that a request names: the last one, or an earlier one when it comes late."""
        found = self.all(kind)
        return found[max(-len(found), -1 - self.back)] if found else None

    @property
    def contact(self) -> Contact:
        """The contact as it stands."""
        return self.all(Contact)[0]

    @property
    def offer(self) -> Offer:
        """The offer in hand; where none was ever made, one that is long over."""
        return self.in_hand(Offer) or made.an_offer("missed")

    @property
    def session(self) -> Session:
        """The session in hand; where none ever began, one that is long over."""
        return self.in_hand(Session) or made.a_session("failed")

    @property
    def journey(self) -> Journey:
        """What moves under the contact's lock; two of a kind would be a breach already."""
        (pending,) = _only(each for each in self.all(Offer) if each.state not in offer.MACHINE.ends)
        (live,) = _only(each for each in self.all(Session) if each.state not in session.MACHINE.ends)
        latest = self.all(Escalation)[-1:]
        return Journey(
            contact=self.contact, offer=pending, session=live, escalation=latest[0] if latest else None
        )

    def presence(self, staff_id: UUID) -> Presence:
        """The presence of a counselor."""
        return next(each for each in self.all(Presence) if each.id == staff_id)

    def save(self, outcome: Outcome) -> None:
        """Keep the rows, each under its id."""
        self.rows |= {row.id: row for row in outcome.rows}


def _only(things: Iterable[T]) -> tuple[T | None]:
    found = list(things)
    assert len(found) <= 1
    return (found[0],) if found else (None,)


def arrived(channel: Channel = Channel.VOICE, *, crisis_key: bool = False) -> World:
    """A world in which a contact has just arrived, and two counselors are ready."""
    world = World()
    line, form = made.a_line(channel=channel), Form(crisis_key=crisis_key)
    world.save(Outcome(rows=(made.a_presence(), made.a_presence(id=WANG))))
    world.save(contact.arrive(CONTACT, line, NOW, caller=contact.ANONYMOUS, form=form))
    return world


# --- the steps


def _make(world: World) -> Outcome:
    staff_id = (LI, WANG)[len(world.all(Offer)) % 2]
    slot = 1 if world.contact.channel is Channel.CHAT else None
    pairing = Pairing(contact_id=CONTACT, staff_id=staff_id, chat_slot=slot, reasons=("longest_idle",))
    return offer.make(world.contact, pairing, world.new_id(), world.now, POLICY)


def _miss(world: World) -> Outcome:
    presence = world.presence(world.offer.staff_id)
    return offer.miss(world.contact, world.offer, presence, world.now, POLICY)


def _interrupt(world: World) -> Outcome:
    presence = world.presence(world.session.staff_id)
    return session.interrupt(world.contact, world.session, presence, world.now, POLICY)


def _close(world: World) -> Outcome:
    presence = world.presence(world.session.staff_id)
    return session.close(world.contact, world.session, presence, world.now, POLICY)


def _leave(world: World) -> Outcome:
    if world.contact.state == "connecting":
        return session.give_up(world.contact, world.session, world.now)
    held = world.offer if world.contact.state == "offered" else None
    return offer.abandon(world.contact, held, world.now)


def _divert(world: World) -> Outcome:
    diverted = contact.divert(world.contact, world.now, reason="overflow")
    if world.contact.state != "offered":
        return diverted
    return diverted + offer.rescind(world.offer, world.now, reason="diverted")


def _worsen(level: Level) -> Callable[[World], Outcome]:
    def worsen(world: World) -> Outcome:
        cause = Cause(source="rule", rule="R1")
        return escalation.respond(
            world.contact, world.journey.escalation, level, cause, means=_means(world), now=world.now
        )

    return worsen


def _judge(level: Level) -> Callable[[World], Outcome]:
    def judge(world: World) -> Outcome:
        judged = contact.set_level(world.contact, level, world.now, POLICY, actor=f"staff:{WANG}")
        cause = Cause(source="counselor", staff_id=WANG)
        return judged + escalation.respond(
            judged.row(Contact), world.journey.escalation, level, cause, means=_means(world), now=world.now
        )

    return judge


def _means(world: World) -> Means:
    return Means(queue=POLICY, ladders=LADDERS, roster=ON_DUTY, new_id=world.new_id)


def _stand_down(world: World) -> Outcome:
    held = world.journey.escalation or made.an_escalation("closed")
    reason = Sensitive("she was quoting a song")
    basis = custody.Basis(contact=world.contact, open_dispatches=0)
    return custody.stand_down(held, basis, BY_WANG, "quotation", reason, now=world.now)


def _leading(world: World) -> Escalation:
    return world.journey.escalation or made.an_escalation("closed")


def _acknowledge(world: World) -> Outcome:
    held = _leading(world)
    return custody.acknowledge(held, BY_ZHAO, LADDERS[held.level], world.now)


def _make_contact(world: World) -> Outcome:
    held = _leading(world)
    ladder = LADDERS[held.level]
    return custody.make_contact(held, BY_ZHAO, "telephone", Sensitive(""), ladder=ladder, now=world.now)


def _resolve(world: World) -> Outcome:
    held = _leading(world)
    ladder = LADDERS[held.level]
    return custody.resolve(held, BY_ZHAO, "admitted", Sensitive(""), ladder=ladder, now=world.now)


def _put_away(world: World) -> Outcome:
    return custody.close(_leading(world), BY_ZHAO, open_dispatches=0, now=world.now)


def _climb(world: World) -> Outcome:
    return vigil.climb(_leading(world), LADDERS, ON_DUTY, now=world.now, new_id=world.new_id)


def _say(world: World) -> Outcome:
    said = message.Message(
        id=world.new_id(),
        contact_id=CONTACT,
        seq=0,
        sender="caller",
        client_id=world.new_id(),
        words=Sensitive("我还在"),
        at=world.now,
    )
    return message.say(world.contact, said, actor=CALLER)


def _wait(world: World) -> Outcome:
    world.now += timedelta(seconds=7)
    return NOTHING


RECORD: Final = Record(disposition="counselling", result="calmer")

STEPS: Final[Mapping[str, Callable[[World], Outcome]]] = {
    "join": lambda world: contact.join(world.contact, world.now, POLICY, earlier_join=None),
    "make": _make,
    "begin": lambda w: session.begin(w.contact, w.offer, w.new_id(), w.now),
    "connect": lambda world: session.connect(world.contact, world.session, world.now),
    "decline": lambda w: offer.decline(w.contact, w.offer, w.now, POLICY, reason=None),
    "miss": _miss,
    "offer fails": lambda w: offer.fail(w.contact, w.offer, w.now, POLICY, reason="busy"),
    "session fails": lambda w: session.fail(w.contact, w.session, w.now, POLICY, reason="no_answer"),
    "interrupt": _interrupt,
    "end": lambda world: session.end(world.contact, world.session, world.now, by="caller"),
    "screen": lambda world: session.screen(world.session, "asked_denied", None, world.now),
    "write": lambda world: session.write(world.session, RECORD),
    "close": _close,
    "leave": _leave,
    "divert": _divert,
    "high": _worsen(Level.HIGH),
    "imminent": _worsen(Level.IMMINENT),
    "judge low": _judge(Level.LOW),
    "judge imminent": _judge(Level.IMMINENT),
    "stand down": _stand_down,
    "acknowledge": _acknowledge,
    "make contact": _make_contact,
    "resolve": _resolve,
    "put away": _put_away,
    "climb": _climb,
    "say": _say,
    "age": lambda world: contact.age(world.contact, world.now, POLICY),
    "wait": _wait,
}
"""What people, telephones and the clock may try at any moment."""


def _offered(world: World) -> bool:
    return world.contact.state == "offered" and world.offer.state == "pending"


def _in(state: str) -> Callable[[World], bool]:
    """The contact is in `state`, and the session in hand is the one that belongs to it."""
    return lambda world: world.contact.state == state and world.session == world.journey.session


def _is_leaving(world: World) -> bool:
    state = world.contact.state
    if state in {"offered", "connecting"}:
        return _offered(world) or _in("connecting")(world)
    return state in BEFORE_ANSWER


def _may_stand_down(world: World) -> bool:
    """One that is open; and whoever has stood it down may say so again, which changes nothing."""
    called = world.journey.escalation
    if called is None or (called.owner_id is not None and called.state != "stood_down"):
        return False
    is_judged = world.contact.level_is_human and world.contact.level is Level.IMMINENT
    return called.state == "stood_down" or (called.state in escalation.CALLING and not is_judged)


def _called(*states: str) -> Callable[[World], bool]:
    """The latest escalation is in one of these states; said twice by the same person, it is let through."""

    def is_so(world: World) -> bool:
        return world.journey.escalation is not None and world.journey.escalation.state in states

    return is_so


def _may_be_taken(world: World) -> bool:
    return world.journey.escalation is not None and world.journey.escalation.is_open


def _always(_: World) -> bool:
    return True


ALLOWED: Final[Mapping[str, Callable[[World], bool]]] = {
    "join": lambda world: world.contact.state == "arriving",
    "make": lambda world: world.contact.state == "waiting",
    "begin": lambda world: _offered(world) and world.now <= world.offer.deadline_at,
    "connect": _in("connecting"),
    "decline": _offered,
    "miss": _offered,
    "offer fails": _offered,
    "session fails": _in("connecting"),
    "interrupt": _in("talking"),
    "end": _in("talking"),
    "screen": lambda world: world.session == world.journey.session,
    "write": lambda world: world.session == world.journey.session,
    "close": lambda world: _in("wrapping")(world) and not session.missing(world.session),
    "leave": _is_leaving,
    "divert": lambda w: w.contact.state in {"arriving", "waiting"} or _offered(w),
    "stand down": _may_stand_down,
    "acknowledge": _may_be_taken,
    "make contact": _called("acknowledged", "contact_made", "resolved", "closed"),
    "resolve": _called("contact_made", "resolved", "closed"),
    "put away": _called("resolved", "closed"),
    "say": lambda world: not world.contact.is_ended and world.contact.state != "wrapping",
}
"""When a step must be let through; those not named here always are. In all other cases it must be refused."""


@dataclass(frozen=True, kw_only=True)
class Trodden:
    """A step that was tried: whether it had to be allowed, and what it brought (None when refused)."""

    step: str
    is_allowed: bool
    before: Mapping[UUID, Row]
    outcome: Outcome | None


PROGRESS: Final = frozenset("join make begin connect end screen write close".split())
ENDING: Final = frozenset({"leave", "divert"})


@dataclass(frozen=True, kw_only=True)
class Path:
    """Choices along the way: the same seed goes the same way, and a shorter path is its beginning."""

    seed: int
    length: int


PATHS: Final = st.builds(Path, seed=st.integers(0, 2**32), length=st.integers(10, 60))


def walk(world: World, path: Path) -> Iterator[Trodden]:
    """Try one step after the other; one in five is any step at all, with rows in hand that may be stale."""
    chance = random.Random(path.seed)
    for _ in range(path.length):
        is_daring = chance.randrange(5) == 0
        world.back = chance.randrange(3) if is_daring else 0
        steps = [step for step in STEPS if is_daring or ALLOWED.get(step, _always)(world)]
        (step,) = chance.choices(steps, weights=[_weight(each) for each in steps])
        yield trodden(world, step)


def _weight(step: str) -> int:
    return 8 if step in PROGRESS else 1 if step in ENDING else 3


def trodden(world: World, step: str) -> Trodden:
    """Try one step, and keep what it brings."""
    before, is_allowed = dict(world.rows), ALLOWED.get(step, _always)(world)
    try:
        outcome = STEPS[step](world)
    except Refused:
        outcome = None
    else:
        world.save(outcome)
    return Trodden(step=step, is_allowed=is_allowed, before=before, outcome=outcome)
