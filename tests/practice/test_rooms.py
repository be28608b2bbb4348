"""Rooms: labels, hold, coaching, announcements, recordings, and how they end."""

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from tests.practice.people import ACCOUNT, APP, KEY, SECRET, Phone, Product
from tests.practice.test_calls import CALLER_SITS, COUNSELOR_SITS, connect


async def room_of(phone: Phone) -> str:
    """The CF identifier of the one live room."""
    found = (await phone.api("GET", "/Conferences.json?Status=in-progress&FriendlyName=c_1_0")).json()
    return found["conferences"][0]["sid"]


async def test_a_second_participant_with_the_same_label_goes_on_to_the_next_verb(
    phone: Phone, product: Product
):
    await connect(phone, product)
    product.says(client=COUNSELOR_SITS + "<Say>label taken</Say><Hangup/>")
    second = (await phone.control("POST", "/clients/u_8/connect", {"params": {}}))["sid"]
    await phone.hears(second, "label taken")
    happened = await phone.control("GET", "/happenings")
    assert any(one["kind"] == "fault" and one["detail"]["code"] == 16025 for one in happened)


async def test_a_participant_is_updated_under_the_room_identifier_only(phone: Phone, product: Product):
    caller, _ = await connect(phone, product)
    refused = await phone.api("POST", f"/Conferences/c_1_0/Participants/{caller}.json", Hold="true")
    assert (refused.status_code, refused.json()["code"]) == (404, 20404)
    held = await phone.api(
        "POST", f"/Conferences/{await room_of(phone)}/Participants/caller.json", Hold="true"
    )
    assert held.json()["hold"] is True


async def test_on_hold_one_hears_the_hold_document_and_is_not_heard(phone: Phone, product: Product):
    caller, counselor = await connect(phone, product)
    product.says(hold="<Play loop='0'>/music/calm.mp3</Play>")
    path = f"/Conferences/{await room_of(phone)}/Participants/{caller}.json"
    await phone.api("POST", path, Hold="true", HoldUrl=product.url("/hold"))
    await product.got("room", StatusCallbackEvent="participant-hold", Hold="true")
    await phone.hears(caller, "calm")
    await phone.hears(counselor, "with: nobody")
    await phone.api("POST", path, EndConferenceOnExit="false")
    assert (await phone.api("GET", path)).json()["end_conference_on_exit"] is True
    await phone.api("POST", path, Hold="false")
    await product.got("room", StatusCallbackEvent="participant-unhold", Hold="false")
    assert (await phone.api("POST", path, EndConferenceOnExit="false")).json()[
        "end_conference_on_exit"
    ] is False


async def test_a_supervisor_who_coaches_is_heard_by_the_counselor_only(phone: Phone, product: Product):
    caller, counselor = await connect(phone, product)
    product.says(
        client=f'<Dial><Conference coach="{counselor}" participantLabel="supervisor" muted="true">c_1_0'
        "</Conference></Dial>"
    )
    await phone.control("POST", "/clients/u_9/connect", {"params": {}})
    await phone.hears(counselor, "supervisor (muted)")
    path = f"/Conferences/{await room_of(phone)}/Participants/supervisor.json"
    await phone.api("POST", path, Muted="false")
    await product.got("room", StatusCallbackEvent="participant-unmute", ParticipantLabel="supervisor")
    assert "supervisor" not in (await phone.control("GET", f"/calls/{caller}"))["hears"]["text"]
    await phone.api("POST", path, Coaching="false")
    await phone.hears(caller, "supervisor")


async def test_everyone_can_be_told_something(phone: Phone, product: Product):
    caller, counselor = await connect(phone, product)
    product.says(announce="<Say>请稍等</Say>")
    room = await room_of(phone)
    await phone.api(
        "POST", f"/Conferences/{room}.json", AnnounceUrl=product.url("/announce"), AnnounceMethod="POST"
    )
    await phone.hears(caller, "请稍等")
    await phone.hears(counselor, "请稍等")
    await product.got("room", StatusCallbackEvent="announcement-end")


async def test_sending_a_leg_elsewhere_takes_it_out_of_the_room_and_asks_for_the_action_in_vain(
    phone: Phone, product: Product
):
    _, counselor = await connect(phone, product)
    product.says(plan="<Say>private</Say><Pause length='999'/>")
    await phone.api("POST", f"/Calls/{counselor}.json", Url=product.url("/plan"))
    await phone.hears(counselor, "private")
    [left] = await product.got("room", StatusCallbackEvent="participant-leave", CallSid=counselor)
    assert left.form["ReasonParticipantLeft"] == "participant_updated_via_api"
    assert left.form["ParticipantCallStatus"] == "in-progress"


async def test_ending_a_room_lets_every_leg_go(phone: Phone, product: Product):
    caller, counselor = await connect(phone, product)
    room = await room_of(phone)
    ended = await phone.api("POST", f"/Conferences/{room}.json", Status="completed")
    assert ended.json()["status"] == "completed"
    await phone.is_now(caller, "completed")
    await phone.is_now(counselor, "completed")
    assert (await phone.api("GET", f"/Conferences/{room}/Participants.json")).json()["participants"] == []
    [end] = await product.got("room", StatusCallbackEvent="conference-end")
    assert end.form["ReasonConferenceEnded"] == "conference-ended-via-api"


async def test_a_recording_of_a_room_is_announced_fetched_and_erased(phone: Phone, product: Product):
    records = '<Conference record="record-from-start" recordingStatusCallback="/recording" '
    product.says(client=COUNSELOR_SITS.replace("<Conference ", records), arrive=CALLER_SITS)
    await phone.control("POST", "/clients/u_7/connect", {"params": {}})
    await product.got("room", StatusCallbackEvent="participant-join", ParticipantLabel="counselor")
    product.says(arrive=CALLER_SITS.replace("<Conference ", records))
    caller = await phone.dial()
    await phone.hears(caller, "with: counselor")
    room = await room_of(phone)
    paused = await phone.api(
        "POST", f"/Conferences/{room}/Recordings/Twilio.CURRENT.json", Status="paused", PauseBehavior="skip"
    )
    assert paused.json()["status"] == "paused"
    await phone.control("POST", f"/calls/{caller}/hangup")
    [told] = await product.got("recording", RecordingStatus="completed")
    sid = told.form["RecordingSid"]
    sound = await phone.api("GET", f"/Recordings/{sid}.wav?RequestedChannels=2")
    assert sound.content.startswith(b"RIFF")
    assert (await phone.api("DELETE", f"/Recordings/{sid}.json")).status_code == 204
    assert (await phone.api("GET", f"/Recordings/{sid}.json")).status_code == 404


async def test_a_lost_device_is_noticed_late_and_leaves_the_caller_in_the_room(
    phone: Phone, product: Product
):
    caller, counselor = await connect(phone, product)
    await phone.control("POST", "/clients/u_7/lose", {"seconds": 30})
    await phone.control("POST", "/clients/u_7/hangup")
    shown = await phone.control("GET", f"/calls/{counselor}")
    assert (shown["lost"], shown["status"]) == (True, "in-progress")
    await phone.is_now(counselor, "completed")
    await product.got("room", StatusCallbackEvent="participant-leave", CallSid=counselor)
    await phone.hears(caller, "with: nobody")


async def test_a_browser_needs_a_token_that_grants_the_call(phone: Phone, product: Product):
    token = AccessToken(ACCOUNT, KEY, SECRET, identity="u_7", ttl=600)
    token.add_grant(VoiceGrant(outgoing_application_sid=APP, incoming_allow=False))
    product.says(client=COUNSELOR_SITS)
    taken = await phone.control("POST", "/clients/u_7/connect", {"token": token.to_jwt()})
    assert taken["from"] == "client:u_7"
    for identity, text in (("u_8", token.to_jwt()), ("u_7", token.to_jwt()[:-3] + "abc"), ("u_7", "x")):
        refused = await phone.ask("POST", f"/clients/{identity}/connect", {"token": text})
        assert refused.status_code in {401, 403}
