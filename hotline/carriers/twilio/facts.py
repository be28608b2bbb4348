"""Webhook forms, read into facts.

Twilio adds fields without notice and repeats requests, so only what is needed is read and every fact
gets its natural key: the call and its sequence number, the room and its sequence number, the step that
was answered. Order of arrival means nothing. A caller's number may be hidden, a word or malformed; then
there is no number, and its quality says why.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from uuid import UUID

from hotline.base.errors import Malformed
from hotline.carriers.number import line_address, normal
from hotline.carriers.port import (
    Answered,
    Arrived,
    Digits,
    Diverted,
    Ended,
    Fault,
    Joined,
    Left,
    PageCall,
    PageKeys,
    PickedUp,
    Planned,
    Rang,
    Reported,
    RoomChanged,
    Waited,
)
from hotline.carriers.twilio.signature import Pairs

ENDINGS: Final = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
TAKEN: Final = frozenset({"completed", "answered"})
KEYS: Final = frozenset("0123456789*#ABCD")
DIGITS_MAX: Final = 32
_CLIENT: Final = "client:"
_ASKED_MAX: Final = 64


def arrived(form: Pairs, region: str) -> Arrived:
    """A call to one of our numbers; `region` is where a number without country belongs, such as `CN`."""
    fields = dict(form)
    number, quality = normal(fields.get("From", ""), region)
    sid = _needed(fields, "CallSid")
    return Arrived(
        key=f"arrived:{sid}",
        sid=sid,
        to=line_address(_needed(fields, "To"), region),
        number=number,
        quality=quality,
    )


def picked_up(form: Pairs) -> PickedUp:
    """A counselor's page calls in; what it sent along keeps to short plain values."""
    fields = dict(form)
    sid, origin = _needed(fields, "CallSid"), _needed(fields, "From")
    if not origin.startswith(_CLIENT):
        raise Malformed("telephony.no_client", "Only a counselor's page may call this address.")
    asked = {
        name: value for name, value in form if name[:1].islower() and 0 < len(value) <= _ASKED_MAX
    }  # Twilio's own fields begin with a capital
    return PickedUp(key=f"picked_up:{sid}", sid=sid, identity=origin.removeprefix(_CLIENT), asked=asked)


def planned(query: Pairs, form: Pairs) -> Planned:
    """A call asks for its plan."""
    return Planned(sid=_needed(dict(form), "CallSid"), leg_id=_leg(query))


def diverted(query: Pairs, form: Pairs) -> Diverted | None:
    """How a diversion went, when the request for a plan comes after one."""
    fields = dict(form)
    if "after" not in dict(query):
        return None
    sid = _needed(fields, "CallSid")
    bridged = fields.get("DialBridged", "")
    reached = bridged == "true" if bridged else fields.get("DialCallStatus") in TAKEN
    return Diverted(key=f"diverted:{sid}", sid=sid, leg_id=_leg(query), is_reached=reached)


def digits(query: Pairs, form: Pairs) -> Digits:
    """Keys pressed at a step, or silence.

    The value is part of the key: a wrong key must never swallow a later call for help. That the
    first answer of a menu wins follows from the contact's state.
    """
    asked, fields = dict(query), dict(form)
    leg_id, step = _leg(query), _needed(asked, "step")
    value = _keys("" if asked.get("silent") else fields.get("Digits", ""))
    key = f"digits:{leg_id}:{step}:{value or 'silence'}"
    return Digits(key=key, sid=_needed(fields, "CallSid"), leg_id=leg_id, step=step, value=value)


def waited(query: Pairs, form: Pairs) -> Waited:
    """A parked call asks what to hear next."""
    fields = dict(form)
    sid = _needed(fields, "CallSid")
    return Waited(key=f"waited:{sid}:{fields.get('QueueTime', '')}", sid=sid, leg_id=_leg(query))


def progressed(query: Pairs, form: Pairs) -> Rang | Answered | Ended | None:
    """How far a call has come; None for statuses that nobody waits for (queued, initiated).

    Callers' calls carry no leg id: they are known by their sid.
    """
    fields = dict(form)
    sid, status = _needed(fields, "CallSid"), _needed(fields, "CallStatus")
    leg_id = _leg(query) if "leg" in dict(query) else None
    sequence, at = _sequence(fields), _at(fields)
    nth = f"{fields.get('CallbackSource', '')}:{sequence}" if sequence is not None else status
    key = f"call:{sid}:{nth}"
    if status in ENDINGS:
        return Ended(key=key, sid=sid, leg_id=leg_id, cause=status, sequence=sequence, at=at)
    if status == "in-progress":
        return Answered(key=key, sid=sid, leg_id=leg_id, sequence=sequence, at=at)
    if status == "ringing":
        return Rang(key=key, sid=sid, leg_id=leg_id, sequence=sequence, at=at)
    return None


def room_event(form: Pairs) -> Joined | Left | RoomChanged:
    """Something happened in a room."""
    fields = dict(form)
    room_sid, event = _needed(fields, "ConferenceSid"), _needed(fields, "StatusCallbackEvent")
    room, sid, label = (
        _needed(fields, "FriendlyName"),
        fields.get("CallSid"),
        fields.get("ParticipantLabel", ""),
    )
    sequence, at = _sequence(fields), _at(fields)
    nth = sequence if sequence is not None else f"{event}:{sid}:{fields.get('Timestamp', '')}"
    key = f"room:{room_sid}:{nth}"
    if event == "participant-join" and sid:
        return Joined(key=key, sid=sid, room=room, label=label, room_sid=room_sid, sequence=sequence, at=at)
    if event == "participant-leave" and sid:
        return Left(
            key=key,
            sid=sid,
            room=room,
            label=label,
            room_sid=room_sid,
            why=fields.get("ReasonParticipantLeft", ""),
            sequence=sequence,
            at=at,
        )
    return RoomChanged(key=key, room=room, room_sid=room_sid, what=event, sid=sid, sequence=sequence, at=at)


def reported(query: Pairs, form: Pairs) -> Reported:
    """What became of a short message."""
    fields = dict(form)
    sid, status = _needed(fields, "MessageSid"), _needed(fields, "MessageStatus")
    return Reported(
        key=f"sms:{sid}:{status}",
        sid=sid,
        page_id=_uuid(dict(query), "key"),
        status=status,
        code=fields.get("ErrorCode") or None,
    )


def page_keys(query: Pairs, form: Pairs) -> PageKeys:
    """What somebody who is paged has pressed, or nothing."""
    asked, fields = dict(query), dict(form)
    value = "" if asked.get("silent") else fields.get("Digits", "")
    return PageKeys(
        sid=_needed(fields, "CallSid"),
        page_id=_uuid(asked, "key"),
        step=_needed(asked, "step"),
        value=_keys(value),
    )


def page_call(query: Pairs, form: Pairs) -> PageCall:
    """A call that pages somebody rings, is picked up, or is over."""
    fields = dict(form)
    status = _needed(fields, "CallStatus")
    cause = status if status in ENDINGS else None
    return PageCall(sid=_needed(fields, "CallSid"), page_id=_uuid(dict(query), "key"), cause=cause)


def fault(form: Pairs) -> Fault | None:
    """What the network could not do, when the request says so (a fallback address is told)."""
    fields = dict(form)
    code = fields.get("ErrorCode", "")
    if not code:
        return None
    sid = fields.get("CallSid")
    return Fault(key=f"fault:{sid}:{code}", sid=sid, code=code)


def _needed(fields: Mapping[str, str], name: str) -> str:
    value = fields.get(name, "")
    if not value:
        raise Malformed("telephony.field_missing", f"The request has no {name}.")
    return value


def _keys(value: str) -> str:
    if len(value) > DIGITS_MAX or not KEYS.issuperset(value):
        raise Malformed("telephony.digits", "The keys of a telephone are digits, star and hash.")
    return value


def _leg(query: Pairs) -> UUID:
    return _uuid(dict(query), "leg")


def _uuid(fields: Mapping[str, str], name: str) -> UUID:
    try:
        return UUID(_needed(fields, name))
    except ValueError:
        raise Malformed("telephony.no_id", f"The address holds no id for {name}.") from None


def _sequence(fields: Mapping[str, str]) -> int | None:
    text = fields.get("SequenceNumber", "")
    return int(text) if text.isdecimal() else None


def _at(fields: Mapping[str, str]) -> datetime | None:
    try:
        at = parsedate_to_datetime(fields.get("Timestamp", ""))
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
