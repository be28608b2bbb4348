"""Who asks: local accounts, sign-ins on the server, a cookie that no script can read.

The token is random, its hash lies in PostgreSQL, so a sign-in can be ended at any moment. Behind TLS
the cookie carries the `__Host-` prefix. Cross-site requests are stopped by `origin.py`.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Final, Literal
from uuid import UUID

import anyio
from fastapi import APIRouter, Depends, Request, Response
from pwdlib import PasswordHash
from pydantic import BaseModel, Field
from starlette.requests import HTTPConnection

from hotline.base import clock
from hotline.base.errors import TooMany, Unauthenticated
from hotline.base.sensitive import Sensitive
from hotline.domain import access
from hotline.domain.access import Permission, Viewer
from hotline.domain.staff import Device, Role, Staff
from hotline.flow import sign_in as steps
from hotline.policy.settings import Web
from hotline.store import sign_in as store_sign_in, staff as store_staff
from hotline.store.driver import Connection
from hotline.store.sign_in import Known
from hotline.web import address, device, emergency
from hotline.web.asked import Asked
from hotline.web.edge import Edge, TheEdge, edge_of
from hotline.web.emergency import EmergencyNumber

COOKIE: Final = "hotline"
STRANGERS_AT_ONCE_MAX: Final = 2
KNOWN_AT_ONCE_MAX: Final = 1
"""Browsers that are known have a turn of their own, however many strangers stand in line."""

router = APIRouter(prefix="/api/session", tags=["session"])


class Argon2:
    """Argon2 beside the event loop, a few at a time: one hash costs a third of a second of CPU.

    An attempt has its turn from the look at earlier failures to the writing down of its own: attempts that
    are sent all at once would otherwise all be made before the first failure is known.
    """

    def __init__(self, waiting_max: int) -> None:
        """Make the hash that logins which do not exist are checked against."""
        self._hash = PasswordHash.recommended()
        self._limiter = anyio.CapacityLimiter(STRANGERS_AT_ONCE_MAX + KNOWN_AT_ONCE_MAX)
        self._strangers = asyncio.Semaphore(STRANGERS_AT_ONCE_MAX)
        self._known = asyncio.Semaphore(KNOWN_AT_ONCE_MAX)
        self._waiting_max = waiting_max
        self._waiting = 0
        self._nobody = self._hash.hash("nobody has this password")

    @asynccontextmanager
    async def turn(self, *, is_known: bool) -> AsyncGenerator[None]:
        """One's turn to try a password.

        Raises:
            TooMany: too many strangers wait for theirs.
        """
        if is_known:
            async with self._known:
                yield
            return
        if self._waiting >= self._waiting_max:
            raise TooMany("login.busy", "Very many try to sign in just now; try again in 10 seconds.")
        self._waiting += 1
        try:
            async with self._strangers:
                yield
        finally:
            self._waiting -= 1

    async def verify(self, password: Sensitive, password_hash: str | None) -> bool:
        """Whether the password fits; the same work is done when there is no account."""
        kept = password_hash or self._nobody
        fits = await anyio.to_thread.run_sync(
            self._hash.verify, password.reveal(), kept, limiter=self._limiter
        )
        return fits and password_hash is not None


class Credentials(Asked):
    """What the sign-in page sends."""

    login: str = Field(min_length=1, max_length=100)
    password: str = Field(min_length=1, max_length=200)


class CentreShown(BaseModel):
    id: UUID
    name: str


class StaffShown(BaseModel):
    id: UUID
    login: str
    name: str
    roles: tuple[Role, ...]
    centre: CentreShown
    skills: tuple[str, ...]
    languages: tuple[str, ...]
    endpoint: Device
    chat_capacity: int


class Limits(BaseModel):
    """What the page counts down or counts up to."""

    offer_seconds: int
    beat_seconds: int
    wrap_up_seconds_min: int
    screening_remind_seconds: int
    screening_due_seconds: int
    long_talk_remind_seconds: int
    long_talk_due_seconds: int
    message_characters_max: int


class Me(BaseModel):
    """Who is signed in, what they may do, and what their page must know."""

    staff: StaffShown
    permissions: tuple[Permission, ...]
    softphone: Literal["practice", "twilio", "none"]
    emergency: tuple[EmergencyNumber, ...]
    limits: Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is signed in, and as access rules see them."""

    staff: Staff
    viewer: Viewer


def token_of(edge: Edge, connection: HTTPConnection) -> Sensitive:
    """What the request's cookie holds.

    Raises:
        Unauthenticated: there is none; nobody need ask the database.
    """
    token = connection.cookies.get(cookie_name(edge.settings.web))
    if not token:
        raise _nobody()
    return Sensitive(token)


def require_person(edge: Edge, known: Known | None) -> Person:
    """The person of a sign-in that has been looked for.

    Raises:
        Unauthenticated: there is no such sign-in, or not any more.
    """
    if known is None:
        raise _nobody()
    return Person(staff=known[0], viewer=_seen(edge, *known))


def _nobody() -> Unauthenticated:
    return Unauthenticated("session.absent", "Please sign in.")


def _seen(edge: Edge, staff: Staff, reach: frozenset[UUID]) -> Viewer:
    return Viewer(
        staff_id=staff.id,
        centre_id=staff.centre_id,
        roles=staff.roles,
        permissions=access.permissions_of(staff.roles, edge.policies.grants),
        reach=reach,
    )


async def person_of(connection: HTTPConnection) -> Person:
    """Who asks; asked of the database every time.

    Raises:
        Unauthenticated: nobody is signed in.
    """
    edge = edge_of(connection)
    token = token_of(edge, connection)
    async with edge.store.connection() as database:
        hashed = steps.token_hash(token)
        known = await store_sign_in.find_staff(database, edge.store.vault, hashed, clock.now())
    return require_person(edge, known)


async def _viewer(request: Request) -> Viewer:
    return (await person_of(request)).viewer


ThePerson = Annotated[Person, Depends(person_of)]
TheViewer = Annotated[Viewer, Depends(_viewer)]


@router.get("")
async def me(edge: TheEdge, person: ThePerson) -> Me:
    """Who is signed in, what they may do, and the limits that the page shows."""
    async with edge.store.connection() as database:
        return await _me(edge, database, person)


@router.post("")
async def begin(edge: TheEdge, request: Request, response: Response, asked: Credentials) -> Me:
    """Sign in; the answer carries the cookie."""
    passwords: Argon2 = request.app.state.passwords
    web, vault, now = edge.settings.web, edge.store.vault, clock.now()
    known = device.known(request, web, vault, now)
    attempt = steps.Asked(
        login=asked.login, password=Sensitive(asked.password), address=address.of(request), device=known
    )
    async with passwords.turn(is_known=bool(known)):
        signed = await steps.sign_in(edge.store, edge.policies, passwords, web, attempt, clock.now())
    device.remember(response, web, vault, known, now)
    response.set_cookie(
        cookie_name(edge.settings.web),
        signed.token.reveal(),
        max_age=edge.settings.web.sign_in_hours * 3600,
        path="/",
        secure=edge.settings.web.is_secure,
        httponly=True,
        samesite="lax",
    )
    async with edge.store.connection() as database:
        reach = await store_staff.reach_of(database, signed.staff.centre_id)
        person = Person(staff=signed.staff, viewer=_seen(edge, signed.staff, reach))
        return await _me(edge, database, person)


@router.delete("", status_code=204)
async def end(edge: TheEdge, request: Request, response: Response, person: ThePerson) -> None:
    """Sign out; off duty from now on."""
    name = cookie_name(edge.settings.web)
    await steps.sign_out(edge.store, Sensitive(request.cookies[name]), person.staff, clock.now())
    response.delete_cookie(name, path="/")


def cookie_name(web: Web) -> str:
    """The cookie's name; browsers hold a `__Host-` cookie to this host and to TLS."""
    return f"__Host-{COOKIE}" if web.is_secure else COOKIE


async def _me(edge: Edge, database: Connection, person: Person) -> Me:
    staff = person.staff
    centre = await store_staff.get_centre(database, edge.store.vault, staff.centre_id)
    web, queue, telephony = edge.settings.web, edge.policies.queue, edge.settings.telephony
    phone = "none" if telephony.kind == "none" else "practice" if telephony.base_url else "twilio"
    return Me(
        staff=StaffShown(
            id=staff.id,
            login=staff.login,
            name=staff.name.reveal(),
            roles=tuple(sorted(staff.roles)),
            centre=CentreShown(id=centre.id, name=centre.name),
            skills=tuple(sorted(staff.skills)),
            languages=tuple(sorted(staff.languages)),
            endpoint=staff.device,
            chat_capacity=staff.chat_capacity,
        ),
        permissions=tuple(sorted(person.viewer.permissions)),
        softphone=phone,
        emergency=emergency.numbers(web.emergency_numbers),
        limits=Limits(
            offer_seconds=queue.offer_seconds,
            beat_seconds=web.beat_seconds,
            wrap_up_seconds_min=queue.wrap_up_seconds_min,
            screening_remind_seconds=web.screening_remind_seconds,
            screening_due_seconds=web.screening_due_seconds,
            long_talk_remind_seconds=web.long_talk_remind_seconds,
            long_talk_due_seconds=web.long_talk_due_seconds,
            message_characters_max=web.message_characters_max,
        ),
    )
