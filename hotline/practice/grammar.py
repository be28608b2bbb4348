"""Which TwiML the exchange carries out: elements, where they may stand, and what their attributes hold.

Plain data, so that the exchange runs without Node; `tests/practice/test_oracles.py` proves that it says
the same as Twilio's own builder classes. Verbs outside this table (Pay, Connect, Sms, ...) are refused like
misspelt ones: the product has no use for them, so to see one is a mistake. Words that Twilio keeps
adding to (voices, languages, ring tones) are taken as any text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """What one attribute may hold; `is_list` means words set apart by spaces."""

    kind: Literal["text", "number", "boolean", "words"]
    words: frozenset[str] = frozenset()
    is_list: bool = False


TEXT: Final = Holds(kind="text")
NUMBER: Final = Holds(kind="number")
YES_NO: Final = Holds(kind="boolean")


def _one_of(words: str) -> Holds:
    return Holds(kind="words", words=frozenset(words.split()))


def _some_of(words: str) -> Holds:
    return Holds(kind="words", words=frozenset(words.split()), is_list=True)


def _takes(*, text: str = "", number: str = "", boolean: str = "", **words: Holds) -> Mapping[str, Holds]:
    plain = dict.fromkeys(text.split(), TEXT)
    plain |= dict.fromkeys(number.split(), NUMBER)
    plain |= dict.fromkeys(boolean.split(), YES_NO)
    return plain | words


_PROGRESS: Final = _some_of("initiated ringing answered completed")
_RECORDED: Final = _some_of("in-progress completed absent")
_TRIM: Final = _one_of("trim-silence do-not-trim")
_DETECTION: Final = " ".join(
    f"machineDetection{part}"
    for part in ("SilenceTimeout", "SpeechEndThreshold", "SpeechThreshold", "Timeout")
)

CHILDREN: Final[Mapping[str, frozenset[str]]] = {
    "Response": frozenset(
        "Say Play Pause Gather Enqueue Leave Redirect Dial Record Reject Hangup".split(),
    ),
    "Gather": frozenset({"Say", "Play", "Pause"}),
    "Dial": frozenset({"Conference", "Number", "Client", "Queue"}),
    "Client": frozenset({"Identity", "Parameter"}),
}

ATTRIBUTES: Final[Mapping[str, Mapping[str, Holds]]] = {
    "Response": _takes(),
    "Say": _takes(text="language voice", number="loop"),
    "Play": _takes(text="digits", number="loop"),
    "Pause": _takes(number="length"),
    "Gather": _takes(
        text="action finishOnKey hints language method partialResultCallback partialResultCallbackMethod"
        " speechModel speechTimeout",
        number="maxSpeechTime numDigits timeout",
        boolean="actionOnEmptyResult bargeIn debug enhanced profanityFilter",
        input=_some_of("dtmf speech"),
    ),
    "Enqueue": _takes(text="action method waitUrl waitUrlMethod workflowSid", number="maxQueueSize"),
    "Leave": _takes(),
    "Redirect": _takes(text="method"),
    "Dial": _takes(
        text="action callerId method passports recordingConfigurationId recordingStatusCallback"
        " recordingStatusCallbackMethod referMethod referUrl ringTone",
        number="timeLimit timeout",
        boolean="answerOnBridge hangupOnStar sequential",
        events=_one_of("call-progress-event"),
        record=_one_of(
            "do-not-record record-from-answer record-from-answer-dual record-from-ringing"
            " record-from-ringing-dual"
        ),
        recordingStatusCallbackEvent=_RECORDED,
        recordingTrack=_one_of("both inbound outbound"),
        trim=_TRIM,
    ),
    "Record": _takes(
        text="action finishOnKey method recordingConfigurationId recordingStatusCallback"
        " recordingStatusCallbackMethod transcribeCallback",
        number="maxLength timeout",
        boolean="playBeep transcribe",
        recordingStatusCallbackEvent=_RECORDED,
        trim=_TRIM,
    ),
    "Reject": _takes(reason=_one_of("busy rejected")),
    "Hangup": _takes(),
    "Conference": _takes(
        text="coach eventCallbackUrl participantLabel recordingConfigurationId recordingStatusCallback"
        " recordingStatusCallbackMethod statusCallback statusCallbackMethod waitMethod waitUrl",
        number="maxParticipants",
        boolean="endConferenceOnExit muted startConferenceOnEnter",
        beep=_one_of("true false onEnter onExit"),
        jitterBufferSize=_one_of("large medium small off"),
        record=_one_of("do-not-record record-from-start"),
        recordingStatusCallbackEvent=_RECORDED,
        region=_one_of("us1 us2 ie1 sg1 br1 au1 jp1 de1"),
        statusCallbackEvent=_some_of("start end join leave mute hold modify speaker announcement"),
        trim=_TRIM,
    ),
    "Number": _takes(
        text="amdStatusCallback amdStatusCallbackMethod byoc machineDetection method sendDigits"
        " statusCallback statusCallbackMethod url",
        number=_DETECTION,
        statusCallbackEvent=_PROGRESS,
    ),
    "Client": _takes(text="method statusCallback statusCallbackMethod url", statusCallbackEvent=_PROGRESS),
    "Queue": _takes(text="method postWorkActivitySid reservationSid url"),
    "Identity": _takes(),
    "Parameter": _takes(text="name value"),
}

SPOKEN: Final = frozenset({"Say", "Play", "Pause"})
"""What may be heard in a room's waiting or hold document, besides Redirect."""

IN_ROOM: Final = SPOKEN | {"Redirect"}
IN_QUEUE: Final = SPOKEN | {"Redirect", "Gather", "Leave", "Hangup"}
IN_WHISPER: Final = SPOKEN | {"Redirect", "Gather", "Hangup"}
