"""In strict order of priority and arrival, callers are answered as by Asterisk's app_queue.

The house's own order differs on purpose in two ways: waiting lifts a caller, and who becomes graver while
waiting keeps the time of joining. Ageing is switched off here and levels stand from the beginning, so what
is left is the published rule, asked of the real dispatcher on the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st

from hotline.domain.presence import Choice
from hotline.flow import duty, intake, offer
from hotline.policy.policies import Policies
from hotline.store.unit import Store
from tests import stage as stages
from tests.flow.calls import Call
from tests.model.app_queue import AppQueue
from tests.stage import Stage

NEVER: Final = 10**9
BANDS: Final = {"crisis": 0, "no": 1, "unsure": 2, "yes": 3}
"""How a caller comes in -> the band; the priority in app_queue is the other way round."""
HISTORIES: Final = 25

ARRIVES: Final = st.tuples(st.just("arrives"), st.sampled_from(list(BANDS)))
LEAVES: Final = st.tuples(st.just("leaves"), st.integers(0, 20))
ANSWERED: Final = st.tuples(st.just("answered"), st.integers(1, 3))
DECLINED: Final = st.tuples(st.just("declined"), st.integers(1, 2))
MISSED: Final = st.tuples(st.just("missed"), st.integers(1, 2))
HISTORY: Final = st.lists(
    st.one_of(ARRIVES, ARRIVES, ARRIVES, LEAVES, ANSWERED, DECLINED, MISSED), min_size=6, max_size=18
)

pytestmark = pytest.mark.timeout(600)


@dataclass
class Line:
    """The same callers in both queues."""

    stage: Stage
    theirs: AppQueue[UUID] = field(default_factory=AppQueue[UUID])
    answered: list[UUID] = field(default_factory=list[UUID])

    async def arrives(self, how: str) -> None:
        """Somebody comes in."""
        self.stage.later(1)
        if how == "crisis":
            one = await Call.rings(self.stage)
            await one.press("menu", "9")
            contact_id = one.contact_id
        else:
            contact_id = (await self.stage.chat(safe_now=how)).id
        self.theirs.enter(contact_id, len(BANDS) - BANDS[how])

    async def leaves(self, which: int) -> None:
        """Somebody who waits goes."""
        if self.theirs.line:
            contact_id = self.theirs.line[which % len(self.theirs.line)]
            await intake.leave_chat(self.stage.store, contact_id, self.stage.later(1))
            self.theirs.leave(contact_id)

    async def answer(self, members: int) -> None:
        """So many people become free, and take what rings."""
        for contact_id, staff_id in (await self.rings(members)).items():
            offer_id = await self.stage.pending_offer(contact_id)
            await offer.accept(self.stage.store, offer_id, staff_id, self.stage.now)
            self.theirs.leave(contact_id)
            self.answered.append(contact_id)

    async def decline(self, members: int) -> None:
        """So many people become free, say no, and are gone."""
        for contact_id, staff_id in (await self.rings(members)).items():
            store, policies, now = self.stage.store, self.stage.policies, self.stage.now
            offer_id = await self.stage.pending_offer(contact_id)
            await offer.decline(store, policies, offer_id, staff_id, reason=None, now=now)
            await duty.choose(store, staff_id, Choice.NOT_READY, "break", now)

    async def miss(self, members: int) -> None:
        """So many people become free, and let it ring."""
        if await self.rings(members):
            await offer.miss_overdue(self.stage.store, self.stage.policies, self.stage.later(16), 100)

    async def rings(self, members: int) -> dict[UUID, UUID]:
        """The offers of one round, in order, which must be the order of app_queue."""
        self.stage.later(1)
        free = [await self.stage.hire(f"member {nth}", ready=True) for nth in range(members)]
        made = dict(await self.stage.dispatch())
        assert list(made) == self.theirs.heads(members)
        for staff_id in set(free) - set(made.values()):
            await duty.choose(self.stage.store, staff_id, Choice.NOT_READY, "break", self.stage.now)
        return made

    async def is_the_same(self) -> None:
        """Everybody who waits, in order."""
        async with self.stage.store.connection() as connection:
            rows = await connection.fetch(
                "select id from contact where centre_id = $1 and state = 'waiting' order by rank, id",
                self.stage.centre.id,
            )
        assert [row["id"] for row in rows] == self.theirs.line


@settings(max_examples=HISTORIES, deadline=None, derandomize=True, database=None)
@given(history=HISTORY)
async def test_the_order_of_answers_is_that_of_app_queue(
    store: Store, house_policies: Policies, history: Sequence[tuple[str, str | int]]
):
    unaged = replace(house_policies, queue=replace(house_policies.queue, ageing_seconds=NEVER))
    line = Line(await stages.found(store, unaged))
    for what, how in history:
        match what, how:
            case "arrives", str(how):
                await line.arrives(how)
            case "leaves", int(which):
                await line.leaves(which)
            case "answered", int(members):
                await line.answer(members)
            case "declined", int(members):
                await line.decline(members)
            case _, members:
                await line.miss(int(members))
        await line.is_the_same()
