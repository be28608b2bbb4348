"""Rooms: conferences, who sits in them, and what each of them hears.

A room begins when two legs are in it and one of those may start it; it ends when the last one leaves, or
one whose leaving ends it. Whether a leaving ends it cannot be changed while that leg is on hold: Twilio
says yes and does nothing, and so does this.
"""

from anyio import CancelScope, sleep_forever

from hotline.base.clock import now
from hotline.practice import recordings
from hotline.practice.book import Call, Conference, Ending, Participant, Seat, Source, Steered
from hotline.practice.desk import Desk
from hotline.practice.forms import participant_form, room_form
from hotline.practice.grammar import IN_ROOM
from hotline.practice.sids import new_sid
from hotline.practice.speech import play_document
from hotline.practice.wrong import DocumentFault

SUBSCRIPTION = {
    "conference-start": "start",
    "conference-end": "end",
    "participant-join": "join",
    "participant-leave": "leave",
    "participant-mute": "mute",
    "participant-unmute": "mute",
    "participant-hold": "hold",
    "participant-unhold": "hold",
    "participant-modify": "modify",
    "announcement-end": "announcement",
    "announcement-fail": "announcement",
}
PARTICIPANTS_TO_START = 2


class NoSeat(Exception):
    """The room is full, or the label is taken."""


def open_room(desk: Desk, friendly_name: str) -> Conference:
    """The room of this name, made now if there is none that is live."""
    room = desk.book.live_room(friendly_name)
    if room is None:
        room = Conference(sid=new_sid("CF"), friendly_name=friendly_name)
        desk.book.conferences[room.sid] = room
        desk.book.rooms_by_name[friendly_name] = room
    return room


def take_seat(room: Conference, call: Call, seat: Seat) -> Participant:
    """Reserve a place, before the leg is connected.

    Raises: NoSeat.
    """
    if seat.label and any(one.label == seat.label for one in room.participants):
        raise NoSeat(f"label {seat.label!r} is taken in {room.friendly_name}")
    if len(room.participants) >= seat.size_max:
        raise NoSeat(f"{room.friendly_name} is full")
    one = Participant(
        call=call,
        label=seat.label,
        is_muted=seat.is_muted,
        is_starting=seat.is_starting,
        is_ending=seat.is_ending,
        coaches=seat.coaches,
        wait=None if seat.wait_url is None else Source(url=seat.wait_url, method=seat.wait_method),
    )
    room.participants.append(one)
    call.seat = (room, one)
    return one


async def sit(desk: Desk, room: Conference, one: Participant, seat: Seat) -> None:
    """Come in and stay until the room ends, the leg is sent away, or it hangs up."""
    one.is_connected = True
    one.joined_at = now()
    if room.callback is None:
        room.callback = seat.callback
    tell(desk, room, "participant-join", one)
    _start_if_due(desk, room, seat)
    _refresh(room)
    try:
        while not one.released.is_set():
            with CancelScope() as one.scope:
                await _listen(desk, one)
    finally:
        one.scope = None
        _go(desk, room, one)


def give_up_seat(desk: Desk, room: Conference, one: Participant, status: str) -> None:
    """A leg that was called for this room did not come."""
    if one in room.participants:
        room.participants.remove(one)
        one.call.seat = None
        told = {"ParticipantCallStatus": status, "ReasonParticipantLeft": "participant_add_failed"}
        tell(desk, room, "participant-leave", one, **told)


def hold(desk: Desk, room: Conference, one: Participant, music: Source | None) -> None:
    """Set a leg apart; again only changes what it hears."""
    was_held, one.is_held, one.hold = one.is_held, True, music
    if not was_held:
        tell(desk, room, "participant-hold", one)
    _refresh(room)


def release_hold(desk: Desk, room: Conference, one: Participant) -> None:
    """Let a leg back into the talk."""
    if one.is_held:
        one.is_held, one.hold = False, None
        tell(desk, room, "participant-unhold", one)
        _refresh(room)


def mute(desk: Desk, room: Conference, one: Participant, *, muted: bool) -> None:
    """Take a leg's voice, or give it back."""
    if one.is_muted != muted:
        one.is_muted = muted
        tell(desk, room, "participant-mute" if muted else "participant-unmute", one)
        _refresh(room)


def coach(desk: Desk, room: Conference, one: Participant, call_sid: str) -> None:
    """Have a leg heard by one other leg only, or (empty) by all again."""
    if one.coaches != call_sid:
        one.coaches = call_sid
        tell(desk, room, "participant-modify", one)
        _refresh(room)


def anchor(desk: Desk, room: Conference, one: Participant, *, ends: bool) -> None:
    """Change whether the leg's leaving ends the room; on hold this does nothing, as with Twilio."""
    if one.is_held or one.is_ending == ends:
        return
    one.is_ending = ends
    tell(desk, room, "participant-modify", one)


def announce(desk: Desk, room: Conference, listeners: list[Participant], source: Source) -> None:
    """Play a document to some legs of a room."""
    for one in listeners:
        one.announcements.append(source)
        one.listen_afresh()
    tell(
        desk, room, "announcement-end", listeners[0] if len(listeners) == 1 else None, AnnounceUrl=source.url
    )


def send_out(one: Participant, why: str = "participant_updated_via_api") -> None:
    """Have a leg leave its room and go on with its document."""
    one.why_left = why
    one.released.set()
    one.listen_afresh()


def end_room(desk: Desk, room: Conference, why: str, ended_by: Participant | None = None) -> None:
    """End a room for everyone in it."""
    if room.status == "completed":
        return
    room.status = "completed"
    room.updated_at = now()
    room.why_ended = why
    room.ended_by = ended_by.call.sid if ended_by else ""
    via_api = why == "conference-ended-via-api"
    for one in [one for one in room.participants if one.is_connected]:
        send_out(one, "conference_ended_via_api" if via_api else "moderator_ended_conference")
    if room.recording is not None:
        recordings.finish(desk, room.recording)
    more = {"ReasonConferenceEnded": why, "Reason": why.replace("-", " ")}
    if ended_by is not None:
        more["CallSidEndingConference"] = ended_by.call.sid
        if ended_by.label:
            more["ParticipantLabelEndingConference"] = ended_by.label
    tell(desk, room, "conference-end", None, **more)


def tell(desk: Desk, room: Conference, event: str, one: Participant | None = None, **more: str) -> None:
    """Tell the room's callback, if it wants to know."""
    desk.feed.tell(event, one.call.sid if one else "", room=room.friendly_name, **more)
    if room.callback is None or SUBSCRIPTION[event] not in room.callback.events:
        return
    form = room_form(desk.config.account, room, event) | (participant_form(one) if one else {}) | more
    desk.post.notify(room.sid, room.callback, form)


def _start_if_due(desk: Desk, room: Conference, seat: Seat) -> None:
    present = [one for one in room.participants if one.is_connected]
    if (
        room.status != "init"
        or len(present) < PARTICIPANTS_TO_START
        or not any(one.is_starting for one in present)
    ):
        return
    room.status = "in-progress"
    room.updated_at = now()
    tell(desk, room, "conference-start")
    if seat.records and room.recording is None:
        room.recording = recordings.begin(
            desk, "Conference", conference_sid=room.sid, callback=seat.recording_callback
        )


def _go(desk: Desk, room: Conference, one: Participant) -> None:
    one.call.seat = None
    if one in room.participants:
        room.participants.remove(one)
    order = one.call.order
    status = order.status if isinstance(order, Ending) else one.call.status
    why = one.why_left
    if isinstance(order, Steered) or (isinstance(order, Ending) and not order.by_far_end):
        why = "participant_updated_via_api"
    tell(desk, room, "participant-leave", one, ParticipantCallStatus=status, ReasonParticipantLeft=why)
    kicked = "kicked" if one.released.is_set() else "left"
    if one.is_ending:
        end_room(desk, room, f"participant-with-end-conference-on-exit-{kicked}", one)
    elif not any(other.is_connected for other in room.participants):
        end_room(desk, room, f"last-participant-{kicked}", one)
    _refresh(room)


def _refresh(room: Conference) -> None:
    for one in room.participants:
        sound = _sound_of(room, one)
        if sound != one.sound:
            one.sound = sound
            one.listen_afresh()


async def _listen(desk: Desk, one: Participant) -> None:
    while one.announcements:
        await _overhear(desk, one, one.announcements.pop(0))
    kind, text, source = one.sound
    desk.hear(one.call, kind, text)
    await _overhear(desk, one, source)
    await sleep_forever()


async def _overhear(desk: Desk, one: Participant, source: Source | None) -> None:
    if source is None or not source.url:
        return
    try:
        await play_document(desk, one.call, source, IN_ROOM)
    except DocumentFault as fault:
        desk.feed.tell("fault", one.call.sid, code=fault.code, url=fault.url, message=fault.message)


def _sound_of(room: Conference, one: Participant) -> tuple[str, str, Source | None]:
    if one.is_held:
        return "hold", f"on hold in {room.friendly_name}", one.hold
    if room.status == "init":
        return (
            "music" if one.wait is None else "silence",
            f"waiting for {room.friendly_name} to begin",
            one.wait,
        )
    others = [
        other for other in room.participants if other is not one and other.is_connected and not other.is_held
    ]
    heard = [
        other.name + (" (muted)" if other.is_muted else "")
        for other in others
        if not other.coaches or other.coaches == one.call.sid
    ]
    return "room", f"in room {room.friendly_name} with: {', '.join(heard) or 'nobody'}", None
