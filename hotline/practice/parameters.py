"""Which parameters each REST request takes, and what each may hold.

Plain data, so that the exchange runs without Node; `tests/practice/test_oracles.py` proves that it says the
same as Twilio's OpenAPI description. Twilio itself ignores a misspelt parameter; here it is refused, because
a limit or a callback that was asked for and is not there should be found in practice.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from hotline.practice.wrong import INVALID_PARAMETER, INVALID_URL, RestError

GET_POST: Final = "GET POST"
PAGES: Final = "Page PageSize PageToken"
_WHOLE = re.compile(r"-?\d+")
_ABSOLUTE = re.compile(r"https?://[^\s/]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One kind of request: names set apart by spaces, grouped by what they hold."""

    query: str = ""
    text: str = ""
    url: str = ""
    whole: str = ""
    number: str = ""
    yes_no: str = ""
    many: str = ""
    words: Mapping[str, str] = field(default_factory=dict[str, str])
    required: str = ""

    def body(self) -> dict[str, str]:
        """Parameter -> what it holds: text, url, whole, number, yes_no, many, or the words themselves."""
        plain = ("text", "url", "whole", "number", "yes_no", "many")
        found = {name: kind for kind in plain for name in str(getattr(self, kind)).split()}
        return found | {name: words for names, words in self.words.items() for name in names.split()}


_DETECTION: Final = (
    "MachineDetectionSilenceTimeout MachineDetectionSpeechEndThreshold MachineDetectionSpeechThreshold"
    " MachineDetectionTimeout"
)

REQUESTS: Final[Mapping[tuple[str, str], Request]] = {
    ("POST", "/Calls.json"): Request(
        text="ApplicationSid AsyncAmd Byoc CallReason CallToken CallerId From MachineDetection"
        " RecordingChannels RecordingStatusCallback RecordingTrack SendDigits SipAuthPassword"
        " SipAuthUsername To Trim Twiml",
        url="AsyncAmdStatusCallback ClientNotificationUrl FallbackUrl StatusCallback Url",
        whole=f"{_DETECTION} TimeLimit Timeout",
        yes_no="Record",
        many="RecordingStatusCallbackEvent StatusCallbackEvent",
        words={
            "AsyncAmdStatusCallbackMethod FallbackMethod Method RecordingStatusCallbackMethod"
            " StatusCallbackMethod": GET_POST
        },
        required="To From",
    ),
    ("GET", "/Calls.json"): Request(
        query="EndTime EndTime< EndTime> From ParentCallSid StartTime StartTime< StartTime> Status To"
        f" {PAGES}"
    ),
    ("GET", "/Calls/{Sid}.json"): Request(),
    ("POST", "/Calls/{Sid}.json"): Request(
        text="Twiml",
        url="FallbackUrl StatusCallback Url",
        whole="TimeLimit",
        words={"FallbackMethod Method StatusCallbackMethod": GET_POST, "Status": "canceled completed"},
    ),
    ("POST", "/Queues.json"): Request(text="FriendlyName", whole="MaxSize", required="FriendlyName"),
    ("GET", "/Queues.json"): Request(query=PAGES),
    ("GET", "/Queues/{Sid}.json"): Request(),
    ("POST", "/Queues/{Sid}.json"): Request(text="FriendlyName", whole="MaxSize"),
    ("GET", "/Queues/{QueueSid}/Members.json"): Request(query=PAGES),
    ("GET", "/Queues/{QueueSid}/Members/{CallSid}.json"): Request(),
    ("POST", "/Queues/{QueueSid}/Members/{CallSid}.json"): Request(
        url="Url", words={"Method": GET_POST}, required="Url"
    ),
    ("GET", "/Conferences.json"): Request(
        query="DateCreated DateCreated< DateCreated> DateUpdated DateUpdated< DateUpdated> FriendlyName"
        f" Status {PAGES}"
    ),
    ("GET", "/Conferences/{Sid}.json"): Request(),
    ("POST", "/Conferences/{Sid}.json"): Request(
        url="AnnounceUrl", words={"Status": "completed", "AnnounceMethod": GET_POST}
    ),
    ("POST", "/Conferences/{ConferenceSid}/Participants.json"): Request(
        text="Beep Byoc CallReason CallSidToCoach CallToken CallerDisplayName CallerId ConferenceRecord"
        " ConferenceTrim From JitterBufferSize Label MachineDetection RecordingChannels RecordingTrack Region"
        " SipAuthPassword SipAuthUsername To Trim",
        url="AmdStatusCallback ClientNotificationUrl ConferenceRecordingStatusCallback "
        "ConferenceStatusCallback RecordingStatusCallback StatusCallback WaitUrl",
        whole=f"{_DETECTION} MaxParticipants TimeLimit Timeout",
        yes_no="Coaching EarlyMedia EndConferenceOnExit Muted Record StartConferenceOnEnter",
        many="ConferenceRecordingStatusCallbackEvent ConferenceStatusCallbackEvent"
        " RecordingStatusCallbackEvent StatusCallbackEvent",
        words={
            "AmdStatusCallbackMethod ConferenceRecordingStatusCallbackMethod ConferenceStatusCallbackMethod"
            " RecordingStatusCallbackMethod StatusCallbackMethod WaitMethod": GET_POST
        },
        required="To From",
    ),
    ("GET", "/Conferences/{ConferenceSid}/Participants.json"): Request(query=f"Coaching Hold Muted {PAGES}"),
    ("GET", "/Conferences/{ConferenceSid}/Participants/{CallSid}.json"): Request(),
    ("POST", "/Conferences/{ConferenceSid}/Participants/{CallSid}.json"): Request(
        text="CallSidToCoach",
        url="AnnounceUrl HoldUrl WaitUrl",
        yes_no="BeepOnExit Coaching EndConferenceOnExit Hold Muted",
        words={"AnnounceMethod HoldMethod WaitMethod": GET_POST},
    ),
    ("DELETE", "/Conferences/{ConferenceSid}/Participants/{CallSid}.json"): Request(),
    ("GET", "/Conferences/{ConferenceSid}/Recordings.json"): Request(
        query=f"DateCreated DateCreated< DateCreated> {PAGES}"
    ),
    ("POST", "/Conferences/{ConferenceSid}/Recordings/{Sid}.json"): Request(
        text="PauseBehavior",
        words={"Status": "in-progress paused stopped processing completed absent"},
        required="Status",
    ),
    ("GET", "/Conferences/{ConferenceSid}/Recordings/{Sid}.json"): Request(),
    ("GET", "/Recordings.json"): Request(
        query=f"CallSid ConferenceSid DateCreated DateCreated< DateCreated> IncludeSoftDeleted {PAGES}"
    ),
    ("GET", "/Recordings/{Sid}.json"): Request(query="IncludeSoftDeleted"),
    ("DELETE", "/Recordings/{Sid}.json"): Request(),
    ("POST", "/Messages.json"): Request(
        text="ApplicationSid Body ContentSid ContentVariables From MessagingServiceSid SendAt To",
        url="StatusCallback",
        number="MaxPrice",
        whole="Attempt ValidityPeriod",
        yes_no="ForceDelivery ProvideFeedback SendAsMms ShortenUrls SmartEncoded",
        many="MediaUrl PersistentAction",
        words={
            "ContentRetention": "retain discard",
            "AddressRetention": "retain obfuscate",
            "TrafficType": "free",
            "ScheduleType": "fixed",
            "RiskCheck": "enable disable",
        },
        required="To",
    ),
    ("GET", "/Messages.json"): Request(query=f"DateSent DateSent< DateSent> From To {PAGES}"),
    ("GET", "/Messages/{Sid}.json"): Request(),
    ("GET", "/IncomingPhoneNumbers.json"): Request(query=f"Beta FriendlyName Origin PhoneNumber {PAGES}"),
    ("GET", "/IncomingPhoneNumbers/{Sid}.json"): Request(),
    ("GET", "/Applications.json"): Request(query=f"FriendlyName {PAGES}"),
    ("GET", "/Applications/{Sid}.json"): Request(),
}


class Form:
    """A body that has been checked: repeated keys are kept for the parameters that take many."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Take the pairs in the order of the body."""
        self._pairs = list(pairs)

    def __contains__(self, name: str) -> bool:
        """Whether the parameter was given at all."""
        return any(key == name for key, _ in self._pairs)

    def get(self, name: str, otherwise: str = "") -> str:
        """The parameter as text."""
        return next((value for key, value in self._pairs if key == name), otherwise)

    def many(self, name: str) -> list[str]:
        """Every value of a parameter; one value may hold several words, as Twilio allows."""
        return [word for key, value in self._pairs if key == name for word in value.split()]

    def yes(self, name: str, *, otherwise: bool) -> bool:
        """The parameter as yes or no."""
        return self.get(name) == "true" if name in self else otherwise

    def number(self, name: str, otherwise: int) -> int:
        """The parameter as a whole number."""
        return int(self.get(name)) if name in self else otherwise


def check_body(method: str, template: str, pairs: Iterable[tuple[str, str]]) -> Form:
    """The body as a form.

    Raises: RestError when a parameter is unknown, missing or holds what it may not.
    """
    given = list(pairs)
    request = REQUESTS[method, template]
    known = request.body()
    for name, value in given:
        if name not in known:
            raise RestError(400, INVALID_PARAMETER, f"{method} {template} has no parameter {name}")
        _check_value(name, known[name], value)
        if known[name] != "many" and sum(1 for key, _ in given if key == name) > 1:
            raise RestError(400, INVALID_PARAMETER, f"{name} is given more than once")
    names = {name for name, _ in given}
    for name in request.required.split():
        if name not in names:
            raise RestError(400, INVALID_PARAMETER, f"{name} is missing")
    return Form(given)


def check_query(method: str, template: str, names: Iterable[str]) -> None:
    """Raises: RestError when the query names a parameter that the request does not have."""
    known = frozenset(REQUESTS[method, template].query.split())
    for name in names:
        if name not in known:
            raise RestError(400, INVALID_PARAMETER, f"{method} {template} has no query parameter {name}")


def _check_value(name: str, kind: str, value: str) -> None:
    match kind:
        case "text" | "many" | "number":
            fits = True
        case "url":
            fits = value == "" or _ABSOLUTE.match(value) is not None
        case "whole":
            fits = _WHOLE.fullmatch(value) is not None
        case "yes_no":
            fits = value in {"true", "false"}
        case words:
            fits = value in words.split()
    if not fits:
        code = INVALID_URL if kind == "url" else INVALID_PARAMETER
        raise RestError(400, code, f"{name}={value!r} is not {kind.replace('_', ' or ')}")
