"""Calls, rooms and queues as the control API and the page show them."""

from typing import Any

from hotline.practice.book import Call, Heard
from hotline.practice.rest.answers import Json
from hotline.practice.switchboard import Switchboard


def call_shown(call: Call) -> Json:
    """A call as the control API shows it."""
    seat = call.seat
    return {
        "sid": call.sid,
        "direction": call.direction,
        "from": call.frm,
        "to": call.to,
        "status": call.status,
        "parent": call.parent_sid or None,
        "created_at": call.created_at.isoformat(),
        "hears": _shown(call.hears),
        "listens": call.keypad is not None,
        "rings": call.is_ringing_out,
        "lost": call.is_lost,
        "room": seat[0].friendly_name if seat else None,
        "label": seat[1].label if seat else None,
        "queue": call.queue.friendly_name if call.queue else None,
        "transcript": [_shown(one) for one in call.heard],
    }


def _shown(heard: Heard) -> dict[str, str]:
    return {"at": heard.at.isoformat(), "kind": heard.kind, "text": heard.text}


def state_shown(board: Switchboard) -> Json:
    """Everything that is going on, for the page."""
    config, book = board.desk.config, board.desk.book
    rooms: list[dict[str, Any]] = [
        {
            "sid": room.sid,
            "name": room.friendly_name,
            "status": room.status,
            "participants": [
                {"call": one.call.sid, "name": one.name, "muted": one.is_muted, "held": one.is_held}
                for one in room.participants
            ],
        }
        for room in book.live_rooms()
    ]
    return {
        "account": config.account,
        "pace": config.pace,
        "numbers": [{"number": one.phone_number, "name": one.friendly_name} for one in config.numbers],
        "applications": [one.sid for one in config.applications],
        "callers": list(config.callers),
        "calls": [call_shown(call) for call in book.live_calls()],
        "rooms": rooms,
        "queues": [
            {"sid": one.sid, "name": one.friendly_name, "calls": [member.call.sid for member in one.members]}
            for one in book.queues.values()
        ],
        "faults": board.desk.post.faults.model_dump(),
    }
