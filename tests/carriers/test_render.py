"""Every plan becomes a document that Twilio's own grammar accepts and that leads somewhere."""

from datetime import time
from uuid import UUID
from xml.etree import ElementTree

import pytest

from hotline.base.errors import Broken
from hotline.base.places import config_dir
from hotline.carriers.twilio.render import ANYBODY, Renderer, fallback
from hotline.carriers.twilio.urls import Urls
from hotline.domain.centre import Channel, Line
from hotline.domain.leg import Ask, Bye, Divert, Park, Plan, Prompt, Room
from hotline.policy import phrases
from tests.carriers.made import BASE, LEG, URLS, Words, say
from tests.oracles import check_twiml

GREETING = Prompt(key="greeting", language="zh", values=(("languages", "zh+en"),))
WAITING = Prompt(key="waiting", language="zh")
FAREWELL = Prompt(key="farewell", language="zh")
ASK = Ask(prompt=GREETING, step="menu")
PARK = Park(prompt=WAITING, step="wait")
CALLER_ROOM = Room(name="c_01_0", label="caller", is_anchor=True)
COUNSELOR_ROOM = Room(name="c_01_0", label="counselor", is_anchor=False)
DIVERT = Divert(to="+861012356002", prompt=Prompt(key="diverted", language="zh"))
BYE = Bye(prompt=FAREWELL)
PLANS: tuple[Plan, ...] = (ASK, PARK, CALLER_ROOM, COUNSELOR_ROOM, DIVERT, BYE)

RENDERER = Renderer(urls=URLS, say=say, parking="park")
LEG_QUERY = f"leg={LEG}"


def body(document: str) -> str:
    """The document without its frame, as one would write it by hand."""
    head = '<?xml version="1.0" encoding="UTF-8"?><Response>'
    assert document.startswith(head)
    assert document.endswith("</Response>")
    return document.removeprefix(head).removesuffix("</Response>")


def test_a_caller_is_greeted_and_silence_is_an_answer_too():
    assert body(RENDERER.plan(LEG, ASK)) == (
        f'<Gather action="{BASE}/t/digits?{LEG_QUERY}&amp;step=menu" input="dtmf" method="POST"'
        ' numDigits="1" timeout="6"><Say language="cmn-CN">greeting zh languages=zh+en</Say></Gather>'
        f'<Redirect method="POST">{BASE}/t/digits?{LEG_QUERY}&amp;step=menu&amp;silent=1</Redirect>'
    )


def test_a_waiting_caller_is_parked_and_asks_for_its_plan_when_the_queue_lets_go():
    assert body(RENDERER.plan(LEG, PARK)) == (
        f'<Enqueue waitUrl="{BASE}/t/wait?{LEG_QUERY}#ct=2000&amp;rt=3000&amp;rc=1&amp;rp=all"'
        ' waitUrlMethod="POST">park</Enqueue>'
        f'<Redirect method="POST">{BASE}/t/plan?{LEG_QUERY}</Redirect>'
    )


def test_a_parked_caller_hears_the_prompt_and_may_press_a_key_all_the_while():
    assert body(RENDERER.in_queue(LEG, PARK)) == (
        f'<Gather action="{BASE}/t/digits?{LEG_QUERY}&amp;step=wait" input="dtmf" method="POST"'
        ' numDigits="1" timeout="25"><Say language="cmn-CN">waiting zh</Say></Gather>'
    )


def test_music_fills_the_wait_and_still_listens_for_keys():
    renderer = Renderer(urls=URLS, say=say, parking="park", music="https://cdn.example/rain.mp3")
    assert body(renderer.in_queue(LEG, PARK)) == (
        f'<Gather action="{BASE}/t/digits?{LEG_QUERY}&amp;step=wait" input="dtmf" method="POST"'
        ' numDigits="1" timeout="1"><Say language="cmn-CN">waiting zh</Say>'
        "<Play>https://cdn.example/rain.mp3</Play></Gather>"
    )


@pytest.mark.parametrize("plan", [ASK, CALLER_ROOM, DIVERT, BYE])
def test_a_parked_caller_whose_plan_has_changed_leaves_the_queue(plan: Plan):
    assert body(RENDERER.in_queue(LEG, plan)) == "<Leave />"


def test_a_caller_is_the_anchor_of_the_room_and_never_falls_into_silence():
    assert body(RENDERER.plan(LEG, CALLER_ROOM)) == (
        '<Dial><Conference beep="false" endConferenceOnExit="true" participantLabel="caller"'
        f' startConferenceOnEnter="true" statusCallback="{BASE}/t/room?room=c_01_0"'
        ' statusCallbackEvent="start end join leave mute hold modify" statusCallbackMethod="POST"'
        ' waitUrl="">c_01_0</Conference></Dial>'
        f'<Redirect method="POST">{BASE}/t/plan?{LEG_QUERY}</Redirect>'
    )


def test_a_counselor_who_leaves_does_not_end_the_room():
    document = RENDERER.plan(LEG, COUNSELOR_ROOM)
    assert 'endConferenceOnExit="false"' in document
    assert "Redirect" not in document
    assert "muted" not in document


def test_everybody_in_a_room_reports_to_the_same_address_because_the_first_one_wins():
    other = UUID(int=8)
    addresses = {
        conference.get("statusCallback")
        for leg, plan in ((LEG, CALLER_ROOM), (other, COUNSELOR_ROOM))
        for conference in ElementTree.fromstring(RENDERER.plan(leg, plan)).iter("Conference")  # noqa: S314
    }
    assert addresses == {f"{BASE}/t/room?room=c_01_0"}


def test_whoever_is_not_there_to_talk_is_muted():
    room = Room(name="c_01_0", label="supervisor", is_anchor=False, mode="monitor")
    assert 'muted="true"' in RENDERER.plan(LEG, room)


def test_a_diverted_caller_comes_back_to_a_plan_when_nobody_picks_up():
    assert body(RENDERER.plan(LEG, DIVERT)) == (
        '<Say language="cmn-CN">diverted zh</Say>'
        f'<Dial action="{BASE}/t/plan?{LEG_QUERY}&amp;after=divert" answerOnBridge="true" method="POST"'
        ' timeout="20"><Number>+861012356002</Number></Dial>'
    )


def test_goodbye_is_said_before_the_line_is_let_go():
    assert body(RENDERER.plan(LEG, BYE)) == '<Say language="cmn-CN">farewell zh</Say><Hangup />'


def test_a_recording_is_played_instead_of_speech():
    renderer = Renderer(
        urls=URLS, say=lambda _: (Words(text="x", audio="https://cdn.example/bye.mp3"),), parking="park"
    )
    assert body(renderer.plan(LEG, BYE)) == "<Play>https://cdn.example/bye.mp3</Play><Hangup />"


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: type(plan).__name__)
def test_twilio_s_own_grammar_has_nothing_to_object_to(plan: Plan):
    words = _real_words()
    renderer = Renderer(urls=URLS, say=words.say, parking="park", music="https://cdn.example/rain.mp3")
    assert check_twiml(renderer.plan(LEG, plan)) == []
    assert check_twiml(renderer.in_queue(LEG, plan)) == []


def test_what_callers_say_in_chinese_survives_the_xml():
    document = Renderer(urls=URLS, say=_real_words().say, parking="park").plan(LEG, ASK)
    heard = [one.text or "" for one in ElementTree.fromstring(document).iter("Say")]  # noqa: S314
    assert heard[0].startswith("您好")
    assert [one.split(",")[0] for one in heard[1:]] == ["普通话请按 1，有危险请按 9。", "For English"]


def line(overflow: str | None) -> Line:
    """A line in two languages."""
    return Line(
        id=UUID(int=1),
        centre_id=UUID(int=2),
        channel=Channel.VOICE,
        address="+861012356001",
        name="12356",
        languages=("zh", "en"),
        opens_at=time(8),
        closes_at=time(2),
        overflow=overflow,
    )


def test_the_fallback_names_help_rings_the_overflow_and_needs_nothing_of_us():
    document = fallback(line("+861012356002"), _real_words().say)
    assert check_twiml(document) == []
    verbs = [verb.tag for verb in ElementTree.fromstring(document)]  # noqa: S314
    assert verbs == ["Say"] * 6 + ["Dial"] + ["Say"] * 2 + ["Hangup"]
    assert "http" not in document
    assert "幺二零" in document
    assert "one two zero" in document


def test_the_fallback_of_a_line_without_overflow_still_names_help():
    document = fallback(line(None), _real_words().say)
    assert check_twiml(document) == []
    verbs = [verb.tag for verb in ElementTree.fromstring(document)]  # noqa: S314
    assert verbs == ["Say"] * 4 + ["Hangup"]


@pytest.mark.parametrize(
    "base", ["https://h.example/", "ftp://h", "https://u:p@h", "https://h/?q", "h.example"]
)
def test_a_public_base_that_cannot_be_signed_is_refused_at_start(base: str):
    with pytest.raises(Broken):
        Urls(base=base)


def test_an_address_never_holds_what_would_be_signed_in_another_spelling():
    with pytest.raises(Broken):
        URLS.digits(LEG, "menü")
    with pytest.raises(Broken):
        URLS.room("c 1&x=2")


def _real_words() -> phrases.Phrases:
    return phrases.load(config_dir() / "phrases", ("110", "119", "120", "12356"), "zh")


def test_documents_that_are_kept_still_belong_to_the_leg_that_asks():
    other = UUID(int=7)
    for plan in PLANS:
        for write in (RENDERER.plan, RENDERER.in_queue):
            first, again = write(LEG, plan), write(other, plan)
            assert again == first.replace(str(LEG), str(other))
            assert str(ANYBODY) not in first + again
