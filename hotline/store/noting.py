"""What counselors write, read by rules under the contact's lock, and answered with whoever is called in.

Every step that keeps words of a counselor about a caller asks this in its own transaction, so that no
paper of the house (record, amendment, note, plan, dispatch) speaks of a danger that the contact does not.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from hotline.base import ids
from hotline.base.sensitive import Sensitive
from hotline.domain import noting
from hotline.domain.contact import Contact
from hotline.domain.escalation import Escalation, Means
from hotline.domain.joint import Journey
from hotline.domain.ladder import LadderBook
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.queue import QueuePolicy
from hotline.domain.risk.assess import Rulebook
from hotline.store import roster as store_roster
from hotline.store.unit import Unit


class Rules(Protocol):
    """What reading and answering go by; the house's policies have it all."""

    @property
    def rulebook(self) -> Rulebook:
        """The rulebook in use; asked once."""
        ...

    @property
    def queue(self) -> QueuePolicy:
        """Where a contact moves when its level rises."""
        ...

    @property
    def ladders(self) -> LadderBook:
        """Who is paged, and who after them."""
        ...


async def answered(
    unit: Unit,
    rules: Rules,
    journey: Journey,
    texts: Iterable[Sensitive | None],
    now: datetime,
    *,
    age_band: str | None = None,
) -> Outcome:
    """What the rules make of these texts: marks, a level that at most rises, and a team where it must.

    The journey is as it stands after what the step itself has decided (`after`).
    """
    contact, held = journey.contact, journey.escalation
    written = [text for text in texts if text is not None]
    read = noting.read(contact, held, written, rules.rulebook, appraisal_id=ids.new_id(), now=now)
    if read is None:
        return NOTHING
    means = Means(
        queue=rules.queue,
        ladders=await store_roster.ladders(unit.connection, rules.ladders, contact.centre_id),
        roster=await store_roster.roster(
            unit.connection, contact.centre_id, read.appraisal.level, now, contact.id
        ),
        new_id=ids.new_id,
        age_band=age_band,
    )
    return noting.answer(read, held, means=means, now=now)


def after(journey: Journey, outcome: Outcome) -> Journey:
    """The contact and the escalation as the step leaves them, for whatever is decided next."""
    contact, held = journey.contact, journey.escalation
    for row in outcome.rows:
        if isinstance(row, Contact) and row.id == contact.id:
            contact = row
        if isinstance(row, Escalation):
            held = row
    return Journey(contact=contact, offer=journey.offer, session=journey.session, escalation=held)
