"""What every route may reach: settings, policies, the store, the telephone network, the live hub."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from hotline.carriers.port import Telephony
from hotline.policy.phrases import Phrases
from hotline.policy.policies import Policies
from hotline.policy.settings import Settings
from hotline.store.unit import Store
from hotline.web.hub import Hub


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """Made by the wiring, one per process; kept in `app.state.edge`."""

    settings: Settings
    policies: Policies
    phrases: Phrases
    store: Store
    telephony: Telephony
    hub: Hub


def edge_of(connection: HTTPConnection) -> Edge:
    """The edge of the app that serves this request or socket."""
    edge: Edge = connection.app.state.edge
    return edge


TheEdge = Annotated[Edge, Depends(edge_of)]
