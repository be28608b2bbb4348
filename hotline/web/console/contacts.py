"""Contacts: opened, written in, hung up, judged, and brought to a crisis team."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Final, cast
from uuid import UUID, uuid5

from fastapi import APIRouter, Query

from hotline.base import clock
from hotline.base.sensitive import Sensitive
from hotline.domain import number as numbers
from hotline.domain.access import Permission, Viewer
from hotline.domain.appraisal import Appraisal
from hotline.domain.contact import Contact
from hotline.domain.message import Message
from hotline.domain.routes import Routes, routes_for
from hotline.domain.session import Session
from hotline.flow import escalation, message, offer, reading, session as sessions
from hotline.flow.escalation import Judgement
from hotline.flow.reading import Opened
from hotline.policy.policies import Policies
from hotline.web.auth import TheViewer
from hotline.web.console import shapes
from hotline.web.console.once import TheKey
from hotline.web.console.reach import ContactAnswerer, ContactWatcher, Raiser
from hotline.web.edge import TheEdge

router = APIRouter(prefix="/api/contacts", tags=["contacts"])

SEQ_MAX: Final = 2**31 - 1
QUALITIES: Final[dict[str, shapes.Quality]] = {
    "given": "direct",
    "direct": "direct",
    "withheld": "withheld",
    "switchboard": "switchboard",
    "voip": "voip",
}


@router.get("/{contact_id}")
async def show(edge: TheEdge, viewer: TheViewer, contact_id: UUID) -> shapes.ContactShown:
    """Everything about a contact but its words; the look is journalled."""
    opened = await reading.open_contact(edge.store, viewer, contact_id, clock.now())
    return _contact(opened, viewer, edge.policies)


@router.get("/{contact_id}/messages")
async def list_messages(
    edge: TheEdge, viewer: TheViewer, contact_id: UUID, after: Annotated[int, Query(ge=0, le=SEQ_MAX)] = 0
) -> shapes.MessagesShown:
    """The words behind `after`, in order and so many at most; the look is journalled."""
    most = edge.settings.web.messages_page_max
    words = await reading.open_messages(
        edge.store, viewer, contact_id, after=after, most=most, now=clock.now()
    )
    return shapes.MessagesShown(
        messages=tuple(_message(each) for each in words.messages), last_seq=words.last_seq
    )


@router.get("/{contact_id}/routing")
async def explain(edge: TheEdge, _viewer: ContactWatcher, contact_id: UUID) -> shapes.RoutingShown:
    """Why the contact waits: what stands against an offer to each counselor, at this moment."""
    explained = await offer.explain(edge.store, edge.policies, contact_id, clock.now())
    return shapes.RoutingShown(
        ahead=explained.ahead,
        counselors=tuple(
            shapes.RoutingVerdict(id=staff_id, name=name.reveal(), reason=reason)
            for staff_id, name, reason in explained.verdicts
        ),
    )


@router.post("/{contact_id}/messages", status_code=201)
async def say(
    edge: TheEdge, viewer: ContactAnswerer, contact_id: UUID, asked: shapes.MessageAsked
) -> shapes.MessageStored:
    """The counselor's words in their own chat; sent twice under one `client_id`, they are stored once."""
    words = shapes.some(asked.words, edge.settings.web.message_characters_max, "words")
    said = message.Reply(client_id=asked.client_id, words=words)
    stored = await message.reply(edge.store, edge.policies, contact_id, viewer.staff_id, said, clock.now())
    return shapes.MessageStored(seq=stored.seq, at=stored.at)


@router.post("/{contact_id}/hang-up", status_code=204)
async def hang_up(edge: TheEdge, viewer: ContactAnswerer, contact_id: UUID) -> None:
    """The counselor ends the talk on purpose; the record is still to be written."""
    await sessions.hang_up(edge.store, contact_id, viewer.staff_id, clock.now())


@router.put("/{contact_id}/level", status_code=204)
async def set_level(
    edge: TheEdge, viewer: Raiser, key: TheKey, contact_id: UUID, asked: shapes.LevelAsked
) -> None:
    """A person's judgement of the level; only those who may, and with grounds, lower it."""
    judgement = Judgement(
        level=shapes.level_of(asked.level),
        basis=shapes.limited(asked.basis, edge.settings.web.reason_characters_max, "basis"),
        may_lower=viewer.may(Permission.LOWER_LEVEL),
        key=key,
        seen=None if asked.seen is None else shapes.level_of(asked.seen),
    )
    await escalation.set_level(edge.store, edge.policies, contact_id, viewer.staff_id, judgement, clock.now())


@router.post("/{contact_id}/escalations", status_code=201)
async def declare(
    edge: TheEdge, viewer: Raiser, key: TheKey, contact_id: UUID, asked: shapes.AlarmAsked
) -> shapes.Made:
    """Call the crisis team in with one button; the id is that of the escalation that now stands."""
    judgement = Judgement(
        level=shapes.level_of(asked.level),
        basis=shapes.limited(asked.reason, edge.settings.web.reason_characters_max, "reason"),
        key=key,
    )
    made = await escalation.declare(
        edge.store, edge.policies, contact_id, viewer.staff_id, judgement, clock.now()
    )
    return shapes.Made(id=made)


def _contact(opened: Opened, viewer: Viewer, policies: Policies) -> shapes.ContactShown:
    contact, line, escalated = opened.contact, opened.line, opened.escalation
    return shapes.ContactShown(
        id=contact.id,
        channel=contact.channel,
        state=contact.state,
        level=contact.level.text,
        subject_level=contact.subject_level.text,
        band=contact.band,
        language=contact.language,
        line=shapes.LineShown(id=line.id, name=line.name, address=line.address),
        arrived_at=contact.arrived_at,
        joined_at=contact.joined_at,
        answered_at=contact.answered_at,
        ended_at=contact.ended_at,
        counselor_id=contact.counselor_id,
        counselor=_counselor(opened),
        generation=contact.generation,
        caller=shapes.CallerShown(
            number=_number(contact, viewer, policies),
            may_be_switchboard=numbers.may_be_switchboard(contact),
            number_quality=QUALITIES.get(contact.number_quality, "unknown"),
            earlier_contacts=opened.history.contacts,
            recent_high=opened.history.recent_high,
        ),
        form=_form(contact),
        findings=tuple(finding for each in opened.appraisals for finding in _findings(each)),
        ways=_ways(contact, policies.routes),
        session=None
        if opened.session is None
        else _session(opened.session, policies.queue.wrap_up_seconds_min),
        escalation_id=escalated.id if escalated else None,
    )


def _ways(contact: Contact, routes: Routes) -> tuple[shapes.WayShown, ...]:
    return tuple(
        shapes.WayShown(
            flag=way.route.flag,
            team=way.route.team,
            agencies=tuple(
                shapes.AgencyShown(code=each.code, number=each.number) for each in way.route.agencies
            ),
            is_now=way.is_now,
            report=way.route.report,
            advice=shapes.Both(zh=way.route.zh, en=way.route.en),
        )
        for way in routes_for(contact.flags, contact.gravest, routes)
    )


def _counselor(opened: Opened) -> shapes.Person | None:
    return opened.counselor and shapes.Person(id=opened.counselor.id, name=opened.counselor.name.reveal())


def _number(contact: Contact, viewer: Viewer, policies: Policies) -> str | None:
    """The number, its end, or nothing where the house promises anonymity: then two people open it."""
    if contact.number is None or policies.numbers.is_anonymous:
        return None
    number = contact.number.reveal()
    return number if viewer.may(Permission.SEE_NUMBER) else f"…{number[-2:]}"


def _form(contact: Contact) -> shapes.FormShown:
    form = contact.form
    return shapes.FormShown(
        safe_now=form.safe_now,
        age_band=form.age_band,
        attempted_before=form.attempted_before,
        crisis_key=form.crisis_key,
    )


def _findings(appraisal: Appraisal) -> list[shapes.FindingShown]:
    """The findings of one appraisal; the id of each is made from the two that name it."""
    return [
        shapes.FindingShown(
            id=uuid5(appraisal.id, str(finding["rule"])),
            at=appraisal.at,
            source=appraisal.source,
            message_seq=appraisal.message_seq,
            rule=str(finding["rule"]),
            verdict=str(finding["verdict"]),
            level=str(finding["level"]),
            flags=appraisal.flags,
            reason=shapes.Both.model_validate(finding["reason"]),
            spans=tuple((start, end) for start, end in cast("Any", finding["spans"])),
        )
        for finding in appraisal.findings
    ]


def _session(session: Session, wrap_up_seconds: int) -> shapes.SessionShown:
    record = session.record
    return shapes.SessionShown(
        id=session.id,
        staff_id=session.staff_id,
        state=session.state,
        begun_at=session.begun_at,
        opened_at=session.opened_at,
        ended_at=session.ended_at,
        wrap_up_until=_later(session.ended_at, wrap_up_seconds),
        screening=session.screening,
        screening_reason=_plain(session.screening_reason),
        screened_at=session.screened_at,
        screened_second=session.screened_second,
        reminded_at=session.reminded_at,
        overdue_at=session.overdue_at,
        disposition=record.disposition,
        outcome=record.result,
        summary=shapes.Summary(
            words=record.words.reveal(),
            facts=record.facts.reveal(),
            judgment=record.judgment.reveal(),
            unknowns=record.unknowns.reveal(),
        ),
        age_band=record.age_band,
        region=record.region,
        problem_types=record.problems,
        marks=record.marks,
    )


def _message(message: Message) -> shapes.MessageShown:
    return shapes.MessageShown(
        seq=message.seq,
        sender=message.sender,
        words=message.words.reveal(),
        at=message.at,
        client_id=message.client_id,
        read_at=message.read_at,
    )


def _later(moment: datetime | None, seconds: int) -> datetime | None:
    return None if moment is None else moment + timedelta(seconds=seconds)


def _plain(text: Sensitive | None) -> str | None:
    return None if text is None else text.reveal()
