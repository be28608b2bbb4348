"""Sets of literals: put together, trimmed, ranked by how rarely they are met, written as one expression."""

import re
from collections.abc import Iterable, Sequence
from itertools import product

KEYS_MAX = 400

_COMMON = frozenset(
    "我 你 他 她 的 了 是 不 在 有 想 死 要 就 都 也 这 那 去 来 到 会 能 上 说 活 自己 我们 他们 现在 想要 "
    "i im you u he she they it me my a an the to of in on at is are was be been am do dont did not no never "
    "just so all if that this and or for with have had ive get got can cant will ill going want wanna like "
    "feel know about up out when what how now".split()
)
"""Words that nearly every message holds: waiting for one of them rules nothing out."""

_COMMONEST = frozenset("我 你 的 了 是 不 i to you the a it and".split())


def products(parts: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """All ways to put one literal of each set after the other; None where there are too many."""
    whole: frozenset[str] = frozenset({""})
    for part in parts:
        if part is None or len(whole) * len(part) > KEYS_MAX:
            return None
        whole = frozenset(left + right for left, right in product(whole, part))
    return whole


def bare(stretch: Iterable[str]) -> Iterable[str]:
    """Literals without the blanks at their ends, which a text may not have there."""
    return (literal.strip() for literal in stretch)


def rarity(key: frozenset[str]) -> tuple[int, int, int]:
    """The greater, the more rarely a message holds one of these literals."""
    return -len(key & _COMMON) - 3 * len(key & _COMMONEST), min(map(len, key)), -len(key)


def tree(literals: Sequence[str]) -> str:
    """Sorted literals as a tree of letters, longest first: a wrong letter rules out all that share it."""
    branches: dict[str, list[str]] = {}
    for literal in literals:
        if literal:
            branches.setdefault(literal[0], []).append(literal[1:])
    if not branches:
        return ""
    inner = "|".join(re.escape(letter) + tree(rest) for letter, rest in branches.items())
    if "" in literals:
        return f"(?:{inner})?"
    return inner if len(branches) == 1 else f"(?:{inner})"
