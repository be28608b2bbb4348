"""A bug class of other call centres, about consoles: what happens while one is cut off never shows there."""

from hotline.base import clock
from hotline.domain.staff import Role
from hotline.flow import intake
from tests.journeys.drills import sees_what_others_see
from tests.people import at_console, give_password
from tests.ports import free_port
from tests.served import served
from tests.stage import Stage


async def test_10_a_console_that_comes_back_shows_what_happened_meanwhile(stage: Stage):
    zhao = await stage.hire("zhao", Role.SUPERVISOR)
    login = await give_password(stage.store, zhao)
    stage.now = clock.now()
    leaves, stays = await stage.chat(), await stage.chat()
    port = free_port()
    async with served(stage.store, stage.policies, port=port) as base:
        console = at_console(base, login)
        person = await console.__aenter__()
        try:
            for contact in (leaves, stays):
                await person.sees(lambda card, each=contact: card["id"] == f"contact:{each.id}")
        except BaseException:
            await console.__aexit__(None, None, None)
            raise
    try:
        await intake.leave_chat(stage.store, leaves.id, clock.now())
        stage.now = clock.now()
        comes = await stage.chat(safe_now="no")
        lin = await stage.hire("lin", ready=True)
        async with served(stage.store, stage.policies, port=port):
            await person.sees(lambda card: card["id"] == f"contact:{comes.id}")
            await person.sees(
                lambda card: card["type"] == "escalation" and card["contact_id"] == str(comes.id)
            )
            await person.sees(lambda card: card["id"] == f"counselor:{lin}" and card["state"] == "ready")
            await person.sees_no(lambda card: card["id"] == f"contact:{leaves.id}")
            await sees_what_others_see(person)
    finally:
        await console.__aexit__(None, None, None)
