"""A desk in the console: somebody signed in, asking the real application over loopback."""

import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import httpx2

from hotline.base import clock, ids
from hotline.base.sensitive import Sensitive
from hotline.domain.abuse import Restriction
from hotline.domain.access import Permission, Viewer
from hotline.domain.assist import Asked
from hotline.domain.contact import Contact
from hotline.domain.dispatch import Call
from hotline.domain.level import Level
from hotline.domain.number import Opening
from hotline.domain.outcome import Outcome
from hotline.domain.session import Session
from hotline.domain.staff import Role
from hotline.domain.subject import Described
from hotline.flow import (
    assist,
    dispatch,
    escalation,
    followup,
    offer,
    outreach,
    shift,
    sign_in,
    subject,
    task,
    team,
)
from hotline.flow.dispatch import Sent
from hotline.flow.escalation import Judgement
from hotline.flow.followup import More, Wish
from hotline.flow.team import Wished
from hotline.store import sign_in as store_sign_in
from tests import rulebooks
from tests.flow.aftercare import hung_up
from tests.patience import PATIENCE_SECONDS
from tests.stage import Stage

TLS = ssl.create_default_context()
"""Made once: every client would make its own, and reading the certificates takes longer than asking."""


@asynccontextmanager
async def desk(stage: Stage, base: str, staff_id: UUID) -> AsyncGenerator[httpx2.AsyncClient]:
    """The person's browser, signed in (passwords have tests of their own)."""
    token, now = Sensitive(ids.new_secret()), clock.now()
    async with stage.store.connection() as connection:
        await store_sign_in.add(
            connection, sign_in.token_hash(token), staff_id, now, now + timedelta(hours=1)
        )
    async with browser(base, {"hotline": token.reveal()}) as client:
        yield client


def browser(base: str, cookies: dict[str, str] | None = None) -> httpx2.AsyncClient:
    """A browser on the console's routes."""
    return httpx2.AsyncClient(base_url=f"{base}/api", cookies=cookies, verify=TLS, timeout=PATIENCE_SECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """A centre at work: Lin talks with a contact that is escalated, Mei's page rings for another."""

    stage: Stage
    people: dict[Role, UUID]
    lin: UUID
    mei: UUID
    contact: Contact
    session: Session
    escalation: UUID
    subject: UUID
    ringing: Contact
    offer: UUID
    change: UUID
    """The supervisor's draft of a rulebook."""
    assist: UUID
    """Lin asks for a supervisor."""
    task: UUID
    """A report on a minor, given to Lin."""
    follow_up: UUID
    restriction: UUID
    """Asked for by Lin; nobody has agreed to it."""
    team: UUID
    watch: UUID
    """A crisis team, and its responder on call."""
    dispatch: UUID
    opening: UUID
    """The number, asked for by Lin."""
    abandoned: UUID
    """Left by a caller whom nobody has called yet."""
    call: UUID
    """Begun by Lin, to another caller who had left."""
    handover: UUID
    """Given by somebody who has gone home."""

    def thing(self, what: str) -> UUID | str:
        """The id that a path asks for."""
        return self.things[what]

    @property
    def things(self) -> dict[str, UUID | str]:
        """By the name that it has in a path, something that there is."""
        return {
            "contact_id": self.contact.id,
            "session_id": self.session.id,
            "escalation_id": self.escalation,
            "subject_id": self.subject,
            "offer_id": self.offer,
            "assist_id": self.assist,
            "task_id": self.task,
            "follow_up_id": self.follow_up,
            "restriction_id": self.restriction,
            "team_id": self.team,
            "watch_id": self.watch,
            "dispatch_id": self.dispatch,
            "opening_id": self.opening,
            "month": "2026-10",
            "change_id": self.change,
            "abandoned_id": self.abandoned,
            "call_id": self.call,
            "handover_id": self.handover,
        }


async def in_talk(stage: Stage, counselor: UUID, **form: str) -> tuple[Contact, Session]:
    """A chat of somebody who is ready and alone."""
    stage.now = clock.now()
    contact = await stage.chat(**form)
    assert await stage.dispatch() == {contact.id: counselor}
    begun = await offer.accept(stage.store, await stage.pending_offer(contact.id), counselor, stage.now)
    return await stage.contact(contact.id), begun


async def restricted(stage: Stage, contact: Contact, asked_by: UUID) -> UUID:
    """A restriction as it is asked for; who is at risk would be refused one, and this is about eyes only."""
    row = Restriction(
        id=ids.new_id(),
        centre_id=stage.centre.id,
        caller_key=b"somebody",
        contact_id=contact.id,
        kind="blocked",
        state="proposed",
        reason=Sensitive("辱骂"),
        staff_id=asked_by,
        made_at=stage.now,
        review_on=stage.now.date() + timedelta(days=7),
        ends_at=stage.now + timedelta(days=7),
    )
    async with stage.store.unit() as unit:
        await unit.save(Outcome(rows=(row,)), stage.now)
    return row.id


async def an_opening(stage: Stage, contact: Contact, counselor: UUID) -> UUID:
    """A number that a counselor has asked for, as it stands where the contact came with one."""
    asked = Opening(
        id=ids.new_id(),
        contact_id=contact.id,
        centre_id=contact.centre_id,
        state="asked",
        asked_by=counselor,
        asked_at=stage.now,
        reason=Sensitive("定位"),
    )
    async with stage.store.unit() as unit:
        await unit.save(Outcome(rows=(asked,)), stage.now)
    return asked.id


async def _asked(stage: Stage, begun: Session, counselor: UUID) -> UUID:
    """A counselor asks for a supervisor."""
    asked = Asked(reason="other", words=Sensitive(""))
    return await assist.ask(stage.store, stage.policies, begun.id, counselor, asked, stage.now)


async def _owed(stage: Stage, contact: Contact, counselor: UUID) -> UUID:
    """A report on a minor."""
    await task.report_minor(stage.store, contact.id, counselor, stage.now)
    return await stage.value(
        "select id from task where kind = 'mandatory_report' and contact_id = $1", contact.id
    )


async def at_work(stage: Stage) -> Floor:
    """Put the centre to work, now."""
    stage.now = clock.now()
    people = {role: await stage.hire(role.value, role) for role in Role}
    lin = await stage.hire("lin", ready=True)
    contact, begun = await in_talk(stage, lin)
    high = Judgement(level=Level.HIGH, basis=Sensitive("要去天台"))
    raised = await escalation.declare(stage.store, stage.policies, contact.id, lin, high, stage.now)
    son = await a_son(stage, contact, lin)
    made, watch = await _on_call(stage, people[Role.SUPERVISOR], people[Role.RESPONDER])
    family = Sent(staff_id=lin, call=Call(agency="family", consent="voluntary"))
    mei = await stage.hire("mei", ready=True)
    ringing = await stage.chat()
    assert await stage.dispatch() == {ringing.id: mei}
    return Floor(
        stage=stage,
        people=people,
        lin=lin,
        mei=mei,
        contact=contact,
        session=begun,
        escalation=raised,
        subject=son,
        ringing=ringing,
        offer=await stage.pending_offer(ringing.id),
        assist=await _asked(stage, begun, lin),
        task=await _owed(stage, contact, lin),
        follow_up=await called_again(stage, contact.id, lin),
        restriction=await restricted(stage, contact, lin),
        team=made,
        watch=watch,
        dispatch=await dispatch.send(stage.store, stage.policies, contact.id, family, stage.now),
        opening=await an_opening(stage, contact, lin),
        change=await rulebooks.begin(stage, people[Role.SUPERVISOR]),
        abandoned=await left_alone(stage),
        call=await begun_call(stage, lin),
        handover=await given_shift(stage),
    )


async def called_again(stage: Stage, contact_id: UUID, counselor: UUID) -> UUID:
    """The caller has agreed to be called in a week."""
    wish = Wish(is_agreed=True, way="phone", reach=Sensitive("13900000000"))
    await followup.agree(stage.store, stage.policies, contact_id, counselor, wish, stage.now)
    await followup.add(stage.store, stage.policies, contact_id, counselor, More(days=7), stage.now)
    return await stage.value("select id from follow_up where contact_id = $1", contact_id)


async def _on_call(stage: Stage, supervisor: UUID, responder: UUID) -> tuple[UUID, UUID]:
    """A team with its responder on call."""
    eyes = Viewer(
        staff_id=supervisor,
        centre_id=stage.centre.id,
        roles=frozenset({Role.SUPERVISOR}),
        permissions=frozenset({Permission.ROSTER}),
        reach=frozenset({stage.centre.id}),
    )
    made = await team.found(stage.store, eyes, stage.centre.id, "夜班", stage.now)
    await team.change(stage.store, eyes, made, "夜班", (responder,), stage.now)
    wished = Wished(
        centre_id=stage.centre.id,
        staff_id=responder,
        position="team",
        team_id=made,
        begins_at=stage.now,
        ends_at=stage.now + timedelta(hours=8),
    )
    return made, await team.put_on_call(stage.store, eyes, wished, stage.now)


async def a_son(stage: Stage, contact: Contact, counselor: UUID) -> UUID:
    """The caller is worried about a child."""
    child = Described(relation="child")
    return await subject.tell_of(stage.store, contact.id, counselor, ids.new_id(), child, stage.now)


async def left_alone(stage: Stage) -> UUID:
    """Somebody in danger has hung up while waiting."""
    return (await hung_up(stage, 1, level=Level.IMMINENT)).id


async def begun_call(stage: Stage, counselor: UUID) -> UUID:
    """Lin calls somebody who has hung up."""
    left = await hung_up(stage, 2, level=Level.IMMINENT)
    begun = await outreach.begin(stage.store, stage.policies, stage.viewer(counselor), left.id, stage.now)
    return begun.call_id


async def given_shift(stage: Stage) -> UUID:
    """The shift before has handed over."""
    given = await shift.give(stage.store, stage.viewer(await stage.hire("gone")), None, stage.now)
    assert given is not None
    return given
