"""Who asks: local accounts, sign-ins on the server, a cookie that no script can read.

The token is random, its hash lies in PostgreSQL, so a sign-in can be ended at any moment. Behind TLS
the cookie carries the `__Host-` prefix. Cross-site requests are stopped by `origin.py`.
"""

from typing import Annotated, Any, Final

import anyio
from fastapi import APIRouter, Depends, Request, Response
from pwdlib import PasswordHash
from pydantic import BaseModel, Field
from starlette.requests import HTTPConnection

from hotline.base import clock
from hotline.base.errors import Unauthenticated
from hotline.base.sensitive import Sensitive
from hotline.domain import access
from hotline.domain.access import Viewer
from hotline.domain.staff import Staff
from hotline.flow import sign_in as steps
from hotline.policy.settings import Web
from hotline.store import sign_in as store_sign_in, staff as store_staff
from hotline.web.edge import Edge, TheEdge, edge_of

COOKIE: Final = "hotline"
HASHING_AT_ONCE_MAX: Final = 2

EMERGENCY_LABELS: Final = {
    "110": {"zh": "报警", "en": "Police"},
    "119": {"zh": "火警", "en": "Fire and rescue"},
    "120": {"zh": "急救", "en": "Ambulance"},
    "12356": {"zh": "心理援助热线", "en": "Psychological assistance"},
}

router = APIRouter(prefix="/session", tags=["session"])


class Argon2:
    """Argon2 beside the event loop, a few at a time: one hash costs a third of a second of CPU."""

    def __init__(self) -> None:
        """Make the hash that logins which do not exist are checked against."""
        self._hash = PasswordHash.recommended()
        self._limiter = anyio.CapacityLimiter(HASHING_AT_ONCE_MAX)
        self._nobody = self._hash.hash("nobody has this password")

    async def verify(self, password: Sensitive, password_hash: str | None) -> bool:
        """Whether the password fits; the same work is done when there is no account."""
        kept = password_hash or self._nobody
        fits = await anyio.to_thread.run_sync(
            self._hash.verify, password.reveal(), kept, limiter=self._limiter
        )
        return fits and password_hash is not None


class Credentials(BaseModel):
    """What the sign-in page sends."""

    login: str = Field(min_length=1, max_length=100)
    password: str = Field(min_length=1, max_length=200)


async def find_staff(connection: HTTPConnection) -> Staff | None:
    """The person whose cookie this is, if the sign-in is still good."""
    edge = edge_of(connection)
    token = connection.cookies.get(cookie_name(edge.settings.web))
    if not token:
        return None
    async with edge.store.connection() as database:
        hashed = steps.token_hash(Sensitive(token))
        return await store_sign_in.find_staff(database, edge.store.vault, hashed, clock.now())


async def viewer_of(edge: Edge, staff: Staff) -> Viewer:
    """The person as access rules see them."""
    async with edge.store.connection() as database:
        reach = await store_staff.reach_of(database, staff.centre_id)
    return Viewer(
        staff_id=staff.id,
        centre_id=staff.centre_id,
        roles=staff.roles,
        permissions=access.permissions_of(staff.roles, edge.policies.grants),
        reach=reach,
    )


async def _staff(request: Request) -> Staff:
    staff = await find_staff(request)
    if staff is None:
        raise Unauthenticated("session.absent", "Please sign in.")
    return staff


TheStaff = Annotated[Staff, Depends(_staff)]


async def _viewer(edge: TheEdge, staff: TheStaff) -> Viewer:
    return await viewer_of(edge, staff)


TheViewer = Annotated[Viewer, Depends(_viewer)]


@router.get("")
async def me(edge: TheEdge, staff: TheStaff, viewer: TheViewer) -> dict[str, Any]:
    """Who is signed in, what they may do, and the limits that the page shows."""
    return await _me(edge, staff, viewer)


@router.post("")
async def begin(edge: TheEdge, request: Request, response: Response, asked: Credentials) -> dict[str, Any]:
    """Sign in; the answer carries the cookie."""
    passwords: Argon2 = request.app.state.passwords
    signed = await steps.sign_in(
        edge.store,
        passwords,
        edge.settings.web,
        steps.Asked(
            login=asked.login,
            password=Sensitive(asked.password),
            address=request.client.host if request.client else "",
        ),
        clock.now(),
    )
    response.set_cookie(
        cookie_name(edge.settings.web),
        signed.token.reveal(),
        max_age=edge.settings.web.sign_in_hours * 3600,
        path="/",
        secure=edge.settings.web.is_secure,
        httponly=True,
        samesite="lax",
    )
    return await _me(edge, signed.staff, await viewer_of(edge, signed.staff))


@router.delete("", status_code=204)
async def end(edge: TheEdge, request: Request, response: Response, staff: TheStaff) -> None:
    """Sign out; off duty from now on."""
    name = cookie_name(edge.settings.web)
    await steps.sign_out(edge.store, Sensitive(request.cookies[name]), staff, clock.now())
    response.delete_cookie(name, path="/")


def cookie_name(web: Web) -> str:
    """The cookie's name; browsers hold a `__Host-` cookie to this host and to TLS."""
    return f"__Host-{COOKIE}" if web.is_secure else COOKIE


async def _me(edge: Edge, staff: Staff, viewer: Viewer) -> dict[str, Any]:
    async with edge.store.connection() as database:
        centre = await store_staff.get_centre(database, edge.store.vault, staff.centre_id)
    web, queue, telephony = edge.settings.web, edge.policies.queue, edge.settings.telephony
    phone = "none" if telephony.kind == "none" else "practice" if telephony.base_url else "twilio"
    return {
        "staff": {
            "id": str(staff.id),
            "login": staff.login,
            "name": staff.name.reveal(),
            "roles": sorted(role.value for role in staff.roles),
            "centre": {"id": str(centre.id), "name": centre.name},
            "skills": sorted(staff.skills),
            "languages": sorted(staff.languages),
            "endpoint": staff.device.value,
            "chat_capacity": staff.chat_capacity,
        },
        "permissions": sorted(permission.value for permission in viewer.permissions),
        "softphone": phone,
        "emergency": [
            {"number": number, "label": EMERGENCY_LABELS.get(number, {"zh": number, "en": number})}
            for number in web.emergency_numbers
        ],
        "limits": {
            "offer_seconds": queue.offer_seconds,
            "beat_seconds": web.beat_seconds,
            "wrap_up_seconds_min": queue.wrap_up_seconds_min,
            "screening_remind_seconds": web.screening_remind_seconds,
            "screening_due_seconds": web.screening_due_seconds,
            "message_characters_max": web.message_characters_max,
        },
    }
