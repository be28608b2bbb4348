"""Recordings: begun, paused, finished, told of. The sound is a second of silence."""

import io
import wave

from hotline.base.clock import now
from hotline.practice.book import Callback, Recording
from hotline.practice.desk import Desk
from hotline.practice.forms import API_VERSION, recording_form
from hotline.practice.sids import new_sid

SAMPLES_PER_SECOND = 8000


def begin(
    desk: Desk, source: str, *, call_sid: str = "", conference_sid: str = "", callback: Callback | None
) -> Recording:
    """Start recording."""
    recording = Recording(
        sid=new_sid("RE"),
        source=source,
        call_sid=call_sid,
        conference_sid=conference_sid,
        channels=2 if conference_sid else 1,
        callback=callback,
    )
    desk.book.recordings[recording.sid] = recording
    _tell(desk, recording)
    return recording


def finish(desk: Desk, recording: Recording) -> None:
    """Stop recording; a second call changes nothing."""
    if recording.ended_at is None:
        recording.ended_at = now()
        recording.status = "completed"
        _tell(desk, recording)


def address(desk: Desk, recording: Recording) -> str:
    """Where the sound is fetched."""
    return f"{desk.address}/{API_VERSION}/Accounts/{desk.config.account}/Recordings/{recording.sid}"


def sound(channels: int) -> bytes:
    """A second of silence as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(SAMPLES_PER_SECOND)
        out.writeframes(b"\0\0" * channels * SAMPLES_PER_SECOND)
    return file.getvalue()


def _tell(desk: Desk, recording: Recording) -> None:
    desk.feed.tell("recording", recording.call_sid, recording=recording.sid, status=recording.status)
    if recording.callback is not None and recording.status in recording.callback.events:
        form = recording_form(desk.config.account, recording, address(desk, recording))
        desk.post.notify(recording.sid, recording.callback, form)
