"""The chain over closed records: nobody edits one silently, the house's own engineers included.

When a record closes (or is broken off), and with every amendment and action, a digest of the row as it
stands is linked to the link before it, per centre: `hash = sha256(previous hash + digest)`. Sealed columns
go in by the digest of their seal, which holds for no other text and no other row. Whoever changes a row
afterwards leaves a digest that does not fit; whoever mends the digest leaves a hash that does not; whoever
mends every hash after it ends with another head than the one that was printed and put away.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

KINDS: Final = ("closed", "interrupted", "acted", "amended")
"""What was linked: a record at its end, an action's state, an amendment."""
GENESIS: Final = bytes(32)
"""What the first link of a centre follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A stored link, and `found`: the digest of its row as it stands now (None: the row is gone)."""

    seq: int
    kind: str
    session_id: UUID
    thing_id: UUID
    prev_hash: bytes
    digest: bytes
    hash: bytes
    found: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Where a chain does not hold.

    `edited` a row is not what was linked, `gone` it is not there any more, `broken` a link does not follow
    the one before it, `cut` the chain ends before its head, `unlinked` a closed record has no link.
    """

    name: str
    seq: int | None
    session_id: UUID | None


class Walk:
    """A way along one chain, link by link from its beginning."""

    def __init__(self) -> None:
        """Begin before the first link."""
        self._prev, self._seq = GENESIS, 0

    def step(self, link: Link) -> Iterator[Fault]:
        """What does not hold at the next link."""
        follows_on = (link.seq, link.prev_hash) == (self._seq + 1, self._prev)
        if not follows_on or link.hash != follows(link.prev_hash, link.digest):
            yield Fault(name="broken", seq=link.seq, session_id=link.session_id)
        if link.found != link.digest:
            name = "gone" if link.found is None else "edited"
            yield Fault(name=name, seq=link.seq, session_id=link.session_id)
        self._prev, self._seq = link.hash, link.seq

    def end(self, head: bytes) -> Iterator[Fault]:
        """What does not hold at the end, where the newest hash should be `head`."""
        if head != self._prev:
            yield Fault(name="cut", seq=self._seq, session_id=None)


def holds(link: Link) -> bool:
    """Whether the link's row is what was linked, and its hash follows from it."""
    return link.found == link.digest and link.hash == follows(link.prev_hash, link.digest)


def follows(prev: bytes, digest: bytes) -> bytes:
    """The hash of the link that follows `prev` with this digest."""
    return hashlib.sha256(prev + digest).digest()
