"""Whole talks, message by message, against the rulebook that we ship: what each one raises the contact to.

A line that begins with "A:" is the counselor's; behind each of the caller's stands the level that the contact
has from then on. All of them are made up.
"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from hotline.domain.background import Background, Past, ask, remember
from hotline.domain.risk.assess import Assessment, Facts, Rulebook
from hotline.domain.risk.levels import Level, Verdict
from hotline.domain.risk.rules import Answer, Form, History
from hotline.policy.rulebook import DEFAULT_FOLDER, RulebookError, load, made_of
from hotline.policy.ruletext import files_of

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
NONE, UNKNOWN, LOW, MODERATE, HIGH, IMMINENT = Level

Talk = list[str | tuple[str, Level]]


@pytest.fixture(scope="module")
def rules() -> Rulebook:
    return load(DEFAULT_FOLDER)


def told(rules: Rulebook, talk: Talk, form: Form | None = None) -> list[tuple[Level, Assessment]]:
    """The level after each of the caller's messages, and how that message was judged."""
    background, level = Background(timezone="Asia/Shanghai"), NONE
    found: list[tuple[Level, Assessment]] = []
    for seq, line in enumerate(talk, 1):
        at = NOON + timedelta(minutes=seq)
        if isinstance(line, str):
            background = ask(background, rules.topics(line.removeprefix("A: ")), seq)
            continue
        past = Past(heard=background.heard, asked=background.asked, at=int(at.timestamp()), seq=seq)
        facts = Facts(text=line[0], past=past, level=level, form=form or Form(), hour=12)
        assessment = rules.assess(facts)
        background = remember(background, assessment.said, at, seq)
        level = Level.highest(level, assessment.level)
        found.append((level, assessment))
    return found


TALKS: list[Talk] = [
    # hopelessness early, means later
    [("最近每天都睡不着", NONE), ("我撑不下去了", LOW), "A: 发生了什么？",
     ("失业三个月了", LOW), ("安眠药就在手边", HIGH)],
    [("I feel hopeless", LOW), "A: Tell me more.",
     ("lost my job in May", LOW), ("I have pills next to me", HIGH)],
    # the wish, then the means; a denial afterwards takes nothing away
    [("我不想活了", MODERATE), ("我手里有一瓶安眠药", IMMINENT), ("我没有想过要自杀", IMMINENT)],
    [("I want to die", MODERATE), ("I have a bottle of pills next to me", IMMINENT), ("forget it", IMMINENT)],
    # a thought cut into pieces
    [("我想从楼上跳下去", HIGH), "A: 你打算什么时候？", ("就今晚", IMMINENT)],
    [("I want to kill myself", MODERATE), "A: When are you planning to do this?", ("tonight", IMMINENT)],
    [("我不想活了", MODERATE), ("药在手边", IMMINENT), ("都吃了", IMMINENT), ("头好晕", IMMINENT)],
    # yes and no are answers to what was asked
    [("最近很累", NONE), "A: 你有没有想过自杀？", ("有", MODERATE), "A: 有没有具体的计划呢？", ("有", HIGH)],
    [("I am tired", NONE), "A: Are you thinking about suicide?",
     ("yes", MODERATE), "A: Do you have a plan?", ("yes", HIGH)],
    [("最近很累", NONE), "A: 你有没有想过自杀？", ("没有", NONE)],
    [("我有点难过", NONE), "A: 你现在安全吗？", ("不能保证", HIGH)],
    [("rough week", NONE), "A: Are you safe right now?", ("I don't know", HIGH)],
    [("我不想活了", MODERATE), "A: 你已经吃了药吗？", ("是的", IMMINENT)],
    # the counselor's own words are not the caller's
    [("你好", NONE), "A: 你想自杀吗？手边有药吗？打算今晚？", ("最近工作很忙", NONE)],
    ["A: Do you want to kill yourself tonight?", ("just stressed about exams", NONE)],
    # somebody else: the context stays, so does the flag
    [("我朋友说要自杀", MODERATE), "A: 他现在在哪里？", ("她现在联系不上，电话关机", HIGH)],
    [("my friend says she is going to kill herself", MODERATE),
     ("she isn't answering and locked the door", HIGH)],
    # a child
    [("我爸打我", MODERATE), "A: 你多大了？", ("我今年13岁", HIGH)],
    # goodbye after a plan
    [("我已经决定自杀了", HIGH), ("谢谢你陪我，不用管我了", HIGH)],
    # everyday talks stay what they are
    [("作业写好了", NONE), ("今晚吃火锅", NONE), ("笑死我了", NONE), ("再见", NONE), ("谢谢你陪我", NONE)],
    [("想换工作", NONE), "A: 有没有计划？", ("有", NONE), "A: 什么时候？", ("今晚", NONE), ("吃了", NONE)],
    [("my boss is killing me", NONE), "A: When did it begin?",
     ("tonight", NONE), ("I did it", NONE), ("yes", NONE)],
    [("和室友吵架了", NONE), "A: 吃饭了吗？",
     ("吃了", NONE), "A: 有人陪你吗？", ("有", NONE), ("对不起", NONE)],
    # said long ago by somebody who is well now
    [("I was suicidal in high school but I am okay now", LOW), ("I like my new job", LOW)],
]  # fmt: skip


@pytest.mark.parametrize("talk", TALKS, ids=lambda talk: str(talk[0])[:30])
def test_a_talk_is_judged_by_all_of_it(rules: Rulebook, talk: Talk):
    expected = [line[1] for line in talk if not isinstance(line, str)]
    assert [level for level, _ in told(rules, talk)] == expected


def test_there_are_talks_enough():
    assert len(TALKS) >= 20


def test_a_later_denial_of_a_plan_is_shown_to_a_human(rules: Rulebook):
    (_, last) = told(rules, [("我已经决定自杀了", HIGH), ("我没有想过要自杀", HIGH)])
    assert "denies_what_was_said" in {finding.rule for finding in last[1].findings}


def test_what_is_said_of_somebody_else_keeps_their_flag(rules: Rulebook):
    (_, last) = told(rules, [("我朋友说要自杀", MODERATE), ("她现在联系不上", HIGH)])
    assert last[1].flags == {"suicide", "third_party"}


def test_a_rule_over_the_talk_speaks_once_and_not_at_every_later_message(rules: Rulebook):
    (*_, last) = told(rules, [("我不想活了", MODERATE), ("药在手边", IMMINENT), ("谢谢", IMMINENT)])
    assert last[1].level is NONE


def test_a_wish_after_an_attempt_on_the_form_is_high(rules: Rulebook):
    assert told(rules, [("我想死", HIGH)], Form(attempted_before=Answer.YES))[0][0] is HIGH


def test_an_overlong_message_in_a_talk_stays_unsure(rules: Rulebook):
    (_, last) = told(rules, [("我不想活了", MODERATE), ("好" * 5_000, MODERATE)])
    assert last[1].unsure
    assert last[1].level is UNKNOWN


def test_a_history_that_could_not_be_read_is_unsure_and_not_a_miss(rules: Rulebook):
    unread = History(recent_high=None, recent_attempt=None, abandoned_recently=None, frequent=None)
    found = rules.assess(Facts(channel="phone", history=unread))
    verdicts = {finding.rule: finding.verdict for finding in found.findings}
    assert verdicts["frequent_caller"] is Verdict.UNSURE
    assert verdicts["third_try_within_an_hour"] is Verdict.UNSURE
    assert found.level is UNKNOWN


def test_a_rule_that_would_speak_at_every_message_is_refused():
    files = files_of(DEFAULT_FOLDER)
    name = "rules_conversation.yaml"
    changed = files[name].replace("said.means && (heard.distress", "heard.means && (heard.distress")
    assert changed != files[name]
    with pytest.raises(RulebookError, match=r"hopeless_then_means.*at every message"):
        made_of({**files, name: changed})


WORDS = ["我撑不下去了", "我不想活了", "药在手边", "我没有想过要自杀", "今天下雨", "就今晚", "谢谢"]


@given(messages=st.lists(st.sampled_from(WORDS), max_size=8))
@settings(deadline=None, max_examples=30)
def test_what_was_said_before_never_makes_a_message_less_grave(rules: Rulebook, messages: list[str]):
    talk = told(rules, [(each, NONE) for each in messages])
    for (level, in_talk), words in zip(talk, messages, strict=True):
        alone = rules.assess(Facts(text=words, hour=12))
        assert in_talk.level >= alone.level
        assert in_talk.flags >= alone.flags
        assert level >= in_talk.level
