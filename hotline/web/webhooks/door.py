"""The door that webhooks come through: the raw request, bounded, believed only when signed.

The signature covers the address as it was called and the body as it was sent, so both are taken from the
request before any framework has read them. For the same reason the framework has nothing to inject here:
resolving its dependencies cost as much as everything else that a report needs.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from uuid import UUID

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from hotline.base import log
from hotline.base.errors import Absent, HotlineError, Malformed, Unreachable
from hotline.base.sensitive import Sensitive
from hotline.carriers.twilio.render import Renderer
from hotline.carriers.twilio.signature import (
    BODY_BYTES_MAX,
    SETTINGS_HEADER,
    SIGNATURE_HEADER,
    Pairs,
    Unsigned,
    Verifier,
    Webhook,
    fields_of,
)
from hotline.carriers.twilio.urls import Urls
from hotline.domain.leg import Bye, Prompt
from hotline.web.edge import Edge, edge_of

XML: Final = "text/xml"
TRIES: Final = 2
"""A step that stumbles (somebody else was first, a row was stale) is tried again at once."""
NOBODY: Final = UUID(int=0)
DEFAULT_LANGUAGE: Final = "zh"

_log = log.get("webhooks")


@dataclass(slots=True, kw_only=True)
class Door:
    """Believes requests and writes documents; counts those that it turned away."""

    verifier: Verifier
    renderer: Renderer
    turned_away: int = 0

    def goodbye(self, key: str, language: str = DEFAULT_LANGUAGE) -> str:
        """The document that says `key` and hangs up."""
        return self.renderer.plan(NOBODY, Bye(prompt=Prompt(key=key, language=language)))

    def leave(self) -> str:
        """The document that sends a parked caller out to ask again."""
        return self.renderer.in_queue(NOBODY, Bye(prompt=Prompt(key="", language="")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A signed request: the fields of its address and of its form."""

    query: Pairs
    form: Pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request that is believed, and what it may reach."""

    edge: Edge
    door: Door
    asked: Asked


Answer = Callable[[Visit], Awaitable[Response]]


def behind(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """A route on which only signed requests are answered."""

    async def let_in(request: Request) -> Response:
        edge = edge_of(request)
        door = _door_of(request, edge)
        return await answer(Visit(edge=edge, door=door, asked=await _asked(request, door)))

    return let_in


def make(edge: Edge) -> Door:
    """A door with the house's secrets and words."""
    group = edge.settings.telephony
    urls = Urls(base=edge.settings.public_base)
    secrets = [Sensitive(token.get_secret_value()) for token in group.auth_tokens]
    return Door(
        verifier=Verifier(urls.base, secrets),
        renderer=Renderer(urls=urls, say=edge.phrases.say, parking=group.park_queue),
    )


def _door_of(request: Request, edge: Edge) -> Door:
    """The door of the app that serves this request.

    Raises:
        Absent: no telephone network of this kind is switched on.
    """
    if edge.settings.telephony.kind != "twilio":
        raise Absent("telephony.off", "Telephone calls are switched off here.")
    state = request.app.state
    door: Door | None = getattr(state, "twilio_door", None)
    if door is None:
        door = state.twilio_door = make(edge)
    return door


async def _asked(request: Request, door: Door) -> Asked:
    """The request, if it is signed.

    Raises:
        Unsigned: it is not; Malformed: it is too large, or no form, or broke off.
    """
    scope = request.scope
    webhook = Webhook(
        raw_path=scope["raw_path"],
        raw_query=scope["query_string"],
        body=await _bounded(request),
        content_type=request.headers.get("content-type", ""),
        signature=request.headers.get(SIGNATURE_HEADER, ""),
        settings=request.headers.get(SETTINGS_HEADER, ""),
    )
    try:
        form = door.verifier.form(webhook)
    except (Unsigned, Malformed) as error:
        door.turned_away += 1
        _log.warning(
            "a request was turned away", path=scope["path"], code=error.code, so_far=door.turned_away
        )
        raise
    return Asked(query=fields_of(webhook.raw_query), form=form)


Write = Callable[[], Awaitable[str]]


async def document(write: Write, otherwise: Write) -> Response:
    """What `write` writes; if it cannot, what `otherwise` writes: a caller never hears an error page.

    Raises:
        Unreachable: the database does not answer; the network asks again.
    """
    text = await _tried(write)
    return Response(await otherwise() if text is None else text, media_type=XML)


async def note(act: Callable[[], Awaitable[None]]) -> Response:
    """Act on a report that nobody reads the answer to; what cannot be done is found by the sweeps.

    Raises:
        Unreachable: the database does not answer; the network may ask again.
    """

    async def acted() -> str:
        await act()
        return ""

    await _tried(acted)
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def _tried(work: Write) -> str | None:
    for nth in range(TRIES):
        try:
            return await work()
        except Unreachable:
            raise
        except (Absent, Malformed) as error:
            _log.warning("a request is about nothing that we know", code=error.code)
            return None
        except HotlineError as error:
            _log.error("a step failed", code=error.code, nth=nth)
        except Exception:  # noqa: BLE001  a caller waits for a document, whatever our mistake is
            _log.exception("a step failed by a mistake of ours", nth=nth)
    return None


async def _bounded(request: Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_BYTES_MAX:
                raise Malformed("telephony.too_large", "The request is larger than any webhook.")
    except ClientDisconnect:
        raise Malformed("telephony.cut_off", "The request broke off; the network asks again.") from None
    return bytes(body)
