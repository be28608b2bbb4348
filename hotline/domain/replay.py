"""What another rulebook would have made of a contact, beside what the one in use makes of it.

Both judge the same form, keys and words, in the same order, each with the level that it has reached itself by
then; a person's judgement is left out, because it stands whatever the rules say. What comes out names the
contact, its levels and the rules; never the words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from hotline.domain import appraisal, background as backgrounds
from hotline.domain.contact import Contact
from hotline.domain.journal import Json
from hotline.domain.level import Level
from hotline.domain.risk.assess import Rulebook
from hotline.domain.risk.levels import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One message of a contact, on its way to be judged and nowhere else."""

    sender: str
    words: str
    at: datetime
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A contact and what was written in it, in order."""

    contact: Contact
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a rulebook makes of a contact: the level reached, its flags, and the rules that hit."""

    level: Level
    flags: frozenset[str]
    rules: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One contact under both rulebooks; `rules` are those that hit under one of them alone."""

    contact_id: UUID
    centre_id: UUID
    old: Level
    new: Level
    flags: tuple[str, ...]
    rules: tuple[str, ...]

    @property
    def is_other(self) -> bool:
        """Whether somebody would have been shown something else."""
        return self.old != self.new or bool(self.flags)

    def kept(self) -> dict[str, Json]:
        """As it is kept with the replay."""
        return {
            "contact_id": str(self.contact_id),
            "centre_id": str(self.centre_id),
            "old": self.old.text,
            "new": self.new.text,
            "flags": list(self.flags),
            "rules": list(self.rules),
        }


def judged(rulebook: Rulebook, said: Said) -> Judged:
    """Judge the form and every message of the caller, as they came; what was heard is remembered."""
    known = replace(said.contact.background, heard={}, asked={})
    contact = replace(said.contact, background=known, messages=0, level=Level.NONE_FOUND)
    found = [rulebook.assess(appraisal.facts(contact, contact.arrived_at))]
    contact = replace(contact, level=found[0].level)
    for line in said.lines:
        if line.sender != "caller":
            asked = backgrounds.ask(contact.background, rulebook.topics(line.words), line.seq)
            contact = replace(contact, messages=line.seq, background=asked)
            continue
        assessment = rulebook.assess(appraisal.facts(contact, line.at, text=line.words))
        level = max(contact.level, assessment.level)
        contact = replace(contact, messages=line.seq, level=level)
        contact = appraisal.remember(contact, assessment, line.at)
        found.append(assessment)
    hits = (each.rule for one in found for each in one.findings if each.verdict is Verdict.HIT)
    flags = frozenset[str]().union(*(one.flags for one in found))
    return Judged(level=contact.level, flags=flags, rules=frozenset(hits))


def compared(old: Rulebook, new: Rulebook, said: Said) -> Compared:
    """Judge a contact by both."""
    before, after = judged(old, said), judged(new, said)
    return Compared(
        contact_id=said.contact.id,
        centre_id=said.contact.centre_id,
        old=before.level,
        new=after.level,
        flags=tuple(sorted(before.flags ^ after.flags)),
        rules=tuple(sorted(before.rules ^ after.rules)),
    )


def counted(found: Sequence[Compared]) -> dict[str, int]:
    """How many contacts move from which level to which, as "old>new"; those that stay are not counted."""
    moves: dict[str, int] = {}
    for each in found:
        if each.old != each.new:
            name = f"{each.old.text}>{each.new.text}"
            moves[name] = moves.get(name, 0) + 1
    return moves
