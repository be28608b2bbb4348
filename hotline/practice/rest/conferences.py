"""Rooms and who sits in them.

A participant is created under the room's friendly name or its CF identifier; everything else takes the CF
identifier only, as Twilio does. The participant itself goes by its call or by its label.
"""

from collections.abc import Mapping

from hotline.practice import rooms
from hotline.practice.book import Seat, Source
from hotline.practice.desk import callback_from
from hotline.practice.parameters import Form
from hotline.practice.rest.answers import conference_json, page_json, participant_json, root
from hotline.practice.rest.asking import Ask, Handler, Reply
from hotline.practice.ringing import RING_SECONDS
from hotline.practice.sids import is_sid
from hotline.practice.wrong import INVALID_PARAMETER, NO_TO_NUMBER, RestError, not_found


async def listing(ask: Ask) -> Reply:
    """Rooms, newest first."""
    wanted = {"Status": "status", "FriendlyName": "friendly_name"}
    items = [
        conference_json(ask.account, room)
        for room in reversed(ask.board.desk.book.conferences.values())
        if all(getattr(room, field) == ask.query[name] for name, field in wanted.items() if name in ask.query)
    ]
    return Reply(body=page_json(f"{root(ask.account)}/Conferences.json", "conferences", items, ask.query))


async def fetch(ask: Ask) -> Reply:
    """Look at a room."""
    return Reply(body=conference_json(ask.account, ask.room("Sid")))


async def update(ask: Ask) -> Reply:
    """End a room, or play something to everyone in it."""
    room, desk = ask.room("Sid"), ask.board.desk
    if room.status == "completed":
        raise not_found(ask.path)
    if "AnnounceUrl" in ask.form:
        present = [one for one in room.participants if one.is_connected]
        rooms.announce(desk, room, present, _document(ask.form, "Announce"))
    if "Status" in ask.form:
        rooms.end_room(desk, room, "conference-ended-via-api")
    return Reply(body=conference_json(ask.account, room))


async def add(ask: Ask) -> Reply:
    """Call a phone into a room."""
    form, name = ask.form, ask.parts["ConferenceSid"]
    if not form.get("To"):
        raise RestError(400, NO_TO_NUMBER, "No 'To' number is specified")
    if is_sid("CF", name):
        name = ask.room().friendly_name
    events = " ".join(form.many("StatusCallbackEvent")) or "completed"
    room, one = ask.board.call_into_room(
        name,
        form.get("From"),
        form.get("To"),
        _seat(form),
        callback=callback_from(form.get("StatusCallback"), form.get("StatusCallbackMethod"), events),
        seconds=form.number("Timeout", int(RING_SECONDS)),
    )
    return Reply(status=201, body=participant_json(ask.account, room, one))


async def participants(ask: Ask) -> Reply:
    """Who sits in a room or is called into it; nobody once it has ended."""
    room = ask.room()
    wanted = {"Muted": "muted", "Hold": "hold", "Coaching": "coaching"}
    items = [
        participant_json(ask.account, room, one) for one in room.participants if room.status != "completed"
    ]
    for name, field in wanted.items():
        if name in ask.query:
            items = [item for item in items if item[field] == (ask.query[name] == "true")]
    uri = f"{root(ask.account)}/Conferences/{room.sid}/Participants.json"
    return Reply(body=page_json(uri, "participants", items, ask.query))


async def fetch_participant(ask: Ask) -> Reply:
    """Look at one participant."""
    room, one = ask.participant()
    return Reply(body=participant_json(ask.account, room, one))


async def update_participant(ask: Ask) -> Reply:
    """Mute, hold, coach, play to, or anchor a participant; anchoring does nothing while on hold."""
    room, one = ask.participant()
    desk, form = ask.board.desk, ask.form
    if not one.is_connected:
        raise not_found(ask.path)
    if "EndConferenceOnExit" in form:
        rooms.anchor(desk, room, one, ends=form.yes("EndConferenceOnExit", otherwise=one.is_ending))
    if "Muted" in form:
        rooms.mute(desk, room, one, muted=form.yes("Muted", otherwise=one.is_muted))
    if "Hold" in form or "HoldUrl" in form:
        _hold(ask)
    if "Coaching" in form or "CallSidToCoach" in form:
        _coach(ask)
    if "AnnounceUrl" in form:
        rooms.announce(desk, room, [one], _document(form, "Announce"))
    return Reply(body=participant_json(ask.account, room, one))


async def remove(ask: Ask) -> Reply:
    """Send a participant out; its leg goes on with its document. A ringing one stops ringing."""
    room, one = ask.participant()
    if one.is_connected:
        rooms.send_out(one)
    else:
        rooms.give_up_seat(ask.board.desk, room, one, "canceled")
        ask.board.end(one.call, "canceled")
    return Reply(status=204)


def _hold(ask: Ask) -> None:
    room, one = ask.participant()
    desk, form = ask.board.desk, ask.form
    if form.yes("Hold", otherwise=one.is_held):
        music = _document(form, "Hold") if form.get("HoldUrl") else one.hold
        rooms.hold(desk, room, one, music)
    else:
        rooms.release_hold(desk, room, one)


def _coach(ask: Ask) -> None:
    room, one = ask.participant()
    coaching = ask.form.yes("Coaching", otherwise=bool(one.coaches) or "CallSidToCoach" in ask.form)
    target = ask.form.get("CallSidToCoach", one.coaches)
    if coaching and room.find(target) is None:
        raise RestError(400, INVALID_PARAMETER, f"CallSidToCoach={target!r} is not in this conference")
    rooms.coach(ask.board.desk, room, one, target if coaching else "")


def _seat(form: Form) -> Seat:
    coaching = form.yes("Coaching", otherwise="CallSidToCoach" in form)
    return Seat(
        label=form.get("Label"),
        is_muted=form.yes("Muted", otherwise=False),
        is_starting=form.yes("StartConferenceOnEnter", otherwise=True),
        is_ending=form.yes("EndConferenceOnExit", otherwise=False),
        coaches=form.get("CallSidToCoach") if coaching else "",
        beep=form.get("Beep", "true"),
        wait_url=form.get("WaitUrl") if "WaitUrl" in form else None,
        wait_method=form.get("WaitMethod", "POST"),
        callback=callback_from(
            form.get("ConferenceStatusCallback"),
            form.get("ConferenceStatusCallbackMethod"),
            " ".join(form.many("ConferenceStatusCallbackEvent")),
        ),
        records=form.get("ConferenceRecord") in {"true", "record-from-start"},
        recording_callback=callback_from(
            form.get("ConferenceRecordingStatusCallback"),
            form.get("ConferenceRecordingStatusCallbackMethod"),
            " ".join(form.many("ConferenceRecordingStatusCallbackEvent")) or "completed",
        ),
        size_max=form.number("MaxParticipants", 250),
    )


def _document(form: Form, name: str) -> Source:
    """Twilio asks with POST unless told otherwise."""
    return Source(url=form.get(f"{name}Url"), method=form.get(f"{name}Method", "POST"))


HANDLERS: Mapping[tuple[str, str], Handler] = {
    ("GET", "/Conferences.json"): listing,
    ("GET", "/Conferences/{Sid}.json"): fetch,
    ("POST", "/Conferences/{Sid}.json"): update,
    ("POST", "/Conferences/{ConferenceSid}/Participants.json"): add,
    ("GET", "/Conferences/{ConferenceSid}/Participants.json"): participants,
    ("GET", "/Conferences/{ConferenceSid}/Participants/{CallSid}.json"): fetch_participant,
    ("POST", "/Conferences/{ConferenceSid}/Participants/{CallSid}.json"): update_participant,
    ("DELETE", "/Conferences/{ConferenceSid}/Participants/{CallSid}.json"): remove,
}
