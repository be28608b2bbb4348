"""A page by telephone call: what whoever picks up hears, and what their key means.

The call says first that there is a message, and nothing else: a mailbox hears no more, and neither does
whoever else picks up and presses nothing. Only after a key it says how grave it is and asks: 1, they have it,
by the same rules as at the console; 2, not they. Silence says nothing and is left to the deadline of the
rung: it may be somebody on their way to a desk. A no is a no: when everybody whom the rung called has said
it, nobody is left to wait for, and the next rung is called at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from hotline.base.errors import Refused
from hotline.domain import custody, paging
from hotline.domain.custody import Hand
from hotline.domain.escalation import CALLING, Escalation, entry_of
from hotline.domain.journal import Entry, staff_actor, system_actor
from hotline.domain.ladder import Ladder
from hotline.domain.leg import Ask, Bye, Prompt
from hotline.domain.level import Level
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.paging import Page

HELLO_STEP: Final = "hello"
TAKE_STEP: Final = "take"
TAKE_KEY: Final = "1"
DECLINE_KEY: Final = "2"
KEYS: Final = frozenset({TAKE_KEY, DECLINE_KEY})

_BY_PURPOSE: Final = {
    paging.STALLED: "page_call_stalled",
    paging.HANDOVER: "page_call_handover",
    paging.COVER: "page_call_cover",
    paging.HELP: "page_call_help",
}
_BY_LEVEL: Final = {Level.IMMINENT: "page_call_imminent", Level.HIGH: "page_call_high"}
_SAID: Final = {
    "taken": "page_taken",
    "heard": "page_heard",
    "declined": "page_declined",
    "late": "page_late",
    "silent": "page_look",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """A telephone that was rung for a page; `is_wanted` while somebody still has to come.

    `wait_seconds` is how long a key is waited for.
    """

    page: Page
    level: Level
    language: str
    is_wanted: bool
    wait_seconds: int


def greeting(rung: Rung) -> Ask | Bye:
    """What is heard first, by a person or a mailbox: that there is a message, if there still is."""
    if not rung.is_wanted or rung.page.answer is not None:
        return _bye(rung, "page_over")
    return _ask(rung, "page_hello", HELLO_STEP)


def question(rung: Rung) -> Ask | Bye:
    """What a person hears who has pressed a key: how grave it is, and 1 or 2; or what became of it."""
    if rung.page.answer is not None:
        return _bye(rung, _SAID[rung.page.answer])
    if not rung.is_wanted:
        return _bye(rung, "page_late")
    key = _BY_PURPOSE.get(rung.page.purpose) or _BY_LEVEL.get(rung.level, "page_call_other")
    return _ask(rung, key, TAKE_STEP)


def look() -> str:
    """The phrase for whoever cannot be told more just now."""
    return _SAID["silent"]


def take(escalation: Escalation, page: Page, hand: Hand, ladder: Ladder, now: datetime) -> Outcome:
    """1: they have it from now on, or are told that they are too late."""
    try:
        if page.purpose == paging.HANDOVER:
            taken = custody.accept(escalation, hand, ladder, now)
        else:
            taken = custody.acknowledge(escalation, hand, ladder, now)
    except Refused:
        return answered(page, "late")
    return taken + answered(page, "taken")


def decline(
    escalation: Escalation, page: Page, others: Iterable[Page], ladder: Ladder, now: datetime
) -> Outcome:
    """2: not they. The next rung is due at once when everybody of `others`, called with them, has said so."""
    said = answered(page, "declined")
    if page.purpose == paging.HANDOVER:
        return said + _handed_back(escalation, page, now)
    rung = escalation.round * len(ladder.rungs) + escalation.rung
    if page.purpose != paging.CALL or escalation.state not in CALLING or rung != page.rung:
        return said
    called = {each.staff_id for each in others} - {page.staff_id}
    if called - {each.staff_id for each in others if each.answer == "declined"}:
        return said
    due = replace(escalation, next_rung_at=min(now, escalation.next_rung_at or now))
    entry = entry_of(due, "escalation.all_declined", system_actor("escalator"), rung=page.rung)
    return said + Outcome(rows=(due,), entries=(entry,))


def answered(page: Page, code: str) -> Outcome:
    """What became of the call; the first answer counts."""
    if page.answer is not None:
        return NOTHING
    entry = Entry(
        kind=f"page.{code}",
        centre_id=page.centre_id,
        escalation_id=page.escalation_id,
        actor=staff_actor(page.staff_id),
        body={"page": str(page.id), "channel": page.channel},
    )
    return Outcome(rows=(replace(page, answer=code),), entries=(entry,))


def _handed_back(escalation: Escalation, page: Page, now: datetime) -> Outcome:
    try:
        return custody.decline(escalation, Hand(staff_id=page.staff_id), now)
    except Refused:
        return NOTHING


def _ask(rung: Rung, key: str, step: str) -> Ask:
    prompt = Prompt(key=key, language=rung.language)
    return Ask(prompt=prompt, step=step, wait_seconds=rung.wait_seconds)


def _bye(rung: Rung, key: str) -> Bye:
    return Bye(prompt=Prompt(key=key, language=rung.language))
