"""What counselors write about a caller, read by rules: notes and levels that drift apart are shown.

A counselor's note is no word of the caller's. It marks, and at most raises the contact to moderate;
what a person has judged it leaves as it is. Only an act under way or just done calls the team in, and
only where nobody has been told of anything imminent in this contact: a record that is written after the
rescue pages nobody again. Each rule speaks once in a contact, however often the record is saved.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from hotline.base.sensitive import Sensitive
from hotline.domain import answering, appraisal as appraisals, background as backgrounds
from hotline.domain.appraisal import Appraisal
from hotline.domain.contact import Contact
from hotline.domain.escalation import Escalation, Means
from hotline.domain.level import Level
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.risk.assess import Assessment, Rulebook
from hotline.domain.risk.levels import Verdict
from hotline.domain.risk.rules import Speaker

SOURCE: Final = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A note that has been read: the contact that remembers it, and the appraisal to be kept."""

    contact: Contact
    appraisal: Appraisal


def read(
    contact: Contact,
    escalation: Escalation | None,
    texts: Iterable[Sensitive],
    rulebook: Rulebook,
    *,
    appraisal_id: UUID,
    now: datetime,
) -> Read | None:
    """Judge what was written; None where it says nothing that has not been noted before."""
    facts = replace(appraisals.facts(contact, now), speaker=Speaker.NOTE)
    found = [rulebook.assess(replace(facts, text=text.reveal())) for text in texts if not text.is_blank]
    fresh = _fresh(contact, found)
    if not fresh:
        return None
    is_known = contact.gravest is Level.IMMINENT or (
        escalation is not None and escalation.level is Level.IMMINENT
    )
    judged = [_only(each, fresh, contact, is_known=is_known) for each in found]
    gravest = max(judged, key=lambda each: each.level)
    appraisal = appraisals.appraise(
        replace(
            gravest,
            findings=tuple({one.rule: one for each in judged for one in each.findings}.values()),
            flags=frozenset[str]().union(*(each.flags for each in judged)),
        ),
        appraisal_id=appraisal_id,
        contact_id=contact.id,
        source=SOURCE,
        message_seq=None,
        now=now,
    )
    background = backgrounds.note(contact.background, fresh, contact.messages)
    return Read(contact=replace(contact, background=background), appraisal=appraisal)


def answer(read: Read | None, escalation: Escalation | None, *, means: Means, now: datetime) -> Outcome:
    """Keep what was read, and raise what it raises; `means` has the roster of the appraisal's level."""
    if read is None:
        return NOTHING
    kept = Outcome(rows=(read.contact,))
    return kept + answering.respond_to(read.contact, escalation, read.appraisal, means=means, now=now)


def _fresh(contact: Contact, found: Iterable[Assessment]) -> frozenset[str]:
    """The rules that speak of the note itself, and have not spoken before."""
    return frozenset(
        finding.rule
        for each in found
        for finding in each.findings
        if finding.verdict is Verdict.HIT and finding.spans and finding.rule not in contact.background.noted
    )


def _only(found: Assessment, fresh: frozenset[str], contact: Contact, *, is_known: bool) -> Assessment:
    """What is new in an assessment, at the level to which it may raise.

    The places lie in one of several texts, and are not shown.
    """
    findings = tuple(replace(each, spans=()) for each in found.findings if each.rule in fresh)
    level = Level.highest(*(each.level for each in findings))
    if is_known:
        level = min(level, Level.MODERATE)
    if contact.level_is_human and level < Level.IMMINENT:
        level = min(level, contact.level)
    return replace(found, findings=findings, level=level, unsure=False)
