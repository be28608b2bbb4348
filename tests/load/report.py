"""The table of a run, for people; the whole of it lies beside as JSON."""

from collections.abc import Mapping
from typing import Any, Final

SHARES: Final = frozenset({"answer_rate", "answer_rate_strict", "abandonment", "within", "occupancy"})
MARKS: Final = ("p50", "p95", "p99", "max")
TARGETS: Final[Mapping[str, tuple[str, float]]] = {
    "board delay": ("p95", 2000.0),
    "assignment decision": ("p99", 200.0),
    "escalation to page": ("p99", 2000.0),
}
"""What the system is sized for, in milliseconds."""
OF_A_BIG_FLOOR: Final = ("open_at_the_end", "messages", "memory_empty", "memory_full", "fresh_pages")
ADDED: Final = (
    "menu_seconds",
    "decision_seconds",
    "ring_seconds",
    "connect_seconds",
    "talk_seconds",
    "release_seconds",
)
OF_A_SEAT: Final = ("ring_seconds", "connect_seconds", "talk_seconds", "release_seconds")
STRANGE: Final = (
    "session failed",
    "offer missed",
    "caller's trouble",
    "counselor's trouble",
    "turned down",
    "sockets fallen",
    "not ready: missed",
    "not ready: device",
    "not ready: heartbeat",
    "gone before",
    "chat error",
    "waited still",
)
"""Beginnings of what goes wrong on a driven floor, and on none that is computed."""
HEADS: Final[Mapping[str, int]] = {
    "measured": 18,
    "same plan, computed": 21,
    "95 % of other days": 23,
    "no delay": 10,
    "Erlang-A": 10,
}
"""`no delay` is the same plan on a floor whose house costs no time."""
NAMES: Final[Mapping[str, str]] = {
    "rate": "offered per second",
    "answer_rate": "answer rate  A/O",
    "answer_rate_strict": "answer rate  A/(O-S)",
    "abandonment": "abandonment  Ab/O",
    "within": "answered within 20 s /O",
    "asa_seconds": "speed of answer, mean s",
    "wait_p50": "speed of answer, p50 s",
    "wait_p90": "speed of answer, p90 s",
    "abandoned_after_seconds": "left after, mean s",
    "handle_seconds": "seat time per answered s",
    "occupancy": "seats taken",
}


def table(told: Mapping[str, Any]) -> str:
    """Everything that a person wants to see of a run."""
    lines = [f"{told['name']}: {_inputs(told['inputs'])}"]
    if "figures" in told:
        lines += ["", f"  {'':26}" + "".join(f"{head:>{width}}" for head, width in HEADS.items())]
        lines += [_line(name, row) for name, row in told["figures"].items()]
        lines += ["", *_added(told["inputs"]["added"], told["measured"]), *_unmodelled(told)]
    lines += [
        "",
        "  waits of single steps, ms",
        f"    {'':24}{'n':>8}" + "".join(f"{mark:>10}" for mark in MARKS),
    ]
    lines += [_lag(name, row) for name, row in told["lags_ms"].items()]
    lines += ["", *_machine(told["meter"])]
    lines += [f"  connections of the database, mean: {_counts(told['database_does'])}"]
    lines += [f"  {name.replace('_', ' ')}: {_counts(told[name])}" for name in OF_A_BIG_FLOOR if name in told]
    lines += [f"  how it ended: {_counts(told['ends'])}", f"  what happened: {_counts(told['tally'])}"]
    lines += [f"  answered with no: {_counts(told['refused'])}"]
    lines += [f"  on going home: {_counts(told['closing'])}"]
    lines += [f"  auditor and logs: {_counts(told['verdict']) if told['verdict'] else 'sound, no error'}"]
    return "\n".join(lines)


def _added(rules: Mapping[str, float], measured: Mapping[str, float]) -> list[str]:
    """What the house and the way to it cost: given to the computed floors, but for `no delay`."""
    of_seat = sum(rules[name] for name in OF_A_SEAT) / measured["handle_seconds"]
    shown = ", ".join(f"{name.removesuffix('_seconds')} {rules[name]:.2f}" for name in ADDED)
    return [
        f"  added by the house, mean s of the model: {shown}; {100 * of_seat:.2f} % of the seat time",
        f"  seats not ready or not connected: {rules['seats_away']:.2f} of {rules['seats']:g}, on average",
    ]


def _unmodelled(told: Mapping[str, Any]) -> list[str]:
    """Why a figure may lie outside: what happened that no computed floor knows."""
    outside = [NAMES[name] for name, row in told["figures"].items() if not row["is_within"]]
    if not outside:
        return ["  every figure lies within what chance does on other days"]
    happened = {**told["ends"], **told["tally"]}
    strange = {what: count for what, count in happened.items() if what.startswith(STRANGE)}
    return [
        f"  outside: {', '.join(outside)}",
        f"  happened here, and on no computed floor: {_counts(strange)}",
        "  (one figure of twenty lies outside by chance alone, and the figures hang together)",
    ]


def _lag(name: str, row: Mapping[str, float]) -> str:
    told = f"    {name:24}{row['n']:>8}" + "".join(f"{row[mark]:>10.1f}" for mark in MARKS)
    if name not in TARGETS:
        return told
    mark, most = TARGETS[name]
    return f"{told}   {mark} at most {most:g}: {'kept' if row[mark] <= most else 'MISSED'}"


def _machine(meter: Mapping[str, Any]) -> list[str]:
    cores = ", ".join(f"{name} {used:.2f}" for name, used in meter["cores"].items())
    memory = [
        f"  memory of {name}: {seen['first']} -> {seen['last']} MiB, {seen['per_minute']:+} MiB a minute"
        for name, seen in meter["memory_mib"].items()
    ]
    return [f"  cores in use over {meter['seconds']} s: {cores}", *memory]


def _line(name: str, row: Mapping[str, Any]) -> str:
    def shown(value: float | None) -> str:
        if value is None:
            return "–"
        return f"{100 * value:.2f} %" if name in SHARES else f"{value:.2f}"

    measured = f"{shown(row['measured'])} ± {shown(row['half_width']).removesuffix(' %')}"
    band = f"{shown(row['low'])} … {shown(row['high'])}"
    mark = "" if row["is_within"] else "   outside"
    models = f"{shown(row['same_seed']):>21}{band:>23}{shown(row['no_delay']):>10}{shown(row['formula']):>10}"
    return f"  {NAMES[name]:26}{measured:>18}{models}{mark}"


def _inputs(inputs: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name.replace('_', ' ')} {value:g}"
        for name, value in inputs.items()
        if isinstance(value, int | float)
    )


def _counts(found: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {count}" for name, count in found.items()) or "none"
