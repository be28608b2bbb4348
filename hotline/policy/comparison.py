"""Two rulebooks side by side: entries that came, went or changed, and what becomes of the examples.

Everything shown is the clinicians' own text; no caller's words are in it.
"""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from hotline.domain.level import Level
from hotline.domain.risk.assess import Rulebook
from hotline.policy.rulebook import in_talk
from hotline.policy.ruletext import Document, ExampleRow, Files, plain, read

EXAMPLES_MAX: Final = 200
LINES_MAX: Final = 2_000

How = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryChange:
    """One entry; `fields` are the parts of it that changed."""

    kind: str
    name: str
    file: str
    how: How
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleChange:
    """One example of either rulebook that reaches another level under the new one."""

    text: str
    entry: str
    old: Level
    new: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`lines` is a unified diff, cut at `LINES_MAX`; so are the examples at `EXAMPLES_MAX`."""

    entries: tuple[EntryChange, ...]
    examples: tuple[ExampleChange, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: str
    name: str
    file: str
    content: Mapping[str, Any]


def differ(old: Files, new: Files, before: Rulebook, after: Rulebook) -> Difference:
    """Compare files that have been checked."""
    past, present = read(old, []), read(new, [])
    return Difference(
        entries=tuple(_entries(past, present)),
        examples=tuple(_examples(past, present, before, after)),
        lines=tuple(lines(old, new)),
    )


def lines(old: Files, new: Files) -> list[str]:
    """A unified diff of all files, cut where it gets too long to be read."""
    found: list[str] = []
    for name in sorted({*old, *new}):
        mine, theirs = (plain(files[name]).splitlines() if name in files else [] for files in (old, new))
        if mine != theirs:
            found += difflib.unified_diff(mine, theirs, name, name, n=2, lineterm="")
    return found[:LINES_MAX]


def _entries(old: Document, new: Document) -> Iterator[EntryChange]:
    before = {(each.kind, each.name): each for each in _all(old)}
    after = {(each.kind, each.name): each for each in _all(new)}
    for key in sorted({*before, *after}):
        was, now = before.get(key), after.get(key)
        if was is None or now is None:
            shown = now or was
            assert shown is not None  # noqa: S101  the key came from one of them
            how: How = "added" if was is None else "removed"
            yield EntryChange(kind=shown.kind, name=shown.name, file=shown.file, how=how)
        elif was.content != now.content:
            names = sorted({*was.content, *now.content})
            fields = tuple(name for name in names if was.content.get(name) != now.content.get(name))
            yield EntryChange(kind=now.kind, name=now.name, file=now.file, how="changed", fields=fields)


def _all(document: Document) -> Iterator[_Entry]:
    for kind, rows in (("signal", document.signals), ("mask", document.masks), ("rule", document.rules)):
        for file, row in rows:
            yield _Entry(kind, row.id, file, row.model_dump())
    for name, both in document.categories.items():
        yield _Entry("category", name, "rules.yaml", both.model_dump())
    for language, lists in document.words.items():
        for name, words in lists.items():
            yield _Entry("words", f"{language}/{name}", f"lexicon_{language}.yaml", {"words": tuple(words)})
    yield _Entry("limits", "limits", "rules.yaml", document.limits.model_dump())


def _examples(old: Document, new: Document, before: Rulebook, after: Rulebook) -> Iterator[ExampleChange]:
    """Each rulebook hears the whole talk of an example by itself: what it noticed earlier is its own."""
    seen: dict[str, tuple[ExampleRow, str]] = {}
    for document in (old, new):
        for entry, example in _trials(document):
            seen.setdefault(repr(example), (example, entry))
    count = 0
    for example, entry in seen.values():
        was, now = (each.assess(in_talk(each, example)).level for each in (before, after))
        if was != now and count < EXAMPLES_MAX:
            count += 1
            yield ExampleChange(text=example.text, entry=entry, old=was, new=now)


def _trials(document: Document) -> Iterator[tuple[str, ExampleRow]]:
    for _, signal in document.signals:
        yield from ((signal.id, one) for one in (*signal.examples.hit, *signal.examples.miss))
    for _, mask in document.masks:
        yield from ((mask.id, one) for one in (*mask.examples.quiet, *mask.examples.heard))
    for _, rule in document.rules:
        yield from ((rule.id, one) for one in (*rule.examples.hit, *rule.examples.miss))
