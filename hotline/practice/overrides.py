"""Connection overrides: what the fragment of a webhook URL says about time-outs and retries.

`https://host/path#ct=2000&rt=4000&tt=9000&rc=1&rp=ct,rt` waits two seconds for a connection, four for an
answer, nine in all, and tries once more when either of the first two ran out. The fragment is neither
sent nor signed. Without one Twilio tries once more after a failed connection, and nothing else.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urldefrag

CONNECT_MS_MAX = 10_000
READ_MS_MAX = 15_000
TOTAL_MS_MAX = 15_000
RETRIES_MAX = 5
POLICIES = frozenset({"4xx", "5xx", "ct", "rt", "all"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """How one webhook is to be fetched; seconds are real seconds, whatever the pace."""

    connect_seconds: float = 5.0
    read_seconds: float = 15.0
    total_seconds: float = 15.0
    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})

    def retry_after(self, failure: str) -> bool:
        """Whether a failure of this kind (`ct`, `rt`, `4xx`, `5xx`) is worth another try."""
        return failure in self.policy or "all" in self.policy


def parted(url: str) -> tuple[str, Overrides]:
    """The URL to send to, and how."""
    bare, fragment = urldefrag(url)
    given = dict(parse_qsl(fragment))
    policy = frozenset(given.get("rp", "ct").split(",")) & POLICIES
    return bare, Overrides(
        connect_seconds=_capped(given.get("ct"), 5_000, CONNECT_MS_MAX) / 1000,
        read_seconds=_capped(given.get("rt"), 15_000, READ_MS_MAX) / 1000,
        total_seconds=_capped(given.get("tt"), 15_000, TOTAL_MS_MAX) / 1000,
        retries=_capped(given.get("rc"), 1, RETRIES_MAX),
        policy=policy,
    )


def _capped(text: str | None, otherwise: int, most: int) -> int:
    if text is None or not text.isdigit():
        return otherwise
    return min(int(text), most)
