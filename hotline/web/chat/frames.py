"""What travels over the help-seeker's socket: frames in, checked; frames out, encoded.

A frame that cannot be read is answered with a code and a sentence and changes nothing. What was wrong is
said by place and kind only, never by repeating it: it may be somebody's words.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from hotline.base.errors import HotlineError, Malformed
from hotline.domain.message import Message

TOKEN_CHARACTERS_MAX: Final = 100
SEQ_MAX: Final = 2**31 - 1
_UNKNOWN: Final = frozenset({"union_tag_invalid", "union_tag_not_found"})


class _Frame(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", hide_input_in_errors=True)


class Resume(_Frame):
    """The first frame: whose chat it is, the last message the page has, and the last place it showed."""

    kind: Literal["resume"]
    token: str = Field(min_length=1, max_length=TOKEN_CHARACTERS_MAX, repr=False)
    after: int = Field(ge=0, le=SEQ_MAX)
    place: int | None = Field(default=None, ge=1, le=SEQ_MAX)


class Say(_Frame):
    """Words, under the id that the page made for them."""

    kind: Literal["say"]
    client_id: UUID
    words: str = Field(repr=False)


class Read(_Frame):
    """The caller has seen the counselor's messages up to `seq`."""

    kind: Literal["read"]
    seq: int = Field(ge=1, le=SEQ_MAX)


class Typing(_Frame):
    """The caller is writing."""

    kind: Literal["typing"]


class Leave(_Frame):
    """The caller leaves for good."""

    kind: Literal["leave"]


class Beat(_Frame):
    """A sign of life."""

    kind: Literal["beat"]


Frame = Resume | Say | Read | Typing | Leave | Beat
_FRAMES: Final[TypeAdapter[Frame]] = TypeAdapter(Annotated[Frame, Field(discriminator="kind")])


def read(text: str, characters_max: int) -> Frame:
    """A frame of the page.

    Raises:
        Malformed: too long, not JSON, of an unknown kind, or with something missing or mistyped.
    """
    if len(text) > characters_max:
        raise Malformed("frame.too_long", f"A frame may have {characters_max} characters.")
    try:
        return _FRAMES.validate_json(text)
    except ValidationError as error:
        raise _malformed(error) from None


def _malformed(error: ValidationError) -> Malformed:
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    kinds = {fault["type"] for fault in faults}
    if "json_invalid" in kinds:
        return Malformed("frame.unreadable", "A frame is one JSON object in UTF-8.")
    if kinds & _UNKNOWN:
        return Malformed("frame.unknown", "There is no such kind of frame.")
    places = ", ".join(sorted({str(fault["loc"][-1]) for fault in faults if fault["loc"]}))
    return Malformed("frame.malformed", f"Missing or mistyped: {places or 'the whole frame'}.")


def state(shown: dict[str, Any]) -> bytes:
    """Where the contact stands."""
    return orjson.dumps({"kind": "state", **shown})


def messages(found: Iterable[Message]) -> bytes:
    """Messages in order; the caller's own carry the id that the page gave them."""
    return orjson.dumps(
        {
            "kind": "messages",
            "messages": [
                {
                    "seq": each.seq,
                    "sender": each.sender,
                    "words": each.words.reveal(),
                    "at": moment(each.at),
                    "read_at": moment(each.read_at) if each.read_at else None,
                    "client_id": str(each.client_id) if each.sender == "caller" else None,
                }
                for each in found
            ],
        }
    )


def stored(client_id: UUID, seq: int, at: datetime) -> bytes:
    """The words are safe; sent only after the commit."""
    return orjson.dumps({"kind": "stored", "client_id": str(client_id), "seq": seq, "at": moment(at)})


def seen(seq: int) -> bytes:
    """The counselor has read the caller's messages up to `seq`."""
    return orjson.dumps({"kind": "read", "seq": seq})


def typing() -> bytes:
    """The counselor is writing."""
    return b'{"kind":"typing"}'


def beat(now: datetime) -> bytes:
    """The answer to a sign of life."""
    return orjson.dumps({"kind": "beat", "at": moment(now)})


def error(cause: HotlineError, client_id: UUID | None = None) -> bytes:
    """What went wrong, and with which message, if it was one."""
    said = {"kind": "error", "code": cause.code, "sentence": cause.sentence}
    return orjson.dumps(said | ({"client_id": str(client_id)} if client_id else {}))


def moment(at: datetime) -> str:
    """ISO 8601 in UTC with a Z."""
    return at.isoformat().replace("+00:00", "Z")
