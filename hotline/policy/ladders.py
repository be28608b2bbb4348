"""The ladders of escalations, from `escalation.toml`: the house's, and those of centres that have their own.

A centre names only the levels that it climbs otherwise; for the others the nearest centre above decides, and
in the end the house. Centres are named as in the database, which `hotline check` compares.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final, cast

from hotline.base.errors import Broken
from hotline.domain.ladder import CHANNELS, GROUPS, Ladder, LadderBook, Ladders, Patience, Rung
from hotline.domain.level import Level

NAMES: Final[Mapping[Level, str]] = {
    level: {Level.IMMINENT: "imminent", Level.HIGH: "high"}.get(level, "other") for level in Level
}
"""The table of each level."""


def read(raw: Mapping[str, Any]) -> LadderBook:
    """The ladders of the file.

    Raises:
        Broken: something is missing or mistyped; the sentence says what, and where.
    """
    report_seconds = int(raw.get("report_seconds", 86_400))
    centres = _tables("centres", raw.get("centres", {}))
    return LadderBook(
        default={level: _ladder(level, name, raw.get(name), report_seconds) for level, name in NAMES.items()},
        of_centres={name: _own(name, table, report_seconds) for name, table in centres.items()},
    )


def _own(centre: str, raw: object, report_seconds: int) -> Ladders:
    place = f"centres.{centre!r}"
    table = _tables(place, raw)
    known = set(NAMES.values())
    if not table or not set(table) <= known:
        raise Broken(
            "policy.escalation", f"escalation.toml: [{place}] has tables of {', '.join(sorted(known))}."
        )
    return {
        level: _ladder(level, f"{place}.{name}", table[name], report_seconds)
        for level, name in NAMES.items()
        if name in table
    }


def _tables(place: str, raw: object) -> Mapping[str, Any]:
    if not isinstance(raw, dict):
        raise Broken(
            "policy.escalation",
            f'escalation.toml: [{place}] holds tables, such as [centres."NAME".imminent].',
        )
    return cast("Mapping[str, Any]", raw)


def _ladder(level: Level, name: str, table: Any, report_seconds: int) -> Ladder:
    if table is None:
        raise Broken("policy.escalation", f"escalation.toml: [{name}] is missing.")
    try:
        rungs = tuple(
            Rung(
                who=rung["who"],
                channels=tuple(rung["channels"]),
                seconds=int(rung["seconds"]),
                nth=rung.get("nth"),
            )
            for rung in table["rungs"]
        )
        ladder = Ladder(
            level=level,
            acknowledge_seconds=int(table["acknowledge_seconds"]),
            rungs=rungs,
            patience=Patience(**{each.name: int(table[each.name]) for each in fields(Patience)}),
            report_seconds=report_seconds,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Broken("policy.escalation", f"escalation.toml: [{name}] lacks or mistypes {error}.") from None
    _require_times(name, ladder)
    for rung in ladder.rungs:
        if rung.who not in GROUPS or not set(rung.channels) <= set(CHANNELS) or rung.seconds <= 0:
            raise Broken(
                "policy.escalation",
                f"escalation.toml: [{name}] needs who in {sorted(GROUPS)}, "
                f"channels in {sorted(CHANNELS)}, seconds above 0.",
            )
    if not ladder.rungs:
        raise Broken("policy.escalation", f"escalation.toml: [{name}] has no rung; silence is not a ladder.")
    return ladder


def _require_times(name: str, ladder: Ladder) -> None:
    times = {"acknowledge_seconds": ladder.acknowledge_seconds, "report_seconds": ladder.report_seconds}
    times |= {each.name: getattr(ladder.patience, each.name) for each in fields(Patience)}
    wrong = [each for each, seconds in times.items() if seconds <= 0]
    if wrong:
        raise Broken(
            "policy.escalation", f"escalation.toml: [{name}] needs {', '.join(wrong)} above 0 seconds."
        )
    if any(rung.nth is not None and rung.nth < 1 for rung in ladder.rungs):
        raise Broken("policy.escalation", f"escalation.toml: [{name}] counts nth from 1.")
