"""Instruments: the questions of a screener, a form or a scale, what may be answered, and what follows.

An instrument is a document that clinicians write and this room walks: which question comes next, which
answers the skip conditions leave out, what level the answers suggest and why. Answers stand in the order of
their gravity, and every condition says "at least this grave"; so a graver answer never makes a result
lighter, whoever writes the document. What was asked and is not known (`unknown`, `not_asked`) is not a no:
a result that hangs on it is never less than `unknown`, and says how grave it could still be.

A result is a suggestion and may only raise. The document is kept with its hash as version, so what was
answered years ago is shown and scored as it was then.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hotline.base.errors import Refused
from hotline.domain.risk.levels import Level, Verdict
from hotline.domain.risk.rules import Reason

Answer = str | int
Answers = Mapping[str, Answer]

OPEN_ANSWERS: Final = ("unknown", "not_asked")
"""Answers that every question takes: the caller cannot or will not say, or it was not asked."""

USES: Final = ("screener", "criteria", "scale", "checklist", "ratings")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer of a question, and what it counts on a scale that adds up."""

    id: str
    words: Reason
    weight: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The numbers that answer a question; from `at` on, in the direction that is graver, `weight` counts."""

    least: int
    most: int
    is_graver_down: bool = False
    weights: tuple[tuple[int, int], ...] = ()

    def grade(self, number: int) -> int:
        """How grave a number is among its like; greater is graver."""
        return -number if self.is_graver_down else number


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question: choices from the least grave to the gravest, or a span of numbers.

    It is asked where the answers to all questions of `ask_if` are at least as grave as named there.
    """

    id: str
    ask: Reason
    choices: tuple[Choice, ...] = ()
    span: Span | None = None
    ask_if: tuple[tuple[str, Answer], ...] = ()
    group: Reason | None = None

    def takes(self, answer: Answer) -> bool:
        """Whether this answers the question."""
        if answer in OPEN_ANSWERS:
            return True
        if self.span is not None:
            return isinstance(answer, int) and self.span.least <= answer <= self.span.most
        return any(choice.id == answer for choice in self.choices)

    def grade(self, answer: Answer) -> int:
        """The place of a known answer among those that there are; greater is graver."""
        if self.span is not None:
            return self.span.grade(int(answer))
        return next(place for place, choice in enumerate(self.choices) if choice.id == answer)

    def weight(self, answer: Answer) -> int:
        """What a known answer counts; 0 where no weights are entered."""
        if self.span is None:
            return self.choices[self.grade(answer)].weight or 0
        own = self.span.grade(int(answer))
        return max((weight for at, weight in self.span.weights if self.span.grade(at) <= own), default=0)

    @property
    def weight_max(self) -> int:
        """The most that this question can count."""
        counted = [choice.weight or 0 for choice in self.choices]
        counted += [weight for _, weight in self.span.weights] if self.span else []
        return max(counted, default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A level, where the answers to all questions named are at least as grave as named; and why."""

    level: Level
    at_least: tuple[tuple[str, Answer], ...]
    why: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A sum of weights that can reach `most`; from each cut-off on it is that level."""

    most: int
    cuts: tuple[tuple[int, Level], ...]

    def level(self, score: int) -> Level:
        """The level of a score."""
        return max(level for at, level in self.cuts if at <= score)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """An instrument as it is asked; `off` says why it is not, `document` is what it was made from.

    Where `may_stay_open`, a counselor fills in what is known, and what is not stays unanswered.
    """

    id: str
    version: str
    use: str
    name: Reason
    source: str
    items: tuple[Item, ...]
    document: Mapping[str, Any]
    criteria: tuple[Criterion, ...] = ()
    scale: Scale | None = None
    may_stay_open: bool = False
    off: str | None = None

    def item(self, item_id: str) -> Item | None:
        """The question of this name."""
        return next((item for item in self.items if item.id == item_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What answers come to; `level` is None where the instrument suggests none.

    `unsettled` names the questions that were asked and whose answers are not known, and `could_be` is the
    level that they leave possible.
    """

    level: Level | None
    score: int | None = None
    why: tuple[Reason, ...] = ()
    unsettled: tuple[str, ...] = ()
    could_be: Level | None = None


def asked(instrument: Instrument, answers: Answers) -> tuple[Item, ...]:
    """The questions that these answers leave to be asked, answered or not, in their order.

    A question whose condition hangs on an answer that is not known is asked: leaving it out needs a no.
    """
    return tuple(item for item in instrument.items if _holds(instrument, item.ask_if, answers, asking=True))


def next_item(instrument: Instrument, answers: Answers) -> Item | None:
    """The first question still without an answer; None when all have been asked."""
    return next((item for item in asked(instrument, answers) if item.id not in answers), None)


def check(instrument: Instrument, answers: Answers) -> None:
    """Let through what the instrument takes as a whole.

    Raises:
        Refused: it is off, a question or an answer is not in it, an answer is to a question that is skipped,
            or one that must be answered is not.
    """
    if instrument.off is not None:
        raise Refused("instrument.off", f"This instrument is off: {instrument.off}")
    check_so_far(instrument, answers)
    left = next_item(instrument, answers)
    if left is not None and not instrument.may_stay_open:
        raise Refused("instrument.unanswered", f"Still to be asked: {left.id}.", (left.id,))
    if not answers:
        raise Refused("instrument.empty", "Nothing has been answered yet.")


def check_so_far(instrument: Instrument, answers: Answers) -> None:
    """As `check`, in the middle of asking.

    Raises:
        Refused: a question or an answer is not in it, or an answer is to a question that is skipped.
    """
    for item_id, answer in answers.items():
        item = instrument.item(item_id)
        if item is None:
            raise Refused("instrument.item", f"{item_id} is not a question of this instrument.", (item_id,))
        if not item.takes(answer):
            raise Refused("instrument.answer", f"That is no answer to {item_id}.", (item_id,))
    open_ids = {item.id for item in asked(instrument, answers)}
    for item_id in answers:
        if item_id not in open_ids:
            raise Refused("instrument.skipped", f"{item_id} is not asked after these answers.", (item_id,))


def result(instrument: Instrument, answers: Answers) -> Result:
    """The level that the answers suggest: the gravest criterion that is met, or where their sum lies.

    Source of "highest, no sum" for the screener: Columbia triage guideline; cut-offs are the document's.
    """
    unsettled = tuple(item.id for item in asked(instrument, answers) if _is_open(answers.get(item.id)))
    if instrument.scale is not None:
        return _summed(instrument, instrument.scale, answers, unsettled)
    if not instrument.criteria:
        return Result(level=None, unsettled=unsettled)
    return _highest(instrument, answers, unsettled)


def _highest(instrument: Instrument, answers: Answers, unsettled: tuple[str, ...]) -> Result:
    verdicts = [
        (criterion, _verdict(instrument, criterion.at_least, answers)) for criterion in instrument.criteria
    ]
    hit = [criterion for criterion, verdict in verdicts if verdict is Verdict.HIT]
    unsure = [criterion.level for criterion, verdict in verdicts if verdict is Verdict.UNSURE]
    level = Level.highest(*(criterion.level for criterion in hit))
    could_be = Level.highest(level, *unsure)
    if unsure:
        level = Level.highest(level, Level.UNKNOWN)
    return Result(
        level=level,
        why=tuple(criterion.why for criterion in hit if criterion.level is level),
        unsettled=unsettled,
        could_be=could_be if could_be > level else None,
    )


def _summed(instrument: Instrument, scale: Scale, answers: Answers, unsettled: tuple[str, ...]) -> Result:
    known = [
        item.weight(answers[item.id])
        for item in asked(instrument, answers)
        if not _is_open(answers.get(item.id))
    ]
    score = sum(known)
    level = scale.level(score)
    left = sum(item.weight_max for item in instrument.items if item.id in unsettled)
    could_be = scale.level(min(scale.most, score + left))
    told = Reason(zh=f"得分 {score} / {scale.most}", en=f"Score {score} of {scale.most}")
    return Result(
        level=level,
        score=score,
        why=(told,),
        unsettled=unsettled,
        could_be=could_be if could_be > level else None,
    )


def _verdict(
    instrument: Instrument,
    conditions: Sequence[tuple[str, Answer]],
    answers: Answers,
    *,
    asking: bool = False,
) -> Verdict:
    """Whether all conditions hold; one that is not met settles it, however little is known of the others."""
    verdict = Verdict.HIT
    for item_id, floor in conditions:
        verdict = verdict.both(_met(instrument, item_id, floor, answers, asking=asking))
    return verdict


def _met(instrument: Instrument, item_id: str, floor: Answer, answers: Answers, *, asking: bool) -> Verdict:
    item = instrument.item(item_id)
    if item is None or not _holds(instrument, item.ask_if, answers, asking=True):
        return Verdict.MISS
    answer = answers.get(item_id)
    if answer is None and asking:
        return Verdict.MISS
    if answer is None or _is_open(answer):
        return Verdict.UNSURE
    return Verdict.HIT if item.grade(answer) >= item.grade(floor) else Verdict.MISS


def _holds(
    instrument: Instrument, conditions: Sequence[tuple[str, Answer]], answers: Answers, *, asking: bool
) -> bool:
    return _verdict(instrument, conditions, answers, asking=asking) is not Verdict.MISS


def _is_open(answer: Answer | None) -> bool:
    return answer is None or answer in OPEN_ANSWERS


# ---------------------------------------------------------------------------------------- documents


def made(document: Mapping[str, Any], version: str, *, off: str | None = None) -> Instrument:
    """The instrument of a document in its plain form, as it is kept in the database."""
    scale = document["scale"]
    return Instrument(
        id=document["id"],
        version=version,
        use=document["use"],
        name=_words(document["name"]),
        source=document["source"],
        items=tuple(_item(raw) for raw in document["items"]),
        document=document,
        criteria=tuple(
            Criterion(
                level=Level.parse(raw["level"]), at_least=_pairs(raw["at_least"]), why=_words(raw["why"])
            )
            for raw in document["criteria"]
        ),
        scale=scale
        and Scale(
            most=scale["most"],
            cuts=tuple((each["from"], Level.parse(each["level"])) for each in scale["cuts"]),
        ),
        may_stay_open=document["may_stay_open"],
        off=off,
    )


def unweighed(instrument: Instrument) -> str | None:
    """Why an instrument that adds up cannot be asked yet; None when it can."""
    if instrument.scale is None:
        return None
    reached = sum(item.weight_max for item in instrument.items)
    if reached == 0:
        return "no weights are entered; the site's clinical owner enters them."
    if reached != instrument.scale.most:
        return f"its weights come to {reached} at most, and must come to {instrument.scale.most}."
    return None


def faults(instrument: Instrument) -> Iterator[str]:
    """What is wrong with the make of an instrument, each in a sentence."""
    seen: set[str] = set()
    for item in instrument.items:
        if item.id in seen:
            yield f"the question {item.id!r} stands there twice."
        for other, floor in item.ask_if:
            if other not in seen:
                yield f"{item.id!r} is asked if {other!r}, which is not asked before it."
            else:
                yield from _floor_faults(instrument, other, floor, item.id)
        seen.add(item.id)
        yield from _weight_faults(item)
    for criterion in instrument.criteria:
        for other, floor in criterion.at_least:
            yield from _floor_faults(instrument, other, floor, f"a criterion of {criterion.level.text}")
    if instrument.scale is not None and min(at for at, _ in instrument.scale.cuts) != 0:
        yield "the cut-offs of its scale do not begin at 0."


def _floor_faults(instrument: Instrument, item_id: str, floor: Answer, where: str) -> Iterator[str]:
    item = instrument.item(item_id)
    if item is None:
        yield f"{where} names the question {item_id!r}, which there is not."
    elif floor in OPEN_ANSWERS or not item.takes(floor):
        yield f"{where} names the answer {floor!r} to {item_id!r}, which there is not."


def _weight_faults(item: Item) -> Iterator[str]:
    counted = [choice.weight or 0 for choice in item.choices]
    if item.span is not None:
        span = item.span
        counted = [weight for _, weight in sorted(span.weights, key=lambda each: span.grade(each[0]))]
        if any(not span.least <= at <= span.most for at, _ in span.weights):
            yield f"a weight of {item.id!r} lies outside its numbers."
    if counted != sorted(counted) or any(weight < 0 for weight in counted):
        yield f"the weights of {item.id!r} do not grow with the gravity of its answers."


def _item(raw: Mapping[str, Any]) -> Item:
    number = raw["number"]
    return Item(
        id=raw["id"],
        ask=_words(raw["ask"]),
        choices=tuple(
            Choice(id=each["id"], words=_words(each), weight=each["weight"]) for each in raw["answers"]
        ),
        span=number
        and Span(
            least=number["least"],
            most=number["most"],
            is_graver_down=number["graver"] == "down",
            weights=tuple((each["at"], each["weight"]) for each in number["weights"]),
        ),
        ask_if=_pairs(raw["ask_if"]),
        group=raw["group"] and _words(raw["group"]),
    )


def _words(raw: Mapping[str, Any]) -> Reason:
    return Reason(zh=raw["zh"], en=raw["en"])


def _pairs(raw: Mapping[str, Answer]) -> tuple[tuple[str, Answer], ...]:
    return tuple(raw.items())
