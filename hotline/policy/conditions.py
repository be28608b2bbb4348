"""Conditions of the rulebook: text in Google's Common Expression Language, checked before it is ever used.

Every fact a condition may name is declared with its type, so a misspelt name or a comparison of unlike
things is refused when the rulebook is loaded, with line and column. At run time a missing fact does not
raise: the engine answers with an ERROR value, and that is the verdict `unsure`. The engine's own types
end in this file.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from cel_expr_python import cel

from hotline.domain.risk.assess import QUESTION
from hotline.domain.risk.levels import Level, Verdict
from hotline.domain.risk.rules import Judge, View

VIEWS_REMEMBERED_MAX = 4_096
"""Most messages say nothing of note, and share one view: its verdicts are worked out once."""

ANSWERS_REMEMBERED_MAX = 512
"""One condition names a handful of facts, and those come in few combinations."""

_FORM = ("safe_now", "thoughts_now", "attempted_before", "age_band")
_HISTORY = ("recent_high", "recent_attempt", "abandoned_recently", "frequent")
_IN_HAND = frozenset({"said", "noted", "signals"})
_EARLIER = ("heard", "lately", "just", "often")
_NAMES = re.compile(r"[a-z_]+(?:\.[a-z]\w*)?")


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition and the facts that it names."""

    expression: cel.Expression
    names: tuple[str, ...]


class Conditions:
    """The language of one rulebook: its categories and signals are the names a condition may use."""

    def __init__(self, categories: Iterable[str], signals: Iterable[str]) -> None:
        every = tuple(categories)
        own = tuple(name for name in every if not name.startswith(QUESTION))
        self._words: dict[str, dict[str, str]] = {
            kind: {f"{kind}.{name}": name for name in own} for kind in ("said", "noted", *_EARLIER)
        }
        self._words["signals"] = {f"signal.{name}": name for name in signals}
        topics = [name.removeprefix(QUESTION) for name in every if name.startswith(QUESTION)]
        self._words["asked"] = {f"asked.{name}": name for name in topics}
        self._levels = {level.text: int(level) for level in Level}
        self._types = {
            "channel": cel.Type.STRING,
            "keys": cel.Type.List(cel.Type.STRING),
            "level": cel.Type.INT,
            **dict.fromkeys(self._levels, cel.Type.INT),
            **{f"form.{name}": cel.Type.STRING for name in _FORM},
            **{f"history.{name}": cel.Type.BOOL for name in _HISTORY},
            "night": cel.Type.BOOL,
            **{name: cel.Type.BOOL for names in self._words.values() for name in names},
        }
        self._env = cel.NewEnv(variables=self._types)

    def compile(self, text: str) -> Condition:
        """Compile one condition.

        Raises:
            ValueError: it does not compile, or is not a yes-or-no question.
        """
        try:
            expression = self._env.compile(text)
        except RuntimeError as error:
            raise ValueError(_first_line(error)) from error
        if expression.return_type() != cel.Type.BOOL:
            raise ValueError("the condition is not a yes-or-no question; compare it with something.")
        named = {name for name in _NAMES.findall(text) if name in self._types}
        return Condition(expression, tuple(sorted(named)))

    def judge(self, expressions: Sequence[Condition]) -> Judge:
        """Answer for all rules at once, remembering the views and the combinations of facts met last.

        The engine is asked only when the facts that one condition names have not been together before.
        """
        named = frozenset(name for expression in expressions for name in expression.names)
        used = {
            kind: {variable: name for variable, name in names.items() if variable in named}
            for kind, names in self._words.items()
        }
        answers = [(expression.names, self._answer(expression)) for expression in expressions]

        @lru_cache(maxsize=VIEWS_REMEMBERED_MAX)
        def verdicts(view: View) -> tuple[Verdict, ...]:
            facts = self._facts(view, used)
            return tuple(answer(tuple(map(facts.get, names))) for names, answer in answers)

        return verdicts

    def _answer(self, condition: Condition) -> Callable[[tuple[object, ...]], Verdict]:
        """The condition as a question about the values of its facts; None is a fact that is not known."""

        @lru_cache(maxsize=ANSWERS_REMEMBERED_MAX)
        def answer(values: tuple[object, ...]) -> Verdict:
            given = {
                name: list(cast("tuple[str, ...]", value)) if name == "keys" else value
                for name, value in zip(condition.names, values, strict=True)
                if value is not None
            }
            return _verdict(condition.expression.eval(activation=self._env.Activation(given)))

        return answer

    def _facts(self, view: View, used: Mapping[str, Mapping[str, str]]) -> dict[str, object]:
        """The view as the engine's variables; what is not known is left out, and is an error there."""
        facts: dict[str, object] = {
            "channel": view.channel,
            "keys": tuple(sorted(view.keys)),
            "level": int(view.level),
            **self._levels,
            **{f"form.{name}": str(getattr(view.form, name)) for name in _FORM},
        }
        for name in _HISTORY:
            if (known := getattr(view.history, name)) is not None:
                facts[f"history.{name}"] = known
        if view.night is not None:
            facts["night"] = view.night
        for kind, names in used.items():
            noticed: frozenset[str] = getattr(view, kind)
            is_partial = view.partial and kind in _IN_HAND
            for variable, name in names.items():
                if name in noticed or not is_partial:
                    facts[variable] = name in noticed
        return facts


def _verdict(value: cel.Value) -> Verdict:
    if value.type() != cel.Type.BOOL:
        return Verdict.UNSURE
    return Verdict.HIT if value.plain_value() is True else Verdict.MISS


def _first_line(error: RuntimeError) -> str:
    return str(error).split("\n", maxsplit=1)[0].removeprefix("INVALID_ARGUMENT: ERROR: ")
