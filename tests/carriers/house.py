"""The smallest house behind real webhooks: our own doors, and a plan for each leg that a test decides."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hotline.base.ids import new_id
from hotline.base.sensitive import Sensitive
from hotline.carriers.port import Fact, Planned
from hotline.carriers.twilio import facts
from hotline.carriers.twilio.render import Renderer
from hotline.carriers.twilio.signature import SIGNATURE_HEADER, Pairs, Verifier, Webhook, fields_of
from hotline.carriers.twilio.urls import Urls
from hotline.domain.leg import Ask, Bye, Park, Plan, Prompt
from tests.carriers.made import listener, say
from tests.patience import PATIENCE_SECONDS
from tests.ports import free_port
from tests.practice.people import TOKEN

GREET = Ask(prompt=Prompt(key="greeting", language="zh"), step="menu")
PARK = Park(prompt=Prompt(key="waiting", language="zh"), step="wait")
BYE = Bye(prompt=Prompt(key="farewell", language="zh"))

F = TypeVar("F")


@dataclass(slots=True)
class House:
    """Believes, reads, renders, and writes down what it was told."""

    port: int = field(default_factory=free_port)
    plans: dict[UUID, Plan] = field(default_factory=dict[UUID, Plan])
    told: list[Fact | Planned] = field(default_factory=list[Fact | Planned])
    client_plan: Plan = BYE
    more: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def urls(self) -> Urls:
        """Our own addresses."""
        return Urls(base=f"http://127.0.0.1:{self.port}")

    @property
    def renderer(self) -> Renderer:
        """Our documents."""
        return Renderer(urls=self.urls, say=say, parking="park")

    def begin(self) -> None:
        """Forget everything."""
        self.plans, self.told, self.client_plan = {}, [], BYE

    async def hears(self, kind: type[F], where: Callable[[F], bool] = lambda _: True) -> F:
        """Wait for the first fact of a kind that fits."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                for one in self.told:
                    if isinstance(one, kind) and where(one):
                        return one
                await self.more.wait()

    def server(self) -> uvicorn.Server:
        """The server, not started yet."""
        doors: dict[str, Callable[[Pairs, Pairs], str | None]] = {
            "/t/arrive": self._arrive,
            "/t/client": self._client,
            "/t/digits": self._digits,
            "/t/wait": self._wait,
            "/t/plan": self._plan,
            "/t/room": lambda _, form: self._note(facts.room_event(form)),
            "/t/ended": lambda query, form: self._note(facts.progressed(query, form)),
            "/t/message": lambda query, form: self._note(facts.reported(query, form)),
        }
        app = Starlette(
            routes=[Route(path, self._door(door), methods=["POST"]) for path, door in doors.items()]
        )
        return listener(app, self.port)

    def _door(self, door: Callable[[Pairs, Pairs], str | None]):
        verifier = Verifier(self.urls.base, [Sensitive(TOKEN)])

        async def answer(request: Request) -> Response:
            webhook = Webhook(
                raw_path=request.scope["raw_path"],
                raw_query=request.scope["query_string"],
                body=await request.body(),
                content_type=request.headers.get("content-type", ""),
                signature=request.headers.get(SIGNATURE_HEADER, ""),
            )
            document = door(fields_of(webhook.raw_query), verifier.form(webhook))
            if document is None:
                return Response(status_code=204)
            return Response(document, media_type="text/xml")

        return answer

    def _arrive(self, query: Pairs, form: Pairs) -> str:
        del query
        self._note(facts.arrived(form, "CN"))
        leg_id = new_id()
        self.plans[leg_id] = GREET
        return self.renderer.plan(leg_id, GREET)

    def _client(self, query: Pairs, form: Pairs) -> str:
        del query
        self._note(facts.picked_up(form))
        leg_id = new_id()
        self.plans[leg_id] = self.client_plan
        return self.renderer.plan(leg_id, self.client_plan)

    def _digits(self, query: Pairs, form: Pairs) -> str:
        fact = facts.digits(query, form)
        if fact.step == "menu":
            self.plans[fact.leg_id] = PARK
        self._note(fact)
        document = self.renderer.in_queue if fact.step == "wait" else self.renderer.plan
        return document(fact.leg_id, self.plans[fact.leg_id])

    def _wait(self, query: Pairs, form: Pairs) -> str:
        fact = facts.waited(query, form)
        self._note(fact)
        return self.renderer.in_queue(fact.leg_id, self.plans[fact.leg_id])

    def _plan(self, query: Pairs, form: Pairs) -> str:
        fact = facts.diverted(query, form) or facts.planned(query, form)
        self._note(fact)
        if not isinstance(fact, Planned):
            self.plans[fact.leg_id] = BYE
        return self.renderer.plan(fact.leg_id, self.plans[fact.leg_id])

    def _note(self, fact: Fact | Planned | None) -> None:
        if fact is not None:
            self.told.append(fact)
            self.more.set()
            self.more = asyncio.Event()
