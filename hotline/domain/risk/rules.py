"""Rules: conditions over typed facts, each with the level it raises, its flags and its reason.

A rule's condition is text a clinician can read; the policy floor compiles it and hands back a `Judge`,
which answers for every rule at once: hit, miss or unsure. Nothing in a rule can lower a level, refuse
service or end a conversation, because no such field exists.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from hotline.domain.risk.levels import Level, Verdict


class Answer(StrEnum):
    """What a caller answered on the entrance form; not being asked is an answer of its own."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    NOT_ASKED = "not_asked"


class Speaker(StrEnum):
    """Whose words they are: only a caller's own words are judged as the caller's."""

    CALLER = "caller"
    COUNSELOR = "counselor"
    SYSTEM = "system"
    NOTE = "note"
    """A counselor's note about the caller: judged by rules on `noted` alone, never as the caller's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The entrance form. `age_band` is empty where it was not asked."""

    safe_now: Answer = Answer.NOT_ASKED
    thoughts_now: Answer = Answer.NOT_ASKED
    attempted_before: Answer = Answer.NOT_ASKED
    age_band: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What earlier contacts say; None where it could not be looked up, which makes rules on it unsure."""

    recent_high: bool | None = False
    recent_attempt: bool | None = False
    abandoned_recently: bool | None = False
    frequent: bool | None = False


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The facts a condition can see. Equal views have equal verdicts, so judging may be remembered.

    `said` and `signals` are what was noticed; where `partial` holds, what is absent from them is not known
    to be absent, and a condition that needs it must come out unsure. `heard`, `lately`, `just` and `often`
    are categories of earlier messages of the contact, `asked` what the counselor has just asked about,
    `noted` what a counselor has written about the caller.
    """

    channel: str
    said: frozenset[str] = frozenset()
    noted: frozenset[str] = frozenset()
    signals: frozenset[str] = frozenset()
    partial: bool = False
    keys: frozenset[str] = frozenset()
    form: Form = field(default_factory=Form)
    history: History = field(default_factory=History)
    heard: frozenset[str] = frozenset()
    lately: frozenset[str] = frozenset()
    just: frozenset[str] = frozenset()
    often: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    night: bool | None = None
    level: Level = Level.NONE_FOUND


Judge = Callable[[View], tuple[Verdict, ...]]
"""The verdict of every rule about one view, in the order of the rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a rule hit, in the words shown to a counselor."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`evidence` names the categories and signals the condition speaks of: their places are the spans."""

    id: str
    when: str
    level: Level
    flags: frozenset[str]
    reason: Reason
    evidence: frozenset[str]
