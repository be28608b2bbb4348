"""Answers, shaped like Twilio's."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from hotline.base.clock import now
from hotline.practice.book import Call, Conference, Member, Message, Participant, Queue, Recording
from hotline.practice.config import Application, Number
from hotline.practice.forms import API_VERSION, rfc2822, talk_seconds
from hotline.practice.wrong import RestError

PAGE_SIZE_DEFAULT = 50
PAGE_SIZE_MAX = 1000

Json = dict[str, Any]


def root(account: str) -> str:
    """Where the account's resources live."""
    return f"/{API_VERSION}/Accounts/{account}"


def call_json(account: str, call: Call) -> Json:
    """A call."""
    uri = f"{root(account)}/Calls/{call.sid}"
    return {
        "sid": call.sid,
        "account_sid": account,
        "parent_call_sid": call.parent_sid or None,
        "date_created": rfc2822(call.created_at),
        "date_updated": rfc2822(call.ended_at or call.answered_at or call.created_at),
        "start_time": _maybe(call.answered_at),
        "end_time": _maybe(call.ended_at),
        "duration": str(talk_seconds(call)) if call.ended_at else None,
        "status": call.status,
        "direction": call.direction,
        "from": call.frm,
        "from_formatted": call.frm,
        "to": call.to,
        "to_formatted": call.to,
        "phone_number_sid": None,
        "answered_by": None,
        "api_version": API_VERSION,
        "forwarded_from": None,
        "group_sid": None,
        "caller_name": None,
        "queue_time": str(round(call.queue_seconds * 1000)),
        "trunk_sid": None,
        "price": None,
        "price_unit": "USD",
        "uri": f"{uri}.json",
        "subresource_uris": {"recordings": f"{uri}/Recordings.json"},
    }


def queue_json(account: str, queue: Queue) -> Json:
    """A queue."""
    waited = [(now() - one.enqueued_at).total_seconds() for one in queue.members]
    return {
        "sid": queue.sid,
        "account_sid": account,
        "friendly_name": queue.friendly_name,
        "current_size": len(queue.members),
        "max_size": queue.max_size,
        "average_wait_time": int(sum(waited) / len(waited)) if waited else 0,
        "date_created": rfc2822(queue.created_at),
        "date_updated": rfc2822(queue.created_at),
        "uri": f"{root(account)}/Queues/{queue.sid}.json",
    }


def member_json(account: str, queue: Queue, member: Member) -> Json:
    """A call that waits."""
    return {
        "call_sid": member.call.sid,
        "queue_sid": queue.sid,
        "date_enqueued": rfc2822(member.enqueued_at),
        "position": queue.members.index(member) + 1 if member in queue.members else 0,
        "wait_time": int((now() - member.enqueued_at).total_seconds()),
        "uri": f"{root(account)}/Queues/{queue.sid}/Members/{member.call.sid}.json",
    }


def conference_json(account: str, room: Conference) -> Json:
    """A room."""
    uri = f"{root(account)}/Conferences/{room.sid}"
    return {
        "sid": room.sid,
        "account_sid": account,
        "friendly_name": room.friendly_name,
        "status": room.status,
        "region": "us1",
        "api_version": API_VERSION,
        "date_created": rfc2822(room.created_at),
        "date_updated": rfc2822(room.updated_at),
        "reason_conference_ended": room.why_ended or None,
        "call_sid_ending_conference": room.ended_by or None,
        "uri": f"{uri}.json",
        "subresource_uris": {
            "participants": f"{uri}/Participants.json",
            "recordings": f"{uri}/Recordings.json",
        },
    }


def participant_json(account: str, room: Conference, one: Participant) -> Json:
    """A leg in a room, or on its way there."""
    waiting = {"queued": "queued", "ringing": "ringing"}
    return {
        "account_sid": account,
        "call_sid": one.call.sid,
        "conference_sid": room.sid,
        "label": one.label or None,
        "muted": one.is_muted,
        "hold": one.is_held,
        "coaching": bool(one.coaches),
        "call_sid_to_coach": one.coaches or None,
        "start_conference_on_enter": one.is_starting,
        "end_conference_on_exit": one.is_ending,
        "status": "connected" if one.is_connected else waiting.get(one.call.status, "connecting"),
        "queue_time": str(round(one.call.queue_seconds * 1000)),
        "date_created": rfc2822(one.joined_at),
        "date_updated": rfc2822(one.joined_at),
        "uri": f"{root(account)}/Conferences/{room.sid}/Participants/{one.call.sid}.json",
    }


def recording_json(account: str, recording: Recording) -> Json:
    """A recording."""
    seconds = None
    if recording.ended_at is not None:
        seconds = str(max(1, round((recording.ended_at - recording.started_at).total_seconds())))
    return {
        "sid": recording.sid,
        "account_sid": account,
        "call_sid": recording.call_sid or None,
        "conference_sid": recording.conference_sid or None,
        "status": recording.status,
        "source": recording.source,
        "channels": recording.channels,
        "duration": seconds,
        "error_code": None,
        "price": None,
        "price_unit": "USD",
        "api_version": API_VERSION,
        "encryption_details": None,
        "start_time": rfc2822(recording.started_at),
        "date_created": rfc2822(recording.started_at),
        "date_updated": rfc2822(recording.ended_at or recording.started_at),
        "uri": f"{root(account)}/Recordings/{recording.sid}.json",
    }


def message_json(account: str, message: Message) -> Json:
    """A text message."""
    return {
        "sid": message.sid,
        "account_sid": account,
        "from": message.frm,
        "to": message.to,
        "body": message.body,
        "status": message.status,
        "direction": "outbound-api",
        "num_segments": str(max(1, -(-len(message.body) // 67))),
        "num_media": "0",
        "error_code": None,
        "error_message": None,
        "messaging_service_sid": None,
        "price": None,
        "price_unit": "USD",
        "api_version": API_VERSION,
        "date_created": rfc2822(message.created_at),
        "date_updated": rfc2822(message.created_at),
        "date_sent": rfc2822(message.created_at),
        "uri": f"{root(account)}/Messages/{message.sid}.json",
        "subresource_uris": {},
    }


def number_json(account: str, number: Number) -> Json:
    """A number of the account, with the webhooks that stand behind it."""
    return {
        "sid": number.sid,
        "account_sid": account,
        "phone_number": number.phone_number,
        "friendly_name": number.friendly_name or number.phone_number,
        "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
        "address_requirements": "none",
        "origin": "twilio",
        "status": "in-use",
        "voice_receive_mode": "voice",
        "voice_caller_id_lookup": False,
        "sms_url": "",
        "uri": f"{root(account)}/IncomingPhoneNumbers/{number.sid}.json",
        **_door_json(number),
    }


def application_json(account: str, app: Application) -> Json:
    """A TwiML application."""
    return {
        "sid": app.sid,
        "account_sid": account,
        "friendly_name": app.friendly_name or app.sid,
        "voice_caller_id_lookup": False,
        "public_application_connect_enabled": False,
        "uri": f"{root(account)}/Applications/{app.sid}.json",
        **_door_json(app),
    }


def page_json(uri: str, key: str, items: Sequence[Json], query: Mapping[str, str]) -> Json:
    """One page of a list; `query` is what the list was asked with.

    Raises: RestError for a page that cannot be.
    """
    size, page = _whole(query, "PageSize", PAGE_SIZE_DEFAULT), _whole(query, "Page", 0)
    size = min(max(size, 1), PAGE_SIZE_MAX)
    start = page * size
    shown = items[start : start + size]
    kept = {name: value for name, value in query.items() if name not in {"Page", "PageSize", "PageToken"}}

    def at(number: int) -> str:
        return f"{uri}?{urlencode(kept | {'PageSize': str(size), 'Page': str(number)})}"

    return {
        key: shown,
        "uri": at(page),
        "first_page_uri": at(0),
        "next_page_uri": f"{at(page + 1)}&PageToken=PA{page + 1}" if start + size < len(items) else None,
        "previous_page_uri": at(page - 1) if page else None,
        "page": page,
        "page_size": size,
        "start": start,
        "end": max(start, start + len(shown) - 1),
    }


def _door_json(door: Number | Application) -> Json:
    return {
        "api_version": API_VERSION,
        "voice_url": door.voice_url,
        "voice_method": "POST",
        "voice_fallback_url": door.voice_fallback_url,
        "voice_fallback_method": "POST",
        "status_callback": door.status_callback,
        "status_callback_method": "POST",
    }


def _maybe(at: datetime | None) -> str | None:
    return None if at is None else rfc2822(at)


def _whole(query: Mapping[str, str], name: str, otherwise: int) -> int:
    text = query.get(name, str(otherwise))
    if not text.isdigit():
        raise RestError(400, 20001, f"{name}={text!r} is not a whole number")
    return int(text)
