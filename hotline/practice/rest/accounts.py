"""What else an account has: recordings, text messages, numbers, applications."""

from collections.abc import Mapping

from hotline.practice import recordings
from hotline.practice.book import Callback, Message, Recording
from hotline.practice.forms import API_VERSION
from hotline.practice.rest.answers import (
    application_json,
    message_json,
    number_json,
    page_json,
    recording_json,
    root,
)
from hotline.practice.rest.asking import Ask, Handler, Reply
from hotline.practice.sids import new_sid
from hotline.practice.wrong import INVALID_PARAMETER, MESSAGE_FROM_NOT_OURS, RestError, not_found

MESSAGE_CHARACTERS_MAX = 1600
PAUSABLE = frozenset({"in-progress", "paused"})


async def list_recordings(ask: Ask) -> Reply:
    """Recordings, newest first."""
    wanted = {"CallSid": "call_sid", "ConferenceSid": "conference_sid"}
    items = [
        recording_json(ask.account, one)
        for one in reversed(ask.board.desk.book.recordings.values())
        if not one.is_deleted
        and all(getattr(one, field) == ask.query[name] for name, field in wanted.items() if name in ask.query)
    ]
    return Reply(body=page_json(f"{root(ask.account)}/Recordings.json", "recordings", items, ask.query))


async def fetch_recording(ask: Ask) -> Reply:
    """Look at a recording."""
    return Reply(body=recording_json(ask.account, ask.recording()))


async def delete_recording(ask: Ask) -> Reply:
    """Erase a recording."""
    recording = ask.recording()
    if recording.ended_at is None:
        raise RestError(400, 20009, "A recording in progress cannot be deleted")
    recording.is_deleted = True
    return Reply(status=204)


async def list_room_recordings(ask: Ask) -> Reply:
    """The recordings of one room."""
    room = ask.room()
    found = [room.recording] if room.recording is not None and not room.recording.is_deleted else []
    items = [recording_json(ask.account, one) for one in found]
    uri = f"{root(ask.account)}/Conferences/{room.sid}/Recordings.json"
    return Reply(body=page_json(uri, "recordings", items, ask.query))


async def fetch_room_recording(ask: Ask) -> Reply:
    """Look at the recording of a room."""
    return Reply(body=recording_json(ask.account, _room_recording(ask)))


async def update_room_recording(ask: Ask) -> Reply:
    """Pause a room's recording, go on, or stop it for good."""
    recording, status = _room_recording(ask), ask.form.get("Status")
    if recording.status not in PAUSABLE or status not in PAUSABLE | {"stopped"}:
        raise RestError(400, INVALID_PARAMETER, f"a recording that is {recording.status} cannot be {status}")
    if status == "stopped":
        recordings.finish(ask.board.desk, recording)
    else:
        recording.status = status
    return Reply(body=recording_json(ask.account, recording))


async def send_message(ask: Ask) -> Reply:
    """Send a text message: it is kept and shown, and said to be delivered."""
    form, board = ask.form, ask.board
    if not form.get("Body") or len(form.get("Body")) > MESSAGE_CHARACTERS_MAX:
        raise RestError(400, INVALID_PARAMETER, "Body is missing or too long")
    if form.get("From") not in board.numbers:
        raise RestError(400, MESSAGE_FROM_NOT_OURS, f"{form.get('From')} is not a number of this account")
    message = Message(
        sid=new_sid("SM"),
        frm=form.get("From"),
        to=form.get("To"),
        body=form.get("Body"),
        callback=form.get("StatusCallback"),
    )
    board.desk.book.messages[message.sid] = message
    board.desk.feed.tell("message", "", to=message.to, body=message.body)
    body = message_json(ask.account, message)
    for status in ("sent", "delivered"):
        message.status = status
        _tell_message(ask, message)
    return Reply(status=201, body=body)


async def list_messages(ask: Ask) -> Reply:
    """Text messages, newest first."""
    wanted = {"To": "to", "From": "frm"}
    items = [
        message_json(ask.account, one)
        for one in reversed(ask.board.desk.book.messages.values())
        if all(getattr(one, field) == ask.query[name] for name, field in wanted.items() if name in ask.query)
    ]
    return Reply(body=page_json(f"{root(ask.account)}/Messages.json", "messages", items, ask.query))


async def fetch_message(ask: Ask) -> Reply:
    """Look at a text message."""
    message = ask.board.desk.book.messages.get(ask.parts["Sid"])
    if message is None:
        raise not_found(ask.path)
    return Reply(body=message_json(ask.account, message))


async def list_numbers(ask: Ask) -> Reply:
    """The account's numbers."""
    items = [
        number_json(ask.account, number)
        for number in ask.board.numbers.values()
        if ask.query.get("PhoneNumber", "") in number.phone_number
    ]
    uri = f"{root(ask.account)}/IncomingPhoneNumbers.json"
    return Reply(body=page_json(uri, "incoming_phone_numbers", items, ask.query))


async def fetch_number(ask: Ask) -> Reply:
    """Look at a number."""
    number = next((one for one in ask.board.numbers.values() if one.sid == ask.parts["Sid"]), None)
    if number is None:
        raise not_found(ask.path)
    return Reply(body=number_json(ask.account, number))


async def list_applications(ask: Ask) -> Reply:
    """The account's TwiML applications."""
    items = [
        application_json(ask.account, app)
        for app in ask.board.applications.values()
        if ask.query.get("FriendlyName", app.friendly_name) == app.friendly_name
    ]
    return Reply(body=page_json(f"{root(ask.account)}/Applications.json", "applications", items, ask.query))


async def fetch_application(ask: Ask) -> Reply:
    """Look at a TwiML application."""
    app = ask.board.applications.get(ask.parts["Sid"])
    if app is None:
        raise not_found(ask.path)
    return Reply(body=application_json(ask.account, app))


def _room_recording(ask: Ask) -> Recording:
    recording = ask.room().recording
    asked = ask.parts["Sid"]
    if recording is None or recording.is_deleted or asked not in {recording.sid, "Twilio.CURRENT"}:
        raise not_found(ask.path)
    return recording


def _tell_message(ask: Ask, message: Message) -> None:
    if message.callback:
        form = {
            "AccountSid": ask.account,
            "ApiVersion": API_VERSION,
            "From": message.frm,
            "To": message.to,
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "MessageStatus": message.status,
            "SmsStatus": message.status,
        }
        ask.board.desk.post.notify(message.sid, Callback(url=message.callback), form)


HANDLERS: Mapping[tuple[str, str], Handler] = {
    ("GET", "/Conferences/{ConferenceSid}/Recordings.json"): list_room_recordings,
    ("GET", "/Conferences/{ConferenceSid}/Recordings/{Sid}.json"): fetch_room_recording,
    ("POST", "/Conferences/{ConferenceSid}/Recordings/{Sid}.json"): update_room_recording,
    ("GET", "/Recordings.json"): list_recordings,
    ("GET", "/Recordings/{Sid}.json"): fetch_recording,
    ("DELETE", "/Recordings/{Sid}.json"): delete_recording,
    ("POST", "/Messages.json"): send_message,
    ("GET", "/Messages.json"): list_messages,
    ("GET", "/Messages/{Sid}.json"): fetch_message,
    ("GET", "/IncomingPhoneNumbers.json"): list_numbers,
    ("GET", "/IncomingPhoneNumbers/{Sid}.json"): fetch_number,
    ("GET", "/Applications.json"): list_applications,
    ("GET", "/Applications/{Sid}.json"): fetch_application,
}
