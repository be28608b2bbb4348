"""What every route may reach: settings, policies, the store, the telephone network, the live hub."""

from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends
from starlette.requests import HTTPConnection

from hotline.base.sensitive import Sensitive
from hotline.policy.phrases import Phrases
from hotline.policy.policies import Policies
from hotline.policy.settings import Settings
from hotline.policy.workbench import Workbench
from hotline.store.unit import Store
from hotline.web.ears import Ears
from hotline.web.followers import Followers
from hotline.web.hub import Hub
from hotline.web.living import Living


class Softphone(Protocol):
    """What a counselor's page needs to call in."""

    @property
    def identity(self) -> str:
        """Who calls, opaque."""
        ...

    @property
    def token(self) -> Sensitive:
        """A secret with an end."""
        ...

    @property
    def ttl_seconds(self) -> int:
        """How long it is good for."""
        ...


class Softphones(Protocol):
    """The one thing that the edge asks of the telephone network itself."""

    def softphone(self, identity: str, ttl_seconds: int) -> Softphone:
        """Credentials for one counselor's page."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """Made by the wiring, one per process; kept in `app.state.edge`."""

    settings: Settings
    policies: Policies
    phrases: Phrases
    store: Store
    telephony: Softphones
    hub: Hub
    living: Living
    ears: Ears
    followers: Followers
    workbench: Workbench


def edge_of(connection: HTTPConnection) -> Edge:
    """The edge of the app that serves this request or socket."""
    edge: Edge = connection.app.state.edge
    return edge


async def _edge(connection: HTTPConnection) -> Edge:
    """As `edge_of`; FastAPI would send a plain function to a thread, which costs more than most questions."""
    return edge_of(connection)


TheEdge = Annotated[Edge, Depends(_edge)]
