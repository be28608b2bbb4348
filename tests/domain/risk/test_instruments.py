"""Instruments: skip logic that is total, results that only rise, answers that are refused."""

from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, strategies as st

from hotline.base.errors import Refused
from hotline.base.places import config_dir
from hotline.domain.level import Level
from hotline.domain.risk import instruments
from hotline.domain.risk.instruments import OPEN_ANSWERS, Answer, Instrument, Item
from hotline.policy import instruments as policy

HOUSE: Final = policy.load(config_dir() / "instruments")
CSSRS: Final = HOUSE["cssrs_screener"]
CRITERIA: Final = HOUSE["hard_criteria"]
ON: Final = tuple(each for each in HOUSE.values() if each.off is None)
NO: Final = {"wish_dead": "no", "thoughts": "no", "behaviour": "never"}


def weighed() -> Instrument:
    """A scale with weights of the test's own, which come to its maximum."""
    document: dict[str, Any] = {
        **HOUSE["beijing_12"].document,
        "scale": {"most": 4, "cuts": [{"from": 0, "level": "low"}, {"from": 3, "level": "high"}]},
        "items": [
            {
                "id": "attempt", "ask": {"zh": "甲", "en": "A"}, "ask_if": {}, "group": None, "number": None,
                "answers": [
                    {"id": "no", "zh": "否", "en": "no", "weight": None},
                    {"id": "yes", "zh": "是", "en": "yes", "weight": 2},
                ],
            },
            {
                "id": "hope", "ask": {"zh": "乙", "en": "B"}, "ask_if": {}, "group": None, "answers": [],
                "number": {
                    "least": 0, "most": 100, "graver": "down",
                    "weights": [{"at": 50, "weight": 1}, {"at": 20, "weight": 2}],
                },
            },
        ],
    }  # fmt: skip
    return instruments.made(document, "test")


SCALE: Final = weighed()
SCORED: Final = (CSSRS, CRITERIA, SCALE)


def known(item: Item) -> st.SearchStrategy[Answer]:
    if item.span is not None:
        return st.integers(item.span.least, item.span.most)
    return st.sampled_from([choice.id for choice in item.choices])


def any_answer(item: Item) -> st.SearchStrategy[Answer]:
    return known(item) | st.sampled_from(OPEN_ANSWERS)


@st.composite
def sheets(draw: st.DrawFn, instrument: Instrument, *, all_known: bool = False) -> dict[str, Answer]:
    """Answers as somebody gives them who is asked one question after the other."""
    answers: dict[str, Answer] = {}
    while (item := instruments.next_item(instrument, answers)) is not None:
        answers[item.id] = draw(known(item) if all_known else any_answer(item))
    return answers


@pytest.mark.parametrize("instrument", [*ON, SCALE], ids=lambda each: each.id)
@given(data=st.data())
def test_asking_comes_to_an_end_and_what_was_asked_is_taken(instrument: Instrument, data: st.DataObject):
    answers = data.draw(sheets(instrument))
    assert [item.id for item in instruments.asked(instrument, answers)] == list(answers)
    instruments.check(instrument, answers)
    instruments.result(instrument, answers)


@pytest.mark.parametrize("instrument", SCORED, ids=lambda each: each.id)
@given(data=st.data())
def test_a_graver_answer_never_makes_a_result_lighter(instrument: Instrument, data: st.DataObject):
    answers = data.draw(sheets(instrument, all_known=True))
    item = data.draw(st.sampled_from(instruments.asked(instrument, answers)))
    graver = data.draw(known(item).filter(lambda each: item.grade(each) >= item.grade(answers[item.id])))
    after = {**answers, item.id: graver}
    while (opened := instruments.next_item(instrument, after)) is not None:
        after[opened.id] = data.draw(known(opened))
    before, now = instruments.result(instrument, answers).level, instruments.result(instrument, after).level
    assert before is not None
    assert now is not None
    assert now >= before


@pytest.mark.parametrize("instrument", SCORED, ids=lambda each: each.id)
@given(data=st.data())
def test_what_is_not_known_is_not_a_no_and_what_it_could_be_bounds_what_it_is(
    instrument: Instrument, data: st.DataObject
):
    answers = data.draw(sheets(instrument, all_known=True))
    item_id = data.draw(st.sampled_from(sorted(answers)))
    unsure = {**answers, item_id: "unknown"}
    unsure = {
        each: unsure[each] for each in unsure if each in {i.id for i in instruments.asked(instrument, unsure)}
    }
    told, truth = instruments.result(instrument, unsure), instruments.result(instrument, answers)
    assert told.level is not None
    assert truth.level is not None
    assert truth.level <= Level.highest(told.level, told.could_be or told.level)
    if told.could_be is not None:
        assert told.level >= Level.UNKNOWN


@given(data=st.data())
def test_answers_that_the_skip_logic_leaves_out_are_refused(data: st.DataObject):
    skipped = data.draw(st.sampled_from(["method", "intent", "plan_intent"]))
    with pytest.raises(Refused) as refused:
        instruments.check(CSSRS, {**NO, skipped: "yes"})
    assert (refused.value.code, refused.value.fields) == ("instrument.skipped", (skipped,))


def test_the_screener_goes_from_its_second_question_to_its_sixth_after_a_no():
    answers: dict[str, Answer] = {}
    order = list[str]()
    for answer in ("yes", "no", "never"):
        item = instruments.next_item(CSSRS, answers)
        assert item is not None
        order.append(item.id)
        answers[item.id] = answer
    assert order == ["wish_dead", "thoughts", "behaviour"]
    assert instruments.next_item(CSSRS, answers) is None


def test_who_cannot_say_whether_there_are_thoughts_is_asked_on():
    asked = instruments.asked(CSSRS, {"wish_dead": "no", "thoughts": "unknown"})
    assert [item.id for item in asked] == [item.id for item in CSSRS.items]


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({**NO, "weather": "yes"}, "instrument.item"),
        ({**NO, "thoughts": "perhaps"}, "instrument.answer"),
        ({"thoughts": "no"}, "instrument.unanswered"),
        ({}, "instrument.unanswered"),
    ],
)
def test_a_sheet_that_is_not_whole_is_refused(answers: dict[str, Answer], code: str):
    with pytest.raises(Refused) as refused:
        instruments.check(CSSRS, answers)
    assert refused.value.code == code


@pytest.mark.parametrize("number", [-1, 101, 1000])
def test_a_rating_out_of_0_to_100_is_refused(number: int):
    with pytest.raises(Refused) as refused:
        instruments.check(HOUSE["self_ratings"], {"intent": number, "hopefulness": 1, "distress": 1})
    assert refused.value.code == "instrument.answer"


def test_the_beijing_template_is_off_until_a_site_enters_its_weights():
    template = HOUSE["beijing_12"]
    assert template.off == "no weights are entered; the site's clinical owner enters them."
    with pytest.raises(Refused) as refused:
        instruments.check(template, {"plan": "none"})
    assert refused.value.code == "instrument.off"


def test_a_scale_adds_up_its_weights_also_where_less_is_graver():
    for hope, attempt, score, level in (
        (80, "no", 0, Level.LOW),
        (50, "no", 1, Level.LOW),
        (20, "no", 2, Level.LOW),
        (50, "yes", 3, Level.HIGH),
    ):
        result = instruments.result(SCALE, {"attempt": attempt, "hope": hope})
        assert (result.score, result.level) == (score, level)


# ------------------------------------------------------------------------------------------- files


def template_with(tmp_path: Path, old: str, new: str, name: str = "beijing_12") -> Path:
    text = (config_dir() / "instruments" / f"{name}.yaml").read_text()
    assert old in text
    (tmp_path / f"{name}.yaml").write_text(text.replace(old, new))
    return tmp_path


def test_weights_that_do_not_come_to_the_maximum_leave_the_scale_off(tmp_path: Path):
    folder = template_with(tmp_path, "zh: 有过, en: ever}", "zh: 有过, en: ever, weight: 3}")
    folder = template_with(tmp_path, "en: within two weeks}", "en: within two weeks, weight: 3}")
    assert policy.load(folder)["beijing_12"].off == "its weights come to 3 at most, and must come to 16."


def test_a_site_that_enters_weights_of_the_maximum_and_an_example_turns_the_scale_on(tmp_path: Path):
    no = "depression acute_event chronic_event substance illness fear_of_attack abuse others_acts".split()
    sheet = ", ".join(f"{item}: no" for item in no)
    numbers = "plan: none, hopefulness: 90, distress: 5, own_attempt: within_14d"
    example = f"examples: [{{answers: {{{numbers}, {sheet}}}, level: high, score: 16}}]\n#"
    text = (config_dir() / "instruments" / "beijing_12.yaml").read_text()
    text = text.replace("en: within two weeks}", "en: within two weeks, weight: 16}")
    (tmp_path / "b.yaml").write_text(text.replace("examples: []", example))
    assert policy.load(tmp_path)["beijing_12"].off is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("ask_if: {thoughts: yes}", "ask_if: {behaviour: ever}", "not asked before it"),
        ("at_least: {intent: yes}", "at_least: {intend: yes}", "which there is not"),
        ("at_least: {behaviour: ever}", "at_least: {behaviour: often}", "which there is not"),
        ("behaviour: never}, level: none_found", "behaviour: never}, level: low", "should come to low"),
        ("- id: intent", "- id: method", "stands there twice"),
        ("use: screener", "usage: screener", "Extra inputs"),
        ("level: moderate", "level: medium", "not a level"),
        ("refused: instrument.skipped", "refused: instrument.item", "is refused (instrument.skipped)"),
    ],
)
def test_a_broken_file_is_told_of_in_a_sentence(tmp_path: Path, old: str, new: str, told: str):
    with pytest.raises(policy.InstrumentsError) as broken:
        policy.load(template_with(tmp_path, old, new, "cssrs_screener"))
    assert told in broken.value.sentence
    assert "cssrs_screener.yaml" in broken.value.sentence


def test_another_wording_is_another_version_and_another_example_is_not(tmp_path: Path):
    worded = policy.load(
        template_with(tmp_path, "过去一个月，你有没有希望", "最近一个月，你有没有希望", "cssrs_screener")
    )
    assert worded["cssrs_screener"].version != CSSRS.version
    again = policy.load(
        template_with(
            tmp_path,
            "  - {answers: {wish_dead: yes, thoughts: no, behaviour: never}, level: low}\n",
            "",
            "cssrs_screener",
        )
    )
    assert again["cssrs_screener"].version == CSSRS.version


def test_a_document_that_was_kept_asks_and_scores_as_it_did():
    kept = instruments.made(dict(CSSRS.document), CSSRS.version)
    assert kept == CSSRS
