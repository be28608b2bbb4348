"""What only a few places may do, read from the syntax tree: write a level, end a talk, put a caller out.

A rule that could hang up, or a step that lowered a level on its own, would have to be written first: then one
of these lists does not hold any more, and whoever changes it has to say here why it may.
"""

import ast
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from hotline.domain import effects
from hotline.domain.risk.assess import Assessment
from hotline.domain.risk.rules import Rule

HOUSE: Final = Path(__file__).parents[2] / "hotline"

MAY: Final = {
    "replace(contact, level=": {
        "domain/contact.py:raise_level": "the highest of both, by its own words",
        "domain/contact.py:set_level": "a person's judgement; judgement.require stands before it",
        "domain/replay.py": "a dry run over the past, of which nothing is saved",
        "domain/followup_plan.py:renew": "the highest of both, to plan calls by; the contact is not saved",
        "flow/followup.py": "how grave the contact is shown beside a follow-up; nothing is saved",
    },
    "replace(contact, subject_level=": {
        "domain/contact.py:set_subject_level": "the gravest of the people it is about",
    },
    "Drop(": {
        "domain/leg.py": "whoever is left on the line after the two have parted, or has nothing to ring for",
        "flow/call.py:_superseded": "the counselor's own page has called in again",
    },
    "sessions.end(": {
        "domain/abuse.py:end": "the counselor's own key, and not where there is danger",
        "domain/leaving.py": "the caller has hung up, or closed the page",
        "flow/leg.py": "the counselor has hung up the telephone",
        "flow/session.py:hang_up": "the counselor's own button",
    },
    "contacts.divert(": {
        "flow/intake.py:_open": "the line is closed, and the form shows no danger",
        "flow/call.py:_enter": "the line is closed, and the crisis key was not pressed",
    },
    "contacts.abandon(": {
        "domain/offer.py:abandon": "the caller leaves while it rings",
        "domain/session.py:give_up": "the caller leaves while the two are brought together",
    },
}
"""What -> where, and why it may."""


@cache
def calls() -> tuple[tuple[str, ast.Call], ...]:
    """Every call in the house's decisions and steps, with `file:function` where it stands."""
    return tuple(
        (f"{path.relative_to(HOUSE)}:{function.name}", node)
        for floor in ("domain", "flow", "workers", "web", "policy")
        for path in sorted((HOUSE / floor).rglob("*.py"))
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
    )


@pytest.mark.parametrize("what", MAY)
def test_only_these_places_may(what: str):
    found, allowed = {where for where, call in calls() if _does(call, what)}, MAY[what]
    strangers = {where for where in found if where not in allowed and where.partition(":")[0] not in allowed}
    assert not strangers, f"{what} … may be done only in {sorted(allowed)}"
    gone = {where for where in allowed if not any(f"{each}:".startswith(f"{where}:") for each in found)}
    assert not gone, "it does this no more"


def _does(call: ast.Call, what: str) -> bool:
    name, _, keyword = what.partition("(contact, ")
    if keyword:
        return _sets(call, keyword.rstrip("="))
    return ast.unparse(call.func) == name.rstrip("(")


def _sets(node: ast.Call, keyword: str) -> bool:
    """Whether it is `replace(<a contact>, …, keyword=…)`; subjects have levels of their own."""
    return (
        ast.unparse(node.func) == "replace"
        and bool(node.args)
        and "contact" in ast.unparse(node.args[0]).lower()
        and keyword in {each.arg for each in node.keywords}
    )


def test_a_rule_has_no_member_that_could_hang_up():
    assert {each.name for each in fields(Rule)} == {"id", "when", "level", "flags", "reason", "evidence"}


def test_what_rules_come_to_has_no_member_that_could_hang_up():
    assert {each.name for each in fields(Assessment)} == {
        "level", "findings", "flags", "unsure", "rulebook", "said", "opinion",
    }  # fmt: skip


@pytest.mark.parametrize("room", ["domain/risk", "domain/appraisal.py", "domain/level.py", "policy"])
def test_where_rules_are_made_nothing_that_ends_a_talk_is_known(room: str):
    place = HOUSE / room
    known = {
        name
        for path in (place.rglob("*.py") if place.is_dir() else [place])
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ast.unparse(node).replace(",", " ").split()
    }
    ending = {effects.__name__, "effects", "leaving", "hotline.domain.leaving", "Drop", "sessions", "offers"}
    assert not known & ending
