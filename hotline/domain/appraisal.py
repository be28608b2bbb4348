"""An appraisal: what the rules made of some words, a key or a form, kept beside them for good.

It holds the rulebook's hash, rule ids, verdicts and offsets, never the words. Unsure is kept too:
it never lowers anything and always leaves a mark for a human.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from hotline.domain import background as backgrounds
from hotline.domain.background import Past
from hotline.domain.centre import Channel
from hotline.domain.contact import Contact
from hotline.domain.journal import Json
from hotline.domain.level import Level
from hotline.domain.risk.assess import Assessment, Facts
from hotline.domain.risk.levels import Verdict
from hotline.domain.risk.rules import Answer, Form as RiskForm, History

MESSAGE: Final = "message"
SOURCES = ("message", "form", "key", "history", "note", "counselor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraisal:
    """One assessment of a contact; `message_seq` names the message it judged, if any."""

    id: UUID
    contact_id: UUID
    at: datetime
    source: str
    message_seq: int | None
    rulebook: str
    level: Level
    is_unsure: bool
    flags: tuple[str, ...]
    findings: tuple[Mapping[str, Json], ...]

    @property
    def is_worth_keeping(self) -> bool:
        """Whether there is anything to show: a hit, or something undecided."""
        return bool(self.findings) or self.is_unsure


def appraise(
    assessment: Assessment,
    *,
    appraisal_id: UUID,
    contact_id: UUID,
    source: str,
    message_seq: int | None,
    now: datetime,
) -> Appraisal:
    """Keep an assessment of a contact's words, keys or form.

    With words come the form and the keys, because rules may need both; what hit on those alone was kept
    when they were given, and is not found again in every message.
    """
    findings = tuple(
        {
            "rule": finding.rule,
            "verdict": finding.verdict.value,
            "level": finding.level.text,
            "spans": tuple(finding.spans),
            "reason": {"zh": finding.reason.zh, "en": finding.reason.en},
        }
        for finding in assessment.findings
        if source != MESSAGE or finding.spans or finding.verdict is not Verdict.HIT
    )
    return Appraisal(
        id=appraisal_id,
        contact_id=contact_id,
        at=now,
        source=source,
        message_seq=message_seq,
        rulebook=assessment.rulebook,
        level=assessment.level,
        is_unsure=assessment.unsure,
        flags=tuple(sorted(assessment.flags)),
        findings=findings,
    )


def facts(contact: Contact, now: datetime, *, text: str = "") -> Facts:
    """The facts of a contact as the rules see them: form, keys, background, and the words in hand.

    `contact.messages` is the number of the last message that came before these words.
    """
    form, background = contact.form, contact.background
    attempted = {True: Answer.YES, False: Answer.NO}
    return Facts(
        text=text,
        channel="phone" if contact.channel is Channel.VOICE else "chat",
        lang=contact.language,
        keys=frozenset({"crisis"}) if form.crisis_key else frozenset(),
        form=RiskForm(
            safe_now=Answer(form.safe_now) if form.safe_now else Answer.NOT_ASKED,
            attempted_before=Answer.NOT_ASKED
            if form.attempted_before is None
            else attempted[form.attempted_before],
            age_band=form.age_band or "",
        ),
        history=History(
            recent_high=background.recent_high,
            recent_attempt=background.recent_attempt,
            abandoned_recently=background.abandoned_recently,
            frequent=background.frequent,
        ),
        level=contact.level,
        past=Past(
            heard=background.heard,
            asked=background.asked,
            at=int(now.timestamp()),
            seq=contact.messages + 1,
        ),
        hour=backgrounds.hour(background, now),
    )


def remember(contact: Contact, assessment: Assessment, now: datetime) -> Contact:
    """The contact after a caller's message, which is its last: what was noticed is known from now on."""
    background = backgrounds.remember(contact.background, assessment.said, now, contact.messages)
    background = backgrounds.weigh(background, assessment.opinion)
    return contact if background is contact.background else replace(contact, background=background)


def ask(contact: Contact, topics: frozenset[str]) -> Contact:
    """The contact after a counselor's message, which is its last and asks about these topics."""
    background = backgrounds.ask(contact.background, topics, contact.messages)
    return contact if background is contact.background else replace(contact, background=background)


def leading(appraisal: Appraisal) -> Mapping[str, Json] | None:
    """The finding that weighs most, for the reason shown with an escalation."""
    return max(
        (finding for finding in appraisal.findings if finding["verdict"] == "hit"),
        key=lambda finding: Level.parse(str(finding["level"])),
        default=None,
    )
