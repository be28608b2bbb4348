"""Webhooks are read into facts: once each, with what is missing told apart from what was never given."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from hotline.base.errors import Malformed
from hotline.carriers import number
from hotline.carriers.port import Answered, Ended, Joined, Left, Rang, RoomChanged
from hotline.carriers.twilio import facts
from hotline.carriers.twilio.signature import Pairs
from tests.carriers.made import CALL, LEG, PAGE, ROOM_SID

QUERY: Pairs = (("leg", str(LEG)),)


def form(**fields: str) -> Pairs:
    """A webhook about the call, with more than we know of."""
    known = {"CallSid": CALL, "AccountSid": "AC1", "ApiVersion": "2010-04-01", "SomethingNew": "in 2031"}
    return tuple((known | fields).items())


@pytest.mark.parametrize(
    ("raw", "spelled", "quality"),
    [
        ("+8613800000001", "+8613800000001", "given"),
        ("13800000001", "+8613800000001", "given"),
        ("010-6599 0000", "+861065990000", "given"),
        ("sip:+8613800000001@gateway.example;user=phone", "+8613800000001", "given"),
        ("tel:+44-20-7946-0000", "+442079460000", "given"),
        ("anonymous", None, "withheld"),
        ("Anonymous", None, "withheld"),
        ("sip:anonymous@anonymous.invalid", None, "withheld"),
        ("RESTRICTED", None, "withheld"),
        ("unknown", None, "withheld"),
        ("+266696687", None, "withheld"),
        ("+86282452253", None, "withheld"),
        ("", None, "withheld"),
        ("  ", None, "withheld"),
        ("110", None, "unusable"),
        ("client:u_7", None, "unusable"),
        ("+999123", None, "unusable"),
        ("+8613800000001 ext. 5", None, "unusable"),
        ("小明", None, "unusable"),
        ("+" + "1" * 400, None, "unusable"),
    ],
)
def test_a_caller_s_number_is_spelled_one_way_or_is_no_number(raw: str, spelled: str | None, quality: str):
    arrived = facts.arrived(form(From=raw, To="+861012356001"), "CN")
    assert (arrived.number.reveal() if arrived.number else None) == spelled
    assert arrived.quality == quality
    assert arrived.key == f"arrived:{CALL}"


def test_a_call_without_any_caller_still_arrives():
    arrived = facts.arrived(form(To="+861012356001"), "CN")
    assert (arrived.number, arrived.quality) == (None, number.WITHHELD)


@pytest.mark.parametrize(
    ("dialled", "address"),
    [("+861012356001", "+861012356001"), ("01012356001", "+861012356001"), ("12356", "12356")],
)
def test_a_line_is_found_under_its_number_or_its_short_code(dialled: str, address: str):
    assert facts.arrived(form(From="anonymous", To=dialled), "CN").to == address


def test_a_caller_s_number_shows_nowhere_by_accident():
    assert "138" not in repr(facts.arrived(form(From="+8613800000001", To="12356"), "CN"))


def test_a_counselor_s_page_says_who_it_is_and_what_for():
    picked = facts.picked_up(form(From="client:u_0f", To="", offer=str(LEG), Evil="x", long="x" * 65))
    assert (picked.identity, dict(picked.asked)) == ("u_0f", {"offer": str(LEG)})


def test_a_telephone_cannot_pass_for_a_counselor_s_page():
    with pytest.raises(Malformed):
        facts.picked_up(form(From="+8613800000001"))


@pytest.mark.parametrize(("pressed", "value"), [("9", "9"), ("", ""), ("12#*", "12#*")])
def test_keys_pressed_are_an_answer_to_their_step(pressed: str, value: str):
    digits = facts.digits((*QUERY, ("step", "menu")), form(Digits=pressed))
    assert (digits.leg_id, digits.step, digits.value) == (LEG, "menu", value)


def test_silence_is_an_answer_whatever_else_is_sent():
    digits = facts.digits((*QUERY, ("step", "menu"), ("silent", "1")), form(Digits="9"))
    assert digits.value == ""
    assert digits.key.endswith(":silence")


def test_a_wrong_key_never_swallows_a_later_call_for_help():
    step = (*QUERY, ("step", "wait"))
    wrong, help_, again = (facts.digits(step, form(Digits=one)) for one in ("5", "9", "9"))
    assert wrong.key != help_.key
    assert help_.key == again.key


@pytest.mark.parametrize("pressed", ["x", "九", "1" * 33, "1 2"])
def test_what_no_telephone_can_send_is_malformed(pressed: str):
    with pytest.raises(Malformed):
        facts.digits((*QUERY, ("step", "menu")), form(Digits=pressed))


@pytest.mark.parametrize("query", [(), (("leg", ""),), (("leg", "7"),)])
def test_an_address_without_a_leg_is_malformed(query: Pairs):
    with pytest.raises(Malformed):
        facts.planned(query, form())


def test_a_request_without_a_call_is_malformed():
    with pytest.raises(Malformed):
        facts.planned(QUERY, (("From", "x"),))


def test_a_repeated_wait_is_known_and_the_next_one_is_new():
    first, again, later = (facts.waited(QUERY, form(QueueTime=at)) for at in ("0", "0", "25"))
    assert first.key == again.key != later.key


@pytest.mark.parametrize(
    ("told", "is_reached"),
    [
        ({"DialCallStatus": "completed"}, True),
        ({"DialCallStatus": "answered"}, True),
        ({"DialCallStatus": "completed", "DialBridged": "false"}, False),
        ({"DialCallStatus": "completed", "DialBridged": "true"}, True),
        ({"DialCallStatus": "no-answer"}, False),
        ({"DialCallStatus": "busy"}, False),
        ({}, False),
    ],
)
def test_a_diversion_is_reached_only_when_somebody_picked_up(told: dict[str, str], is_reached: bool):
    diverted = facts.diverted((*QUERY, ("after", "divert")), form(**told))
    assert diverted is not None
    assert diverted.is_reached is is_reached


def test_an_ordinary_plan_comes_after_no_diversion():
    assert facts.diverted(QUERY, form(DialCallStatus="completed")) is None
    assert facts.planned(QUERY, form()).leg_id == LEG


PROGRESS = {"CallbackSource": "call-progress-events", "Timestamp": "Sat, 21 Nov 2026 19:26:23 +0000"}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("ringing", Rang),
        ("in-progress", Answered),
        ("completed", Ended),
        ("no-answer", Ended),
        ("busy", Ended),
    ],
)
def test_the_progress_of_a_call_carries_our_leg(status: str, kind: type):
    fact = facts.progressed(QUERY, form(CallStatus=status, SequenceNumber="2", **PROGRESS))
    assert isinstance(fact, kind)
    assert isinstance(fact, Rang | Answered | Ended)
    assert (fact.leg_id, fact.sequence) == (LEG, 2)
    assert fact.at == datetime(2026, 11, 21, 19, 26, 23, tzinfo=UTC)
    assert fact.key == f"call:{CALL}:call-progress-events:2"


@pytest.mark.parametrize("status", ["queued", "initiated", "something-new"])
def test_a_status_that_nobody_waits_for_is_no_fact(status: str):
    assert facts.progressed(QUERY, form(CallStatus=status, SequenceNumber="0")) is None


def test_a_caller_s_end_is_known_by_the_call_alone():
    ended = facts.progressed((), form(CallStatus="completed"))
    assert isinstance(ended, Ended)
    assert (ended.leg_id, ended.sid, ended.sequence, ended.at) == (None, CALL, None, None)
    assert ended.key == f"call:{CALL}:completed"


def room(event: str, **fields: str) -> Pairs:
    """A room's webhook."""
    known = {
        "ConferenceSid": ROOM_SID,
        "FriendlyName": "c_01_0",
        "StatusCallbackEvent": event,
        "SequenceNumber": "3",
        "Timestamp": PROGRESS["Timestamp"],
    }
    return tuple((known | fields).items())


def test_joining_and_leaving_say_who_where_and_why():
    joined = facts.room_event(room("participant-join", CallSid=CALL, ParticipantLabel="caller"))
    assert isinstance(joined, Joined)
    assert (joined.room, joined.label, joined.room_sid, joined.sid) == ("c_01_0", "caller", ROOM_SID, CALL)
    left = facts.room_event(
        room(
            "participant-leave", CallSid=CALL, ReasonParticipantLeft="participant_hung_up", SequenceNumber="4"
        )
    )
    assert isinstance(left, Left)
    assert (left.label, left.why) == ("", "participant_hung_up")
    assert (joined.key, left.key) == (f"room:{ROOM_SID}:3", f"room:{ROOM_SID}:4")


@pytest.mark.parametrize("event", ["conference-start", "conference-end", "participant-hold", "something-new"])
def test_everything_else_in_a_room_is_a_change(event: str):
    changed = facts.room_event(room(event))
    assert isinstance(changed, RoomChanged)
    assert changed.what == event


def test_a_timestamp_that_cannot_be_read_is_no_reason_to_lose_the_fact():
    for told in ("yesterday", "", "Sat, 99 Nov 2026"):
        assert facts.room_event(room("conference-end", Timestamp=told)).at is None
    naive = facts.room_event(room("conference-end", Timestamp="Sat, 21 Nov 2026 19:26:23 -0000"))
    assert naive.at == datetime(2026, 11, 21, 19, 26, 23, tzinfo=UTC)


def test_a_message_s_report_finds_its_page():
    told = (("MessageSid", "SM1"), ("MessageStatus", "undelivered"), ("ErrorCode", "30003"))
    report = facts.reported((("key", str(PAGE)),), told)
    assert (report.page_id, report.status, report.code) == (PAGE, "undelivered", "30003")


def test_a_fault_is_told_when_there_is_one():
    assert facts.fault(form()) is None
    fault = facts.fault(form(ErrorCode="11200", ErrorUrl="https://x"))
    assert fault is not None
    assert (fault.sid, fault.code) == (CALL, "11200")


def test_ids_are_read_in_any_spelling_of_a_uuid():
    assert facts.planned((("leg", LEG.hex.upper()),), form()).leg_id == UUID(str(LEG))
