"""Escalations made up for tests, and what follows when somebody does something about one."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from hotline.base.sensitive import Sensitive
from hotline.domain import custody, escalation, vigil
from hotline.domain.custody import Basis, Hand
from hotline.domain.escalation import Cause, Escalation
from hotline.domain.level import Level
from hotline.domain.outcome import Outcome
from hotline.domain.paging import Page
from tests.domain.made import (
    BY_WANG,
    LADDERS,
    NOW,
    ON_DUTY,
    WANG,
    Ids,
    a_contact,
    after,
)

BY_RULE: Final = Cause(source="rule", rule="R1", reason={"en": "act in progress", "zh": "正在实施"})
WORDS: Final = Sensitive("she is with her sister now")


def declared(level: Level = Level.IMMINENT, *, cause: Cause = BY_RULE) -> Outcome:
    """What calling the team in brings."""
    contact = a_contact("talking", level=level)
    return escalation.declare(contact, cause, LADDERS, ON_DUTY, now=NOW, new_id=Ids())


def raised(level: Level = Level.IMMINENT, **changes: object) -> Escalation:
    """An escalation whose first rung has been paged."""
    return replace(declared(level).row(Escalation), **changes)


def pages(outcome: Outcome) -> list[Page]:
    """The pages in an outcome."""
    return [row for row in outcome.rows if isinstance(row, Page)]


def climbed(held: Escalation) -> Outcome:
    """The next rung, at the moment when it is due."""
    assert held.next_rung_at is not None
    return vigil.climb(held, LADDERS, ON_DUTY, now=held.next_rung_at, new_id=Ids())


def acknowledged(held: Escalation, who: UUID, now: datetime) -> Outcome:
    """What follows when somebody says "I have it"."""
    return custody.acknowledge(held, Hand(staff_id=who), LADDERS[held.level], now)


def owned(level: Level = Level.IMMINENT, **changes: object) -> Escalation:
    """An escalation that Wang has had since five seconds after it was raised."""
    return replace(acknowledged(raised(level), WANG, after(5)).row(Escalation), **changes)


def stood_down(held: Escalation, by: Hand = BY_WANG, reason: Sensitive = WORDS, **what: Any) -> Outcome:
    """What follows when somebody takes it back, five seconds later."""
    contact = what.pop("contact", a_contact("talking", level=held.level))
    basis = Basis(contact=contact, open_dispatches=what.pop("open_dispatches", 0))
    return custody.stand_down(held, basis, by, what.pop("ground", "quotation"), reason, now=after(5))


def resolved(held: Escalation, by: Hand = BY_WANG, outcome: str = "admitted") -> Outcome:
    """What follows when somebody confirms what became of the person."""
    return custody.resolve(held, by, outcome, WORDS, ladder=LADDERS[held.level], now=after(600))


def met(held: Escalation, by: Hand = BY_WANG, how: str = "telephone") -> Outcome:
    """What follows when somebody has spoken with the person."""
    return custody.make_contact(held, by, how, WORDS, ladder=LADDERS[held.level], now=after(300))


def closed(held: Escalation, by: Hand = BY_WANG, *, open_dispatches: int = 0) -> Outcome:
    """What follows when somebody puts it away."""
    return custody.close(held, by, open_dispatches=open_dispatches, now=after(900))


def at(state: str, **changes: Any) -> Escalation:
    """An escalation that Wang has, in one of the states on the way to its end."""
    held = owned()
    for step, name in ((met, "contact_made"), (resolved, "resolved"), (closed, "closed")):
        if held.state != state:
            held = step(held).row(Escalation)
            assert held.state == name
    return replace(held, **changes)
