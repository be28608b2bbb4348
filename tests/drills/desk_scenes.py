"""Scenes of chats, desks, escalations and the clock's sweeps."""

from datetime import timedelta
from uuid import UUID

from hotline.base import ids
from hotline.base.places import config_dir
from hotline.base.sensitive import Sensitive
from hotline.domain.contact import Contact, Form
from hotline.domain.level import Level
from hotline.domain.presence import Choice
from hotline.domain.session import Record, Session
from hotline.domain.staff import Role
from hotline.flow import (
    ageing,
    duty,
    escalation,
    intake,
    message,
    offer,
    reading,
    session,
    setup,
    sign_in,
)
from hotline.flow.escalation import Judgement
from hotline.flow.session import Screened
from hotline.policy import settings
from hotline.policy.founding import Description
from hotline.store import staff as store_staff
from tests.drills.scenes import Act, scene
from tests.flow.calls import a_number
from tests.stage import NOTICE, Stage

DANGER = Sensitive("我已经吃了一瓶安眠药，不想活了")
TROUBLE = Sensitive("最近睡不好")
GRAVE = Judgement(level=Level.IMMINENT, basis=Sensitive("在天台上"), may_lower=True, key="k")
RECORD = Record(disposition="counselling", result="calmer", words=TROUBLE)
MOST = 100


async def a_team(stage: Stage) -> tuple[UUID, UUID]:
    """A counselor, and a responder with a telephone."""
    counselor = await stage.hire("lin", ready=True)
    return counselor, await stage.hire("wu", Role.RESPONDER, telephone=a_number())


async def ringing(stage: Stage) -> tuple[UUID, Contact, UUID]:
    """A chat is held out to a counselor: the counselor, the contact, the offer."""
    counselor, _ = await a_team(stage)
    contact = await stage.chat()
    await stage.dispatch()
    return counselor, contact, await stage.pending_offer(contact.id)


async def talking(stage: Stage) -> tuple[UUID, Contact, Session]:
    """A chat with its counselor."""
    counselor, contact, offer_id = await ringing(stage)
    begun = await offer.accept(stage.store, offer_id, counselor, stage.later(3))
    return counselor, contact, begun


async def wrapping(stage: Stage) -> tuple[UUID, Session]:
    """The talk is over, the screening noted, the record written."""
    counselor, contact, begun = await talking(stage)
    await session.hang_up(stage.store, contact.id, counselor, stage.later(600))
    await session.screen(
        stage.store, stage.policies, begun.id, counselor, Screened(result="asked_denied"), stage.now
    )
    await session.write(stage.store, stage.policies, begun.id, counselor, RECORD, stage.now)
    return counselor, begun


async def declared(stage: Stage) -> tuple[UUID, UUID, UUID]:
    """Counselor, responder, and an escalation that pages."""
    counselor, responder = await a_team(stage)
    contact = await stage.chat()
    raised = await escalation.declare(stage.store, stage.policies, contact.id, counselor, GRAVE, stage.now)
    return counselor, responder, raised


async def say(stage: Stage, contact_id: UUID, words: Sensitive, client_id: UUID | None = None) -> object:
    """The caller writes."""
    own = client_id or ids.new_id()
    return await message.say(stage.store, stage.policies, contact_id, own, words=words, now=stage.now)


# --- duty


@scene("duty.choose")
async def _(stage: Stage) -> Act:
    person = await stage.hire("lin", ready=True)
    return lambda on: duty.choose(on.store, person, Choice.NOT_READY, "break", on.now)


@scene("duty.come_back")
async def _(stage: Stage) -> Act:
    """Somebody who recovers for a quarter of an hour, and somebody who waits in danger."""
    person = await stage.hire("lin", ready=True)
    await stage.value(
        "update presence set rested_at = $2, free_at = $3, recovers_until = $3 where id = $1",
        person,
        stage.now,
        stage.now + timedelta(minutes=30),
    )
    contact = await stage.chat()
    await stage.value("update contact set level = 'imminent' where id = $1", contact.id)
    stage.later(15 * 60)
    return lambda on: duty.come_back(on.store, person, on.now)


@scene("duty.beat")
async def _(stage: Stage) -> Act:
    person = await stage.hire("lin")
    await stage.sign_in(person)
    return lambda on: duty.beat(on.store, [person], on.now)


@scene("duty.sweep")
async def _(stage: Stage) -> Act:
    await stage.hire("lin", ready=True)
    stage.later(stage.policies.queue.heartbeat_seconds + 1)
    return lambda on: duty.sweep(on.store, on.policies, on.now, MOST)


class AnyPassword:
    """Passwords have tests of their own."""

    async def verify(self, password: Sensitive, password_hash: str | None) -> bool:
        """They fit."""
        return True


async def let_in(stage: Stage, person: UUID) -> sign_in.SignedIn:
    """Somebody signs in with a password."""
    login = await stage.value("select login from staff where id = $1", person)
    asked = sign_in.Asked(login=login, password=Sensitive("three calm words"), address="192.0.2.1")
    limits = settings.load(config_dir()).web
    return await sign_in.sign_in(stage.store, stage.policies, AnyPassword(), limits, asked, stage.now)


@scene("sign_in.sign_in", "more")
async def _(stage: Stage) -> Act:
    """Twice makes two sign-ins, of which the lost one ends by itself."""
    person = await stage.hire("lin")
    return lambda on: let_in(on, person)


@scene("sign_in.sign_out")
async def _(stage: Stage) -> Act:
    person = await stage.hire("lin")
    token = (await let_in(stage, person)).token
    async with stage.store.connection() as connection:
        staff = await store_staff.get(connection, stage.store.vault, person)
    return lambda on: sign_in.sign_out(on.store, token, staff, on.now)


# --- chats


@scene("intake.open_chat")
async def _(stage: Stage) -> Act:
    asked = intake.Entrance(
        slug=stage.chat_line.address,
        language="zh",
        form=Form(notice_version=NOTICE, safe_now="no"),
        token_hash=ids.new_id().bytes,
    )
    await a_team(stage)
    return lambda on: intake.open_chat(on.store, on.policies, asked, on.now)


@scene("intake.leave_chat")
async def _(stage: Stage) -> Act:
    _, contact, _ = await talking(stage)
    return lambda on: intake.leave_chat(on.store, contact.id, on.now)


@scene("intake.sweep_silent")
async def _(stage: Stage) -> Act:
    contact = await stage.chat()
    await stage.value("update contact set seen_at = $2 where id = $1", contact.id, stage.now)
    stage.later(stage.policies.queue.caller_silent_seconds + 1)
    return lambda on: intake.sweep_silent(on.store, on.policies, on.now, MOST)


@scene("message.say")
async def _(stage: Stage) -> Act:
    await a_team(stage)
    contact, own = await stage.chat(), ids.new_id()
    return lambda on: say(on, contact.id, DANGER, own)


@scene("message.reply")
async def _(stage: Stage) -> Act:
    counselor, contact, _ = await talking(stage)
    said = message.Reply(client_id=ids.new_id(), words=Sensitive("你有没有想过自杀？"))
    return lambda on: message.reply(on.store, on.policies, contact.id, counselor, said, on.now)


@scene("message.read")
async def _(stage: Stage) -> Act:
    _, contact, _ = await talking(stage)
    await say(stage, contact.id, TROUBLE)
    return lambda on: message.read(on.store, contact.id, sender="caller", up_to=1, now=on.now)


# --- offers and sessions


@scene("offer.dispatch")
async def _(stage: Stage) -> Act:
    for login in ("lin", "mei"):
        await stage.hire(login, ready=True)
        await stage.chat()
    return lambda on: on.dispatch()


@scene("offer.accept", "refused")
async def _(stage: Stage) -> Act:
    counselor, _, offer_id = await ringing(stage)
    return lambda on: offer.accept(on.store, offer_id, counselor, on.now)


@scene("offer.decline", "refused")
async def _(stage: Stage) -> Act:
    counselor, _, offer_id = await ringing(stage)
    return lambda on: offer.decline(on.store, on.policies, offer_id, counselor, reason=None, now=on.now)


@scene("offer.miss_overdue")
async def _(stage: Stage) -> Act:
    await ringing(stage)
    stage.later(stage.policies.queue.offer_seconds + 1)
    return lambda on: offer.miss_overdue(on.store, on.policies, on.now, MOST)


@scene("ageing.sweep")
async def _(stage: Stage) -> Act:
    contact = await stage.chat()
    ages_at = await stage.value("select ages_at from contact where id = $1", contact.id)
    stage.now = ages_at + timedelta(seconds=1)
    return lambda on: ageing.sweep(on.store, on.policies, on.now, MOST)


@scene("session.hang_up")
async def _(stage: Stage) -> Act:
    counselor, contact, _ = await talking(stage)
    return lambda on: session.hang_up(on.store, contact.id, counselor, on.now)


@scene("session.screen", "more")
async def _(stage: Stage) -> Act:
    """Twice is journalled twice; the screening is the same."""
    counselor, _, begun = await talking(stage)
    return lambda on: session.screen(
        on.store, on.policies, begun.id, counselor, Screened(result="asked_denied"), on.now
    )


@scene("session.write", "more")
async def _(stage: Stage) -> Act:
    """As the screening."""
    counselor, _, begun = await talking(stage)
    grave = Record(disposition="counselling", result="calmer", facts=Sensitive("来电者刚刚割腕"))
    return lambda on: session.write(on.store, on.policies, begun.id, counselor, grave, on.now)


@scene("session.close")
async def _(stage: Stage) -> Act:
    counselor, begun = await wrapping(stage)
    return lambda on: session.close(on.store, on.policies, begun.id, counselor, on.now)


@scene("session.sweep")
async def _(stage: Stage) -> Act:
    await talking(stage)
    stage.later(stage.policies.queue.chat_lost_seconds + 1)
    return lambda on: session.sweep(on.store, on.policies, on.now, MOST)


@scene("session.interrupt")
async def _(stage: Stage) -> Act:
    _, contact, _ = await talking(stage)
    return lambda on: session.interrupt(on.store, on.policies, contact.id, on.now)


# --- reading and founding


@scene("reading.open_contact")
async def _(stage: Stage) -> Act:
    counselor, contact, _ = await talking(stage)
    eyes = stage.viewer(counselor)
    return lambda on: reading.open_contact(on.store, eyes, contact.id, on.now)


@scene("reading.open_messages")
async def _(stage: Stage) -> Act:
    counselor, contact, _ = await talking(stage)
    await say(stage, contact.id, TROUBLE)
    eyes = stage.viewer(counselor)
    return lambda on: reading.open_messages(on.store, eyes, contact.id, after=0, most=MOST, now=on.now)


@scene("reading.open_escalation")
async def _(stage: Stage) -> Act:
    _, responder, raised = await declared(stage)
    eyes = stage.viewer(responder, Role.RESPONDER)
    return lambda on: reading.open_escalation(on.store, on.policies.ladders, eyes, raised, on.now)


@scene("setup.found")
async def _(stage: Stage) -> Act:
    house = Description.model_validate(
        {
            "centres": [{"key": "city", "name": "City", "kind": "city"}],
            "lines": [
                {"centre": "city", "channel": "chat", "address": "a", "name": "L", "languages": ["zh"]}
            ],
            "staff": [
                {"login": "an", "name": "安", "centre": "city", "roles": ["responder"], "languages": ["zh"]}
            ],
            "teams": [{"centre": "city", "name": "T", "members": ["an"]}],
            "on_call": [{"centre": "city", "login": "an", "position": "team", "team": "T", "days": 1}],
        }
    )
    return lambda on: setup.found(on.store, house, {"an": Sensitive("three calm words")}, on.now)
