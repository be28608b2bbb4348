"""An appraisal is kept with its contact, and answered: what words, forms and keys were found to say.

Whoever appraises (a message, an arrival, a key, a note) saves this in the transaction of the words.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from hotline.domain import (
    appraisal as appraisals,
    contact as contacts,
    escalation as escalations,
    task as tasks,
)
from hotline.domain.appraisal import Appraisal
from hotline.domain.contact import Contact
from hotline.domain.escalation import Cause, Escalation, Means
from hotline.domain.journal import system_actor
from hotline.domain.outcome import NOTHING, Outcome


def respond_to(
    contact: Contact, escalation: Escalation | None, appraisal: Appraisal, *, means: Means, now: datetime
) -> Outcome:
    """Keep an appraisal with its contact, mark its flags, and answer its level.

    An appraisal that found nothing and left nothing open leaves no trace.
    """
    if not appraisal.is_worth_keeping:
        return NOTHING
    flagged = replace(contact, flags=tuple(sorted({*contact.flags, *appraisal.flags})))
    code = appraisal.level.text
    entry = contacts.note(
        flagged,
        "contact.appraised",
        system_actor("risk"),
        level=code,
        unsure=appraisal.is_unsure,
        source=appraisal.source,
        seq=appraisal.message_seq,
    )
    kept = Outcome(rows=(flagged, appraisal), entries=(entry,))
    kept += tasks.minor_harmed(flagged, means.age_band, task_id=means.new_id(), now=now)
    finding = appraisals.leading(appraisal)
    reason = cast("Mapping[str, str]", finding["reason"]) if finding else dict[str, str]()
    cause = Cause(source=appraisal.source, rule=str(finding["rule"]) if finding else None, reason=reason)
    marked, level = kept.row(Contact), appraisal.level
    return kept + escalations.respond(marked, escalation, level, cause, means=means, now=now)
