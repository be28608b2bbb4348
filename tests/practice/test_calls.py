"""Calls from the first ring to the last, as a caller and a counselor live them."""

from tests.practice.people import CALLER, LINE, Phone, Product

CONFERENCE = (
    '<Dial><Conference participantLabel="{label}" endConferenceOnExit="{ends}" beep="false" waitUrl=""'
    ' statusCallback="/room" statusCallbackEvent="start end join leave mute hold modify announcement">c_1_0'
    "</Conference></Dial>"
)
CALLER_SITS = CONFERENCE.format(label="caller", ends="true")
COUNSELOR_SITS = CONFERENCE.format(label="counselor", ends="false")
GREETING = (
    '<Gather numDigits="1" timeout="6" action="/digits?step=1"><Say>您好</Say></Gather>'
    "<Redirect>/plan</Redirect>"
)
PARK = (
    '<Enqueue waitUrl="/wait#ct=2000&amp;rt=3000&amp;rc=1&amp;rp=all">park</Enqueue>'
    "<Redirect>/plan</Redirect>"
)


def greet(product: Product) -> None:
    """The script that every journey begins with: greeting, one key, then the queue."""
    product.says(arrive=GREETING, digits=PARK, wait="<Play>/prompts/music.mp3</Play>", client=COUNSELOR_SITS)


async def connect(phone: Phone, product: Product) -> tuple[str, str]:
    """A caller and a counselor in one room."""
    greet(product)
    caller = await phone.dial()
    await phone.press(caller, "1")
    await product.got("wait")
    counselor = (await phone.control("POST", "/clients/u_7/connect", {"params": {"offer": "o1"}}))["sid"]
    await product.got("room", StatusCallbackEvent="participant-join", ParticipantLabel="counselor")
    product.says(plan=CALLER_SITS)
    queue = (await phone.api("GET", "/Queues.json")).json()["queues"][0]["sid"]
    moved = await phone.api("POST", f"/Queues/{queue}/Members/{caller}.json", Url=product.url("/plan"))
    assert moved.status_code == 200
    await phone.hears(caller, "with: counselor")
    await phone.hears(counselor, "with: caller")
    return caller, counselor


async def test_a_caller_is_greeted_parked_and_joined_with_a_counselor(phone: Phone, product: Product):
    caller, counselor = await connect(phone, product)
    arrived = product.at("arrive")[0]
    assert arrived.form["From"] == CALLER
    assert arrived.form["To"] == LINE
    assert arrived.form["CallStatus"] == "ringing"
    assert product.at("digits")[0].form["Digits"] == "1"
    assert product.at("digits")[0].form["CallStatus"] == "in-progress"
    assert product.at("wait")[0].form["QueuePosition"] == "1"
    client = product.at("client")[0].form
    assert (client["From"], client["offer"], client["CallSid"]) == ("client:u_7", "o1", counselor)
    events = [(one.form["StatusCallbackEvent"], one.form.get("CallSid")) for one in product.at("room")]
    assert sorted(events[:3], key=str) == sorted(
        [("participant-join", counselor), ("participant-join", caller), ("conference-start", None)], key=str
    )
    assert all(one.signed for one in product.asked)
    assert all("i-twilio-idempotency-token" in one.headers for one in product.asked)


async def test_when_the_caller_hangs_up_the_room_ends_and_the_counselor_is_released(
    phone: Phone, product: Product
):
    caller, counselor = await connect(phone, product)
    await phone.control("POST", f"/calls/{caller}/hangup")
    await phone.is_now(caller, "completed")
    await phone.is_now(counselor, "completed")
    [left] = await product.got("room", StatusCallbackEvent="participant-leave", CallSid=caller)
    assert left.form["ReasonParticipantLeft"] == "participant_hung_up"
    [released] = await product.got("room", StatusCallbackEvent="participant-leave", CallSid=counselor)
    assert released.form["ReasonParticipantLeft"] == "moderator_ended_conference"
    [end] = await product.got("room", StatusCallbackEvent="conference-end")
    assert end.form["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    assert end.form["CallSidEndingConference"] == caller
    [told] = await product.got("ended", CallSid=caller)
    assert told.form["CallStatus"] == "completed"
    assert told.form["CallbackSource"] == "call-progress-events"
    assert told.form["SequenceNumber"] == "0"
    numbers = [int(one.form["SequenceNumber"]) for one in product.at("room")]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


async def test_when_the_counselor_hangs_up_the_caller_stays_in_the_room(phone: Phone, product: Product):
    caller, counselor = await connect(phone, product)
    await phone.control("POST", "/clients/u_7/hangup")
    await phone.is_now(counselor, "completed")
    shown = await phone.hears(caller, "with: nobody")
    assert shown["status"] == "in-progress"
