"""Counselors and callers who get through a drill by themselves: they see what is, and do what comes next.

A counselor takes every offer, talks for a moment, hangs up, screens, writes and closes; whatever a killed
process has swallowed is simply done again. A caller who was cut off before anybody answered calls again at
once, whether the house knows of the cut or not.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx2

from tests.journeys.drills import AWAY, LOOK_SECONDS
from tests.people import Card, Person
from tests.stage import Stage

TALK_SECONDS = 3.0
AGAIN_SECONDS = 1.0
RECORD = {"disposition": "counselling", "outcome": "calmer"}


class Turned(Exception):
    """The house said no, or not now; the next look tells what there is to do."""


@dataclass
class Counselor:
    """Somebody at a console with a softphone; `served` counts records that were closed."""

    person: Person
    staff_id: UUID
    exchange: httpx2.AsyncClient
    served: int = 0
    talking_since: dict[str, float] = field(default_factory=dict[str, float])

    async def work(self) -> None:
        """For as long as the drill lasts."""
        while True:
            try:
                await self._next()
            except (Turned, *AWAY):
                pass
            await asyncio.sleep(LOOK_SECONDS)

    async def _next(self) -> None:
        cards = tuple(self.person.cards.values())
        for card in cards:
            if card["type"] == "offer":
                await self._take(card)
            elif card["type"] == "contact" and card["counselor_id"] == str(self.staff_id):
                await self._go_on(card)
            elif card["id"] == f"counselor:{self.staff_id}" and card["choice"] != "ready":
                await self._do("PUT", "/api/presence", choice="ready")

    async def _take(self, offer: Card) -> None:
        await self._do("POST", f"/api/offers/{offer['offer_id']}/acceptance")
        if offer["channel"] == "voice":
            params = {"params": {"offer": offer["offer_id"]}}
            await self.exchange.post(f"/practice/clients/u_{self.staff_id.hex}/connect", json=params)

    async def _go_on(self, contact: Card) -> None:
        path = f"/api/contacts/{contact['contact_id']}"
        if contact["state"] == "talking":
            now = asyncio.get_running_loop().time()
            if now - self.talking_since.setdefault(contact["id"], now) >= TALK_SECONDS:
                await self._do("POST", f"{path}/hang-up")
        elif contact["state"] == "wrapping":
            session = f"/api/sessions/{(await self._do('GET', path))['session']['id']}"
            await self._do("PUT", f"{session}/screening", result="asked_denied")
            await self._do("PUT", f"{session}/record", **RECORD)
            await self._do("POST", f"{session}/closure")
            self.served += 1

    async def _do(self, method: str, path: str, **body: Any) -> Any:
        answer = await self.person.client.request(method, path, json=body or None)
        if not answer.is_success:
            raise Turned(answer.text)
        return answer.json() if answer.content else None


@dataclass
class Caller:
    """Somebody who calls until somebody has answered; `sids` are their calls, the last one last."""

    stage: Stage
    exchange: httpx2.AsyncClient
    number: str
    sids: list[str] = field(default_factory=list[str])

    async def call(self) -> None:
        """Until answered."""
        while not await self.was_answered():
            dialled = {"from": self.number, "to": self.stage.voice_line.address}
            sid = (await self.exchange.post("/practice/calls", json=dialled)).json()["sid"]
            self.sids.append(sid)
            await self.exchange.post(f"/practice/calls/{sid}/digits", json={"digits": "1", "seconds": 10})
            await self._is_over(sid)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _is_over(self, sid: str) -> None:
        while True:
            awaited = {"status": "completed", "seconds": 30}
            if (await self.exchange.get(f"/practice/calls/{sid}", params=awaited)).is_success:
                return

    async def was_answered(self) -> bool:
        """Whether somebody has answered one of the calls."""
        return bool(
            await self.stage.value(
                """select exists (select 1 from contact as c join leg as l on l.contact_id = c.id
                   where l.sid = any($1) and c.answered_at is not null)""",
                self.sids,
            )
        )

    async def joined_at(self) -> set[datetime]:
        """Every join time that these calls have had: one, also after calling again."""
        moments = await self.stage.value(
            """select array_agg(distinct c.joined_at) from contact as c join leg as l on l.contact_id = c.id
               where l.sid = any($1) and c.joined_at is not null""",
            self.sids,
        )
        return set(moments or ())
