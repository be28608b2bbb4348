"""Misfortune on order: how often callbacks are lost, late, doubled, and REST requests refused.

Shares are between 0 and 1. The dice are a hash of a seed and a counter, so that the same seed throws the
same numbers again and a bad hour can be repeated.
"""

import hashlib

from pydantic import BaseModel, ConfigDict, Field


class Faults(BaseModel):
    """What goes wrong; seconds are real seconds, whatever the pace. All zero is a calm day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    delay_seconds_max: float = Field(default=0.0, ge=0, le=60)
    """Each callback of `delay_share` is held back for a time up to this."""
    delay_share: float = Field(default=1.0, ge=0, le=1)
    duplicate_share: float = Field(default=0.0, ge=0, le=1)
    drop_share: float = Field(default=0.0, ge=0, le=1)
    reorder_share: float = Field(default=0.0, ge=0, le=1)
    """This share of callbacks waits until the next one of the same call or room has gone out, or a second."""
    document_retry_share: float = Field(default=0.0, ge=0, le=1)
    """This share of TwiML requests is sent twice; the first answer is lost."""
    rest_429_share: float = Field(default=0.0, ge=0, le=1)
    rest_500_share: float = Field(default=0.0, ge=0, le=1)
    rest_lost_share: float = Field(default=0.0, ge=0, le=1)
    """This share of REST requests is carried out, and then answered with 500."""
    rest_delay_seconds: float = Field(default=0.0, ge=0, le=60)
    seed: int = 1


class Dice:
    """Throws that can be repeated."""

    def __init__(self, seed: int) -> None:
        """Start the row of throws that belongs to this seed."""
        self._seed = seed
        self._thrown = 0

    def throw(self) -> float:
        """The next number, at least 0 and less than 1."""
        self._thrown += 1
        digest = hashlib.sha256(f"{self._seed}:{self._thrown}".encode()).digest()
        return int.from_bytes(digest[:6]) / 2**48

    def hits(self, share: float) -> bool:
        """Whether something that happens in this share of cases happens now."""
        return share > 0 and self.throw() < share
