"""What may be known of a contact besides the words in hand: the caller's history, the hour, what was heard.

It is worked out once when the contact arrives and kept in the contact's row, so that judging a message asks
nobody. What was heard is kept by category with the places in the talk, never the words. Nothing is ever taken
away from it: who denies later what was said before has still said it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

TRACES_MAX: Final = 96
"""Categories remembered of one contact; there are fewer in any rulebook that we ship."""

Trace = Sequence[int]
"""First and last time it was heard (seconds since 1970), in how many messages, and the last one's number."""

Traces = Mapping[str, Trace]


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """`timezone` is the line's; a flag of the history is None where it could not be looked up.

    `asked` holds the topics that the counselor has asked about, each with the number of the message;
    `noted` the rules that notes about the caller have met, each with the number of the message before;
    `opinion` is the highest likelihood (in percent) that the second opinion gave to one of the messages.
    """

    timezone: str = ""
    recent_high: bool | None = False
    recent_attempt: bool | None = False
    abandoned_recently: bool | None = False
    frequent: bool | None = False
    heard: Traces = field(default_factory=dict[str, Trace])
    asked: Mapping[str, int] = field(default_factory=dict[str, int])
    noted: Mapping[str, int] = field(default_factory=dict[str, int])
    opinion: int = 0


def hour(background: Background, now: datetime) -> int | None:
    """The hour of the day (0 to 23) where the line is; None where nobody has noted its time zone."""
    return now.astimezone(ZoneInfo(background.timezone)).hour if background.timezone else None


def remember(background: Background, categories: Iterable[str], now: datetime, seq: int) -> Background:
    """The background after a caller's message in which these categories were noticed.

    Past `TRACES_MAX` no new one is taken in; those that are known still grow.
    """
    at = int(now.timestamp())
    traces: dict[str, Trace] = dict(background.heard)
    for name in sorted(categories):
        if name in traces:
            first, _, times, _ = traces[name]
            traces[name] = (first, at, times + 1, seq)
        elif len(traces) < TRACES_MAX:
            traces[name] = (at, at, 1, seq)
    return background if traces == background.heard else replace(background, heard=traces)


def weigh(background: Background, opinion: int) -> Background:
    """The background after a message of which the second opinion thinks so; it never sinks."""
    return background if opinion <= background.opinion else replace(background, opinion=opinion)


def ask(background: Background, topics: Iterable[str], seq: int) -> Background:
    """The background after a counselor's message that asks about these topics."""
    asked = {**background.asked, **dict.fromkeys(sorted(topics), seq)}
    return background if asked == background.asked else replace(background, asked=asked)


def note(background: Background, rules: Iterable[str], seq: int) -> Background:
    """The background after a note about the caller that met these rules; each is known once."""
    return replace(background, noted={**dict.fromkeys(sorted(rules), seq), **background.noted})


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """How far back rules may look.

    "Lately" is a number of minutes, "just" one of messages, "often" one of messages that said it.
    """

    lately_minutes: int
    just_messages: int
    often_messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What was heard before the message that is number `seq` and came at `at` (seconds since 1970)."""

    heard: Traces = field(default_factory=dict[str, Trace])
    asked: Mapping[str, int] = field(default_factory=dict[str, int])
    at: int = 0
    seq: int = 0

    def ever(self) -> frozenset[str]:
        """What was said at some time in this contact."""
        return frozenset(self.heard)

    def lately(self, memory: Memory) -> frozenset[str]:
        """What was said not long ago."""
        since = self.at - memory.lately_minutes * 60
        return frozenset(name for name, (_, last, *_) in self.heard.items() if last >= since)

    def just(self, memory: Memory) -> frozenset[str]:
        """What was said in the last few messages, either side's counted."""
        since = self.seq - memory.just_messages
        return frozenset(name for name, trace in self.heard.items() if trace[3] >= since)

    def often(self, memory: Memory) -> frozenset[str]:
        """What was said again and again."""
        return frozenset(name for name, trace in self.heard.items() if trace[2] >= memory.often_messages)

    def questions(self, memory: Memory) -> frozenset[str]:
        """What the counselor has just asked about."""
        since = self.seq - memory.just_messages
        return frozenset(name for name, seq in self.asked.items() if seq >= since)
