"""The fields of a webhook: what Twilio says about a call, a room, a queue, a recording."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime

from hotline.base.clock import now
from hotline.practice.book import Call, Conference, Member, Participant, Queue, Recording

API_VERSION = "2010-04-01"
_PLACES = ("City", "State", "Zip")


def rfc2822(at: datetime) -> str:
    """A moment the way webhooks and answers spell it."""
    return format_datetime(at)


def spelled(is_so: bool) -> str:  # noqa: FBT001  a yes or no is all there is to spell
    """Yes or no the way webhooks spell it."""
    return "true" if is_so else "false"


def call_form(account: str, call: Call) -> dict[str, str]:
    """What every request about a call carries; places are blank, as for numbers Twilio cannot place."""
    form = {
        "CallSid": call.sid,
        "AccountSid": account,
        "ApiVersion": API_VERSION,
        "CallStatus": call.status,
        "Direction": call.direction,
        "From": call.frm,
        "To": call.to,
        "Caller": call.frm,
        "Called": call.to,
    }
    if call.parent_sid:
        form["ParentCallSid"] = call.parent_sid
    if not call.frm.startswith("client:"):
        for who in ("From", "To", "Caller", "Called"):
            form |= {f"{who}{place}": "" for place in _PLACES}
            form[f"{who}Country"] = "CN"
    return form | {name: value for name, value in call.params.items() if name not in form}


def progress_form(account: str, call: Call, status: str) -> dict[str, str]:
    """A call's status callback."""
    at = now()
    form = call_form(account, call) | {
        "CallStatus": status,
        "Timestamp": rfc2822(at),
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(call.next_sequence()),
    }
    if call.is_over:
        form["CallDuration"] = str(talk_seconds(call))
        form["Duration"] = str(-(-talk_seconds(call) // 60))
    return form


def talk_seconds(call: Call) -> int:
    """From the answer to the end, 0 for a call that nobody took."""
    if call.answered_at is None:
        return 0
    return max(0, round(((call.ended_at or now()) - call.answered_at).total_seconds()))


def room_form(account: str, room: Conference, event: str) -> dict[str, str]:
    """A room's status callback, without the participant."""
    return {
        "AccountSid": account,
        "ConferenceSid": room.sid,
        "FriendlyName": room.friendly_name,
        "SequenceNumber": str(room.next_sequence()),
        "StatusCallbackEvent": event,
        "Timestamp": rfc2822(now()),
    }


def participant_form(one: Participant) -> dict[str, str]:
    """What a room's callback adds when it is about one participant."""
    form = {
        "CallSid": one.call.sid,
        "Muted": spelled(one.is_muted),
        "Hold": spelled(one.is_held),
        "Coaching": spelled(bool(one.coaches)),
        "EndConferenceOnExit": spelled(one.is_ending),
        "StartConferenceOnEnter": spelled(one.is_starting),
    }
    if one.coaches:
        form["CallSidToCoach"] = one.coaches
    if one.label:
        form["ParticipantLabel"] = one.label
    return form


def queue_form(queue: Queue, member: Member) -> dict[str, str]:
    """What a waiting document is asked with; times are whole seconds."""
    waited = [(now() - one.enqueued_at).total_seconds() for one in queue.members]
    return {
        "QueueSid": queue.sid,
        "QueuePosition": str(queue.members.index(member) + 1 if member in queue.members else 0),
        "QueueTime": str(int((now() - member.enqueued_at).total_seconds())),
        "AvgQueueTime": str(int(sum(waited) / len(waited)) if waited else 0),
        "CurrentQueueSize": str(len(queue.members)),
        "MaxQueueSize": str(queue.max_size),
    }


def recording_form(account: str, recording: Recording, url: str) -> Mapping[str, str]:
    """A recording's status callback."""
    seconds = round(((recording.ended_at or now()) - recording.started_at).total_seconds())
    form = {
        "AccountSid": account,
        "RecordingSid": recording.sid,
        "RecordingUrl": url,
        "RecordingStatus": recording.status,
        "RecordingChannels": str(recording.channels),
        "RecordingStartTime": rfc2822(recording.started_at),
        "RecordingSource": recording.source,
        "RecordingTrack": "both",
        "ErrorCode": "0",
    }
    if recording.status == "completed":
        form["RecordingDuration"] = str(max(1, seconds))
    if recording.conference_sid:
        form["ConferenceSid"] = recording.conference_sid
    if recording.call_sid:
        form["CallSid"] = recording.call_sid
    return form
