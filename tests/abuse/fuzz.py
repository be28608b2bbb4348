"""What anybody might send to a webhook or over a socket: texts, frames and forms that no program would.

Strategies only; who sends them is in the tests and in the drill `abuse`.
"""

import json
from typing import Final
from urllib.parse import quote_plus

from hypothesis import strategies as some
from hypothesis.strategies import SearchStrategy

DEEP: Final = 2000
HUGE: Final = 40_000

NASTY: Final = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ufeff",
    "\u202e",
    "\ud800",
    "\udfff\ud800",
    "👩‍👩‍👧‍👦",
    "ﷺ" * 50,
    "\uff05\uff10\uff10",
    "-1",
    "1e999",
    "NaN",
    "9" * 400,
    "null",
    "true",
    "[]",
    "{}",
    "'; drop table contact; --",
    "../../etc/passwd",
    "%00",
    "<Say>x</Say>",
    "]]>",
    "\r\nx: y",
    "\U0001d54f" * 200,
    "\u0000" * 20,
    "x" * HUGE,
    "想死" * 500,
    "client:u_zz",
    "+8613800000000",
    "٣٤٥",
    "²",
)
"""Texts that have broken programs before; two of them are halves of characters."""

texts: Final = some.one_of(
    some.sampled_from(NASTY), some.text(max_size=40), some.integers().map(str), some.uuids().map(str)
)

numbers: Final = some.one_of(
    some.integers(), some.floats(), some.sampled_from((2**31, 2**63, -(2**63), 10**30, 1e308, -0.0))
)

leaves: Final = some.one_of(some.none(), some.booleans(), numbers, texts)

values: Final[SearchStrategy[object]] = some.recursive(
    leaves,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)


def plain(value: object) -> str:
    """As JSON; halves of characters are written as escapes, and what is no JSON (NaN) all the same."""
    return json.dumps(value)


def _frame(kind: object, rest: dict[str, object]) -> str:
    return plain({**rest, "kind": kind})


def frames(
    kinds: tuple[str, ...], fields: tuple[str, ...], true: SearchStrategy[object]
) -> SearchStrategy[str | bytes]:
    """Frames of a socket: of a known kind with something wrong in it, or nothing of the sort."""
    known = some.builds(
        _frame,
        some.one_of(some.sampled_from(kinds), leaves),
        some.dictionaries(some.sampled_from(fields), some.one_of(true, values), max_size=4),
    )
    return some.one_of(
        known,
        known,
        known.map(str.encode),
        values.map(plain),
        some.binary(max_size=60),
        some.sampled_from(
            (
                "",
                "[" * DEEP,
                '{"kind":' * DEEP,
                '{"kind":"say"',
                "\x00",
                '{"kind":"\\ud800"}',
                '{"a":1}' * 50,
                "x" * HUGE,
                b"\xff\xfe",
                b"\xed\xa0\x80",
                b"\x00" * 100,
            )
        ),
    )


def written(text: str) -> str:
    """As a form writes it; halves of characters become what a careless program would send."""
    return quote_plus(text.encode("utf-8", "surrogatepass"))


def forms(names: tuple[str, ...], true: SearchStrategy[str]) -> SearchStrategy[list[tuple[str, str]]]:
    """The fields of a webhook: known names with any value, again and again, in any order."""
    field = some.tuples(
        some.one_of(some.sampled_from(names), some.sampled_from(names), texts), some.one_of(true, texts)
    )
    return some.lists(field, max_size=12)
