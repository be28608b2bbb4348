"""Small sums over many measurements."""

from collections.abc import Iterable, Sequence


def percentile(values: Iterable[float], share: float) -> float:
    """The value that `share` of all do not pass; 0.5 is the median."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else 0.0


def in_ms(seconds: Sequence[float], prefix: str = "") -> dict[str, float]:
    """p50 and p99 in milliseconds."""
    return {
        f"{prefix}p50_ms": 1000 * percentile(seconds, 0.5),
        f"{prefix}p99_ms": 1000 * percentile(seconds, 0.99),
    }
