"""A call as a whole: the journey, its line, and all of its legs.

From here a leg's plan is asked for, and from here follow the orders that bring the other legs to
where they should be after an outcome.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hotline.domain import leg as legs
from hotline.domain.centre import Line
from hotline.domain.contact import Contact
from hotline.domain.joint import Journey
from hotline.domain.leg import Leg, Scene
from hotline.domain.offer import Offer
from hotline.domain.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A locked call; `others` are its legs besides `leg`, the one that a fact is about."""

    journey: Journey
    line: Line
    leg: Leg
    others: Sequence[Leg]

    def leg_after(self, outcome: Outcome) -> Leg:
        """The leg in question as the outcome leaves it."""
        return next((row for row in outcome.rows if isinstance(row, Leg) and row.id == self.leg.id), self.leg)

    def scene(self, outcome: Outcome) -> Scene:
        """What plans are made of, as the outcome leaves it."""
        contact = next((row for row in outcome.rows if isinstance(row, Contact)), self.journey.contact)
        offer = next((row for row in outcome.rows if isinstance(row, Offer)), self.journey.offer)
        pending = offer if offer is not None and offer.state == "pending" else None
        counselor = legs.counselor_of(self.legs(outcome), contact)
        return Scene(contact=contact, line=self.line, offer=pending, counselor=counselor)

    def legs(self, outcome: Outcome) -> list[Leg]:
        """Every leg, as the outcome leaves it."""
        after = {leg.id: leg for leg in (*self.others, self.leg)}
        after.update({row.id: row for row in outcome.rows if isinstance(row, Leg)})
        return list(after.values())

    def settled(self, outcome: Outcome, now: datetime, *, answering: UUID | None) -> Outcome:
        """The outcome with the orders that bring every leg to where it should be then."""
        effects = legs.settle(self.legs(outcome), self.scene(outcome), now, answering=answering)
        return outcome + Outcome(effects=effects)
