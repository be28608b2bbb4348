"""Conditions of the rulebook: text in Google's Common Expression Language, checked before it is ever used.

Every fact a condition may name is declared with its type, so a misspelt name or a comparison of unlike
things is refused when the rulebook is loaded, with line and column. At run time a missing fact does not
raise: the engine answers with an ERROR value, and that is the verdict `unsure`. The engine's own types
end in this file.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from cel_expr_python import cel

from hotline.domain.risk.levels import Level, Verdict
from hotline.domain.risk.rules import Judge, View

Condition = cel.Expression
"""A compiled condition; what it is made of is nobody else's business."""

VIEWS_REMEMBERED_MAX = 4_096
"""Most messages say nothing of note, and share one view: its verdicts are worked out once."""

_FORM = ("safe_now", "thoughts_now", "attempted_before", "age_band")
_HISTORY = ("recent_high", "recent_attempt", "abandoned_recently")


class Conditions:
    """The language of one rulebook: its categories and signals are the names a condition may use."""

    def __init__(self, categories: Iterable[str], signals: Iterable[str]) -> None:
        self._said = {f"said.{name}": name for name in categories}
        self._signals = {f"signal.{name}": name for name in signals}
        self._levels = {level.text: int(level) for level in Level}
        types = {
            "channel": cel.Type.STRING,
            "keys": cel.Type.List(cel.Type.STRING),
            "level": cel.Type.INT,
            **dict.fromkeys(self._levels, cel.Type.INT),
            **{f"form.{name}": cel.Type.STRING for name in _FORM},
            **{f"history.{name}": cel.Type.BOOL for name in _HISTORY},
            **dict.fromkeys((*self._said, *self._signals), cel.Type.BOOL),
        }
        self._env = cel.NewEnv(variables=types)

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
        return expression

    def judge(self, expressions: Sequence[Condition]) -> Judge:
        """Answer for all rules at once, remembering the views met last."""

        @lru_cache(maxsize=VIEWS_REMEMBERED_MAX)
        def verdicts(view: View) -> tuple[Verdict, ...]:
            activation = self._env.Activation(self._facts(view))
            return tuple(_verdict(expression.eval(activation=activation)) for expression in expressions)

        return verdicts

    def _facts(self, view: View) -> dict[str, object]:
        """The view as the engine's variables; what is not known is left out, and is an error there."""
        facts: dict[str, object] = {
            "channel": view.channel,
            "keys": sorted(view.keys),
            "level": int(view.level),
            **self._levels,
            **{f"form.{name}": str(getattr(view.form, name)) for name in _FORM},
        }
        for name in _HISTORY:
            if (known := getattr(view.history, name)) is not None:
                facts[f"history.{name}"] = known
        for names, noticed in ((self._said, view.said), (self._signals, view.signals)):
            for variable, name in names.items():
                if name in noticed or not view.partial:
                    facts[variable] = name in noticed
        return facts


def _verdict(value: cel.Value) -> Verdict:
    if value.type() != cel.Type.BOOL:
        return Verdict.UNSURE
    return Verdict.HIT if value.plain_value() is True else Verdict.MISS


def _first_line(error: RuntimeError) -> str:
    return str(error).split("\n", maxsplit=1)[0].removeprefix("INVALID_ARGUMENT: ERROR: ")
