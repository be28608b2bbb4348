"""The way in: what the page must know before it asks, the form, and leaving in a hurry.

A chat belongs to whoever holds its token. The page makes it before it asks for the first time, so that it
may ask again when no answer comes; for a page that brings none it is made here. Only its hash is kept; it
travels in bodies and frames, never in an address.
"""

from typing import Annotated, Final, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from hotline.base import clock, ids
from hotline.base.errors import Absent, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain.centre import Channel, Line
from hotline.domain.contact import Form, needs_care
from hotline.domain.session import AGE_BANDS
from hotline.flow import intake
from hotline.store import contact as store_contact, staff as store_staff
from hotline.web import address, emergency
from hotline.web.asked import Asked
from hotline.web.chat.frames import TOKEN_CHARACTERS_MAX
from hotline.web.chat.pace import Door
from hotline.web.chat.page import NOTICE
from hotline.web.edge import TheEdge
from hotline.web.emergency import EmergencyNumber

LANGUAGE_CHARACTERS_MAX: Final = 35
VERSION_CHARACTERS_MAX: Final = 40
CHANCE: Final = r"^[A-Za-z0-9_\-]{43}$"
"""32 bytes of chance in base64url: nobody guesses one, so nobody is given another's chat."""

AgeBand = Literal["<10", "10-13", "14-17", "18-24", "25-29", "30-44", "45-59", "60+", "unknown"]
"""The record's age bands; `unknown` is what "prefer not to say" is called there."""

router = APIRouter(prefix="/api/chat", tags=["chat"])


class _Asked(Asked):
    model_config = ConfigDict(strict=True, frozen=True)


class Answers(_Asked):
    """The form before the chat; only safety and the notice have to be answered."""

    language: str = Field(min_length=1, max_length=LANGUAGE_CHARACTERS_MAX)
    safe_now: Literal["yes", "no", "unsure"]
    age_band: AgeBand = "unknown"
    attempted_before: bool | None = None
    notice_version: str = Field(default="", max_length=VERSION_CHARACTERS_MAX)
    token: str | None = Field(default=None, pattern=CHANCE, repr=False)
    """Of the page's own making, the same through every try; the same answers under it open one chat."""


class Leaving(_Asked):
    """Whose chat is left."""

    token: str = Field(min_length=1, max_length=TOKEN_CHARACTERS_MAX, repr=False)


class Paragraphs(BaseModel):
    """The same paragraphs in the two languages of the page."""

    zh: tuple[str, ...]
    en: tuple[str, ...]


class Hours(BaseModel):
    """When the line is open, in its own time zone."""

    opens_at: str
    closes_at: str
    timezone: str


class Notice(BaseModel):
    """What the help-seeker agrees to."""

    version: str
    text: Paragraphs


class EntranceShown(BaseModel):
    """What the page must know before it asks; `hours` is null for a line that never closes."""

    open: bool
    hours: Hours | None
    name: str
    languages: tuple[str, ...]
    age_bands: tuple[str, ...]
    notice: Notice
    emergency: tuple[EmergencyNumber, ...]
    message_characters_max: int


class Opened(BaseModel):
    """The contact that was made; the token is the page's own, or made here and told this once."""

    contact_id: UUID
    token: str
    state: Literal["waiting", "diverted"]


async def door_of(request: Request) -> Door:
    """The chat's door of the app that serves this request."""
    return cast("Door", request.app.state.chat_door)


TheDoor = Annotated[Door, Depends(door_of)]


@router.get("/{slug}")
async def entrance(edge: TheEdge, slug: str) -> EntranceShown:
    """Whether the line is open, its languages and hours, the notice, and where else to turn."""
    async with edge.store.connection() as connection:
        line = await store_staff.find_line(connection, edge.store.vault, Channel.CHAT, slug)
    if line is None:
        raise Absent("line.absent", "There is no such chat entrance.")
    web = edge.settings.web
    return EntranceShown(
        open=line.is_open(clock.now()),
        hours=_hours(line),
        name=line.name,
        languages=line.languages,
        age_bands=AGE_BANDS,
        notice=Notice.model_validate(NOTICE),
        emergency=emergency.numbers(web.emergency_numbers),
        message_characters_max=web.message_characters_max,
    )


@router.post("/{slug}/contacts", status_code=201)
async def open_chat(edge: TheEdge, door: TheDoor, request: Request, slug: str, answers: Answers) -> Opened:
    """Open a chat; the token in the answer is the only key to it.

    Sent again under the same `token`, the same answers open no second chat: the first is answered. 409
    `chat.token_used` when the token is that of other answers or of a chat that is over.
    Very many from one address wait for seconds at the door, unless there is danger.
    """
    if answers.notice_version and answers.notice_version != NOTICE["version"]:
        raise Refused("chat.notice_changed", "The notice has changed; please read it again.")
    token = answers.token or ids.new_secret()
    asked = intake.Entrance(
        slug=slug,
        language=answers.language,
        form=Form(
            safe_now=answers.safe_now,
            age_band=answers.age_band,
            attempted_before=answers.attempted_before,
            notice_version=answers.notice_version,
        ),
        token_hash=intake.token_hash(Sensitive(token)),
        is_crowded=await _is_crowded(door, request, answers),
    )
    contact = await intake.open_chat(edge.store, edge.policies, asked, clock.now())
    state: Literal["waiting", "diverted"] = "diverted" if contact.state == "diverted" else "waiting"
    return Opened(contact_id=contact.id, token=token, state=state)


@router.post("/departures", status_code=204)
async def leave(edge: TheEdge, leaving: Leaving) -> None:
    """Leave a chat in a hurry: the page is closing and cannot wait for its socket."""
    hashed = intake.token_hash(Sensitive(leaving.token))
    async with edge.store.connection() as connection:
        contact = await store_contact.find_by_token(connection, edge.store.vault, hashed)
    if contact is None:
        raise Absent("contact.absent", "There is no such chat.")
    await intake.leave_chat(edge.store, contact.id, clock.now())


async def _is_crowded(door: Door, request: Request, answers: Answers) -> bool:
    """Let somebody in, and say whether they came in a crowd; who has gone meanwhile is not let in."""
    if not address.is_public(request):
        return False
    form = Form(age_band=answers.age_band, attempted_before=answers.attempted_before)
    is_urgent = answers.safe_now != "yes" or needs_care(form)
    is_crowded = await door.come_in(address.of(request), is_urgent=is_urgent)
    if is_crowded and await request.is_disconnected():
        raise Refused("chat.left", "The page has gone before its chat began.")
    return is_crowded


def _hours(line: Line) -> Hours | None:
    """When the line is open; None means round the clock."""
    if line.opens_at == line.closes_at:
        return None
    return Hours(
        opens_at=line.opens_at.isoformat("minutes"),
        closes_at=line.closes_at.isoformat("minutes"),
        timezone=line.timezone,
    )
