"""A telephone call as flow tests play it: the provider's facts by name, and eyes on legs and orders."""

from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from hotline.base import ids
from hotline.base.sensitive import Sensitive
from hotline.domain.contact import Contact
from hotline.domain.leg import Leg, Plan
from hotline.flow import call, leg as ends, offer
from hotline.store import leg as store_leg
from tests.stage import Stage

ENGLISH, CRISIS = "2", "9"


def new_sid() -> str:
    """An id as the provider makes them."""
    return f"CA{ids.new_id().hex}"


def a_number() -> Sensitive:
    """Somebody's own number."""
    return Sensitive(f"+86138{ids.new_id().int % 10**8:08d}")


@dataclass
class Call:
    """One caller's call on a stage, and the counselor's end of it."""

    stage: Stage
    sid: str
    leg_id: UUID
    contact_id: UUID
    plan: Plan
    counselor: str = ""

    @classmethod
    async def rings(cls, stage: Stage, number: Sensitive | None = None, sid: str = "") -> Self:
        """Somebody dials the stage's line."""
        sid = sid or new_sid()
        answer = await call.arrive(stage.store, ring(stage, sid, number), stage.now)
        assert answer is not None
        return cls(stage, sid, answer.leg_id, answer.contact_id, answer.plan)

    @classmethod
    async def waits(cls, stage: Stage, number: Sensitive | None = None) -> Self:
        """A caller who has been through the menu."""
        one = await cls.rings(stage, number)
        await one.press("menu", "1")
        return one

    @classmethod
    async def accepted(cls, stage: Stage, staff_id: UUID, number: Sensitive | None = None) -> Self:
        """A caller whose offer has been taken; the two are not together yet."""
        one = await cls.waits(stage, number)
        assert await stage.dispatch() == {one.contact_id: staff_id}
        await offer.accept(stage.store, await stage.pending_offer(one.contact_id), staff_id, stage.later(2))
        return one

    @classmethod
    async def talks(cls, stage: Stage, staff_id: UUID, number: Sensitive | None = None) -> Self:
        """A caller and a counselor in a browser in one room."""
        one = await cls.accepted(stage, staff_id, number)
        await one.calls_in(staff_id)
        await one.joins(one.counselor)
        await one.asks()
        await one.joins(one.sid)
        return one

    async def press(self, step: str, digits: str) -> Plan:
        """Keys, or none."""
        keys = call.Keys(step=step, digits=digits, key=f"digits:{self.leg_id}:{step}:{digits}")
        answer = await call.press(self.stage.store, self.stage.policies, self.leg_id, keys, self.stage.now)
        self.plan = answer.plan
        return self.plan

    async def asks(self) -> Plan:
        """The caller's end asks for its plan."""
        answer = await call.answer(
            self.stage.store, self.leg_id, self.sid, key=f"answered:{self.sid}", now=self.stage.now
        )
        self.plan = answer.plan
        return self.plan

    async def calls_in(self, staff_id: UUID, sid: str = "") -> call.Answer | None:
        """The counselor's page calls in for the offer that was accepted."""
        self.counselor = sid or new_sid()
        offer_id = await self.stage.value(
            "select id from offer where contact_id = $1 and staff_id = $2 order by made_at desc limit 1",
            self.contact_id,
            staff_id,
        )
        return await call.client(
            self.stage.store,
            self.counselor,
            staff_id,
            offer_id,
            key=f"picked_up:{self.counselor}",
            now=self.stage.now,
        )

    async def joins(self, sid: str, room: str = "", key: str = "") -> None:
        """The network says that a call is in the room."""
        room = room or (await self.contact()).room
        await ends.join(self.stage.store, sid, room, key=key or f"join:{room}:{sid}", now=self.stage.now)

    async def leaves(self, sid: str, *, is_hang_up: bool = False, room: str = "") -> None:
        """The network says that a call has left the room."""
        room = room or (await self.contact()).room
        left = ends.Departure(sid=sid, room=room, is_hang_up=is_hang_up, key=f"leave:{room}:{sid}")
        await ends.leave(self.stage.store, self.stage.policies, left, self.stage.now)

    async def ends(self, sid: str = "", reason: str = "completed") -> None:
        """The network says that a call is over; without a sid, the caller's."""
        sid = sid or self.sid
        await ends.end(
            self.stage.store,
            self.stage.policies,
            sid,
            reason=reason,
            key=f"call:{sid}:end",
            now=self.stage.now,
        )

    async def settles(self) -> int:
        """The sweep looks at this call."""
        return await ends.settle(self.stage.store, self.stage.policies, self.contact_id, self.stage.now)

    async def contact(self) -> Contact:
        """The contact as it stands."""
        return await self.stage.contact(self.contact_id)

    async def leg(self, sid: str = "") -> Leg:
        """An end of the call as it stands; the caller's without a sid."""
        async with self.stage.store.connection() as connection:
            found = await store_leg.find_by_sid(connection, self.stage.store.vault, sid or self.sid)
        assert found is not None
        return found

    async def presence(self, staff_id: UUID) -> tuple[str, str | None]:
        """What stands for a person: the choice and its reason."""
        async with self.stage.store.connection() as connection:
            row: Any = await connection.fetchrow(
                "select choice, reason from presence where id = $1", staff_id
            )
        return row["choice"], row["reason"]

    async def orders(self) -> list[str]:
        """The orders for this call that wait, `name whose`, in order; and take them as carried out."""
        async with self.stage.store.connection() as connection:
            rows = await connection.fetch(
                """with mine as (select id, role from leg where contact_id = $1),
                   gone as (delete from pgqueuer.pgqueuer as j using mine
                     where j.payload = uuid_send(mine.id) returning j.id, j.entrypoint, mine.role)
                   select entrypoint || ' ' || role as told from gone order by id""",
                self.contact_id,
            )
        return [row["told"] for row in rows]

    async def standing(self) -> tuple[object, ...]:
        """All that must not change when nothing may change."""
        async with self.stage.store.connection() as connection:
            rows = await connection.fetch(
                "select * from leg where contact_id = $1 order by made_at, id", self.contact_id
            )
            jobs = await connection.fetchval("select count(*) from pgqueuer.pgqueuer")
        kinds = tuple(await self.stage.kinds(self.contact_id))
        return (await self.contact(), tuple(tuple(row.values()) for row in rows), jobs, kinds)


def ring(stage: Stage, sid: str, number: Sensitive | None = None, to: str = "") -> call.Ring:
    """What the network says of a call that rings."""
    return call.Ring(
        sid=sid,
        to=to or stage.voice_line.address,
        number=number,
        number_quality="given" if number else "withheld",
        key=f"arrived:{sid}",
    )


async def legs_of(stage: Stage, contact_id: UUID) -> list[tuple[str, str]]:
    """Role and state of every end of a call."""
    async with stage.store.connection() as connection:
        rows = await connection.fetch(
            "select role, state from leg where contact_id = $1 order by made_at, id", contact_id
        )
    return [(row["role"], row["state"]) for row in rows]
