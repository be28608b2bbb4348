"""Things to be done in the world, decided here and performed by the relay.

An effect carries ids only. It is stored as a job in the transaction of its decision and performed
at least once, so whoever performs it first looks whether it is still wanted: effects say *look at
this leg and make it so*, not *do this*.
"""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Steer:
    """Bring a live telephone leg to the place where it should be now."""

    leg_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """Ring the telephone of a counselor for a leg that has been prepared."""

    leg_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """End a telephone leg, whether it rings or talks."""

    leg_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Send a page (SMS) to a responder who should acknowledge an escalation."""

    page_id: UUID


Effect = Steer | Dial | Drop | Send
