"""The table of a run, for people; the whole of it lies beside as JSON."""

from collections.abc import Mapping
from typing import Any, Final

SHARES: Final = frozenset({"answer_rate", "answer_rate_strict", "abandonment", "within", "occupancy"})
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
    lines = [f"{told['name']}: {_inputs(told.get('inputs', {}))}"]
    if "figures" in told:
        lines += [
            "",
            f"  {'':26}{'measured':>18}{'same plan, computed':>21}{'95 % of other days':>23}{'Erlang-A':>10}",
        ]
        lines += [_line(name, row) for name, row in told["figures"].items()]
    lines += [
        "",
        "  waits of single steps, ms",
        f"    {'':24}{'n':>8}{'p50':>10}{'p95':>10}{'p99':>10}{'max':>10}",
    ]
    lines += [
        f"    {name:24}{row['n']:>8}"
        + "".join(f"{row[mark]:>10.1f}" for mark in ("p50", "p95", "p99", "max"))
        for name, row in told["lags_ms"].items()
    ]
    meter = told["meter"]
    cores = ", ".join(f"{name} {used:.2f}" for name, used in meter["cores"].items())
    lines += ["", f"  cores in use over {meter['seconds']} s: {cores}"]
    lines += [
        f"  memory of {name}: {seen['first']} -> {seen['last']} MiB, {seen['per_minute']:+} MiB a minute"
        for name, seen in meter["memory_mib"].items()
    ]
    lines += [f"  contacts: {_counts(told['contacts'])}", f"  what happened: {_counts(told['tally'])}"]
    lines += [f"  answered with no: {_counts(told['refused'])}"]
    lines += [f"  auditor and logs: {_counts(told['verdict']) if told['verdict'] else 'sound, no error'}"]
    return "\n".join(lines)


def _line(name: str, row: Mapping[str, Any]) -> str:
    def shown(value: float | None) -> str:
        if value is None:
            return "–"
        return f"{100 * value:.2f} %" if name in SHARES else f"{value:.2f}"

    measured = f"{shown(row['measured'])} ± {shown(row['half_width']).removesuffix(' %')}"
    band = f"{shown(row['low'])} … {shown(row['high'])}"
    mark = "" if row["is_within"] else "   outside"
    models = f"{shown(row['same_seed']):>21}{band:>23}{shown(row['formula']):>10}"
    return f"  {NAMES[name]:26}{measured:>18}{models}{mark}"


def _inputs(inputs: Mapping[str, Any]) -> str:
    wanted = (
        "rate",
        "seats",
        "erlangs_planned",
        "counted_minutes",
        "compress",
        "handle_scale",
        "chat_share",
        "seed",
    )
    return ", ".join(f"{name} {inputs[name]:.4g}" for name in wanted if name in inputs)


def _counts(found: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {count}" for name, count in found.items()) or "none"
