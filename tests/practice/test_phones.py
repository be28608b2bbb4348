"""Phones that ring because the product calls them: counselors, specialists, other centres."""

from tests.practice.people import CALLER, LINE, Phone, Product
from tests.practice.test_calls import CALLER_SITS

COUNSELOR = "+8613900000007"
ACCEPT = '<Gather numDigits="1" timeout="600" action="/accept"><Say>按1接听</Say></Gather><Hangup/>'


async def ring(phone: Phone, product: Product, **more: str | list[str]) -> str:
    """Call the counselor's phone; what it hears is `/offer`."""
    placed = await phone.api(
        "POST",
        "/Calls.json",
        From=LINE,
        To=COUNSELOR,
        Url=product.url("/offer"),
        StatusCallback=product.url("/leg"),
        StatusCallbackEvent=["initiated", "ringing", "answered", "completed"],
        **more,
    )
    assert placed.status_code == 201, placed.text
    assert placed.json()["status"] == "queued"
    return placed.json()["sid"]


async def test_a_counselor_takes_a_call_by_pressing_one(phone: Phone, product: Product):
    product.says(offer=ACCEPT, accept="<Say>connected</Say><Pause length='600'/>")
    sid = await ring(phone, product)
    ringing = await phone.ringing()
    assert (ringing["sid"], ringing["to"]) == (sid, COUNSELOR)
    await phone.control("POST", f"/calls/{sid}/answer")
    await phone.hears(sid, "按1接听")
    await phone.press(sid, "1")
    await phone.hears(sid, "connected")
    assert product.at("offer")[0].form["Direction"] == "outbound-api"
    await phone.control("POST", f"/calls/{sid}/hangup")
    await product.got("leg", CallStatus="completed")
    told = sorted(product.at("leg"), key=lambda one: int(one.form["SequenceNumber"]))
    assert [one.form["CallStatus"] for one in told] == ["initiated", "ringing", "in-progress", "completed"]


async def test_a_phone_that_is_not_taken_says_how(phone: Phone, product: Product):
    sid = await ring(phone, product, Timeout="5")
    await product.got("leg", CallSid=sid, CallStatus="no-answer")
    sid = await ring(phone, product)
    await phone.ringing()
    await phone.control("POST", f"/calls/{sid}/decline", {"status": "busy"})
    await product.got("leg", CallSid=sid, CallStatus="busy")
    sid = await ring(phone, product)
    await phone.ringing()
    ended = await phone.api("POST", f"/Calls/{sid}.json", Status="canceled")
    assert ended.json()["status"] == "canceled"
    await product.got("leg", CallSid=sid, CallStatus="canceled")
    assert product.at("offer") == []


async def test_cancelling_leaves_a_call_in_progress_alone_and_completing_ends_it(
    phone: Phone, product: Product
):
    product.says(arrive="<Say>hello</Say><Pause length='600'/>")
    caller = await phone.dial()
    await phone.hears(caller, "hello")
    left = await phone.api("POST", f"/Calls/{caller}.json", Status="canceled")
    assert left.json()["status"] == "in-progress"
    assert (await phone.api("POST", f"/Calls/{caller}.json", Status="completed")).json()[
        "status"
    ] == "completed"
    gone = await phone.api("POST", f"/Calls/{caller}.json", Url=product.url("/plan"))
    assert (gone.status_code, gone.json()["code"]) == (400, 21220)


async def test_a_specialist_is_called_into_the_room_by_its_name(phone: Phone, product: Product):
    product.says(arrive=CALLER_SITS)
    caller = await phone.dial()
    await product.got("room", StatusCallbackEvent="participant-join")
    form = {"From": LINE, "To": COUNSELOR, "Label": "specialist", "EndConferenceOnExit": "false"}
    made = await phone.api("POST", "/Conferences/c_1_0/Participants.json", **form)
    assert made.status_code == 201
    assert made.json()["label"] == "specialist"
    again = await phone.api("POST", "/Conferences/c_1_0/Participants.json", **form)
    assert (again.status_code, again.json()["code"]) == (400, 16025)
    ringing = await phone.ringing()
    await phone.control("POST", f"/calls/{ringing['sid']}/answer")
    await phone.hears(caller, "with: specialist")
    await phone.control("POST", f"/calls/{ringing['sid']}/hangup")
    await phone.hears(caller, "with: nobody")


async def test_a_specialist_who_does_not_come_frees_the_label(phone: Phone, product: Product):
    product.says(arrive=CALLER_SITS)
    await phone.dial()
    await product.got("room", StatusCallbackEvent="participant-join")
    form = {"From": LINE, "To": COUNSELOR, "Label": "specialist", "Timeout": "5"}
    await phone.api("POST", "/Conferences/c_1_0/Participants.json", **form)
    [left] = await product.got("room", StatusCallbackEvent="participant-leave", ParticipantLabel="specialist")
    assert left.form["ReasonParticipantLeft"] == "participant_add_failed"
    assert left.form["ParticipantCallStatus"] == "no-answer"
    assert (await phone.api("POST", "/Conferences/c_1_0/Participants.json", **form)).status_code == 201


async def test_another_centre_accepts_an_overflowing_call(phone: Phone, product: Product):
    product.says(
        arrive=f'<Dial timeout="600" answerOnBridge="true" action="/left" callerId="{LINE}">'
        '<Number url="/offer">+8613900000009</Number><Number>+8613900000010</Number></Dial>',
        offer=ACCEPT,
        accept="<Pause/>",
        left="<Say>goodbye</Say><Hangup/>",
    )
    caller = await phone.dial()
    first = await phone.ringing()
    assert (await phone.control("GET", f"/calls/{caller}"))["status"] == "ringing"
    assert (first["from"], first["parent"]) == (LINE, caller)
    await phone.control("POST", f"/calls/{first['sid']}/answer")
    await phone.press(first["sid"], "1")
    await phone.hears(caller, "talking with +8613900000009")
    assert (await phone.control("GET", "/ringing")) == []
    await phone.control("POST", f"/calls/{first['sid']}/hangup")
    [left] = await product.got("left")
    assert (left.form["DialCallStatus"], left.form["DialBridged"]) == ("completed", "true")


async def test_nobody_takes_the_overflowing_call(phone: Phone, product: Product):
    product.says(
        arrive='<Dial timeout="5" action="/left">+8613900000009</Dial>',
        left="<Enqueue waitUrl='/wait'>park</Enqueue>",
        wait="<Pause length='60'/>",
    )
    await phone.dial()
    [left] = await product.got("left")
    assert left.form["DialCallStatus"] == "no-answer"
    await product.got("wait")


async def test_a_queue_can_be_answered_by_dialling_it(phone: Phone, product: Product):
    product.says(
        arrive='<Enqueue waitUrl="/wait" action="/queued">park</Enqueue>',
        wait="<Pause length='60'/>",
        client="<Dial><Queue>park</Queue></Dial>",
        queued="<Say>after the talk</Say>",
    )
    caller = await phone.dial()
    await product.got("wait")
    counselor = (await phone.control("POST", "/clients/u_7/connect", {"params": {}}))["sid"]
    await phone.hears(counselor, f"talking with {CALLER}")
    await phone.control("POST", f"/calls/{counselor}/hangup")
    await product.got("queued", QueueResult="bridged")
    await phone.hears(caller, "after the talk")
