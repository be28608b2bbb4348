import re
import shutil
from pathlib import Path

import pytest

from hotline.domain.risk.assess import Facts, Rulebook
from hotline.domain.risk.levels import Level, Verdict
from hotline.domain.risk.rules import Answer, Form, History, Speaker
from hotline.policy import ruletext
from hotline.policy.rulebook import DEFAULT_FOLDER, RulebookError, compile_all, judge, load

RULES = """\
limits: {text_characters_max: 400, places_max: 200}
categories:
  ideation: {zh: 想法, en: thoughts}
  denied: {zh: 否认, en: denial}
rules:
  - id: wish
    when: said.ideation && !said.denied
    level: moderate
    flags: [suicide]
    reason: {zh: 有想法, en: has thoughts}
    examples: {hit: [我想死], miss: [我想吃]}
"""
LEXICON = """\
language: zh
words: {die: [死]}
signals:
  - id: wish_to_die
    name: {zh: 想死, en: wishes to die}
    category: ideation
    terms: [想<die>]
    examples: {hit: [想死], miss: [想吃]}
  - id: said_no
    name: {zh: 否认, en: denies}
    category: denied
masks:
  - id: idiom
    why: {zh: 习语, en: idiom}
    hides: [all]
    terms: [想死你]
    examples: {quiet: [想死你了], heard: [我想死]}
"""


@pytest.fixture(scope="module")
def shipped() -> Rulebook:
    return load(DEFAULT_FOLDER)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    (tmp_path / "lexicon_zh.yaml").write_text(LEXICON, encoding="utf-8")
    return tmp_path


def faults(folder: Path, file: str, old: str, new: str) -> tuple[str, ...]:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RulebookError) as caught:
        load(folder)
    return caught.value.faults


# ---------------------------------------------------------------- the rulebook we ship


def test_the_shipped_rulebook_passes_its_own_examples(shipped: Rulebook):
    assert len(shipped.rules) >= 30
    assert len(shipped.digest) == 64


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("我已经吃了一瓶安眠药，不想活了", Level.IMMINENT),
        ("I have taken the pills and I want to die", Level.IMMINENT),
        ("我今晚就要从楼上跳下去", Level.HIGH),
        ("我女儿吞了一整瓶药，怎么办", Level.IMMINENT),
        ("I'm standing on the edge of the bridge", Level.IMMINENT),
        ("遗書已經寫好了", Level.HIGH),
        ("唔想做人", Level.MODERATE),
        ("我想自-杀", Level.MODERATE),
        ("i wanna k!ll mys3lf", Level.MODERATE),
        ("I'm trying so hard not to kill myself", Level.MODERATE),
        ("没有一天不想死", Level.MODERATE),
        ("我老公昨晚又打我", Level.MODERATE),
        ("I want to stab my brother", Level.MODERATE),
    ],
)
def test_a_plain_crisis_sentence_is_heard(shipped: Rulebook, text: str, least: Level):
    assert shipped.assess(Facts(text=text)).level >= least


@pytest.mark.parametrize(
    "text",
    [
        "笑死我了哈哈哈",
        "我还年轻，生日快乐",
        "他一个人暗自伤神",
        "跳楼价大甩卖",
        "我从来没有想过自杀",
        "我每天吃一片安眠药才能睡着",
        "再见，谢谢你的帮助",
        "this homework is killing me",
        "I don't want to live with my parents anymore",
        "I'm not suicidal, just stressed",
        "can we hang out tonight",
        "it was a suicide mission for the team",
    ],
)
def test_everyday_speech_and_denial_raise_no_flag(shipped: Rulebook, text: str):
    assert shipped.assess(Facts(text=text)).level < Level.MODERATE


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "group",
    [
        ("method", "act_word"),
        ("plan", "intent"),
        ("now", "soon"),
        ("means", "preparation"),
        ("farewell",),
        ("in_progress",),
        ("passive",),
        ("self_harm",),
        ("past_attempt", "attempt_recent"),
        ("third_party",),
        ("third_party_now",),
        ("violence",),
        ("danger_now",),
        ("abuse",),
        ("child_abuse",),
        ("psychosis",),
        ("intoxication",),
    ],
    ids="/".join,
)
def test_every_kind_of_danger_can_be_heard_in_both_languages(
    shipped: Rulebook, language: str, group: tuple[str, ...]
):
    heard = {signal.category for signal in shipped.lexicon.signals if signal.id.startswith(language)}
    assert not heard.isdisjoint(group)


@pytest.mark.parametrize(
    "text",
    ["ѕuicіdal again", "wo xiang si", "我想zisha", "想 卧 轨", "今晚在家zs", "kil my self tonight", "想自鯊"],  # noqa: RUF001
)
def test_hidden_spellings_and_slang_are_heard(shipped: Rulebook, text: str):
    assert shipped.assess(Facts(text=text)).level >= Level.MODERATE


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("我躲在厕所里，他喝醉了在砸门", {"violence", "abuse"}),
        ("he is banging on my bedroom door, I locked myself in the bathroom", {"violence", "abuse"}),
        ("我女儿刚刚吞了一瓶安眠药", {"suicide", "third_party"}),
        ("my friend just took a whole bottle of pills", {"suicide", "third_party"}),
        ("耳边一直有声音叫我去死", {"suicide", "psychosis"}),
        ("I'm drunk and I want to jump off the bridge", {"suicide", "intoxication"}),
    ],
)
def test_danger_to_others_and_states_carry_their_own_flags(shipped: Rulebook, text: str, flags: set[str]):
    found = shipped.assess(Facts(text=text))
    assert found.level >= Level.HIGH
    assert found.flags >= flags


@pytest.mark.parametrize(
    ("alone", "together"),
    [
        ("我今晚就去找你", "走饭，我今晚就去找你"),
        ("我决定走了", "太绝望了，我决定走了"),
        ("I'm done with my boss", "there is no hope left, I'm done here"),
    ],
)
def test_weak_signs_count_only_together(shipped: Rulebook, alone: str, together: str):
    assert shipped.assess(Facts(text=alone)).level < Level.MODERATE
    assert shipped.assess(Facts(text=together)).level >= Level.MODERATE


def test_a_denial_leaves_a_mark_of_its_own(shipped: Rulebook):
    found = shipped.assess(Facts(text="我没有想过要自杀"))
    assert "denied" in {finding.rule for finding in found.findings}


def test_spans_point_at_the_words_as_the_caller_wrote_them(shipped: Rulebook):
    text = "唉。我 真的 好想自 殺"
    (finding,) = [one for one in shipped.assess(Facts(text=text)).findings if one.rule == "ideation"]
    assert any(text[start:end].endswith("自 殺") for start, end in finding.spans)


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        (Facts(channel="phone", keys=frozenset({"crisis"})), Level.HIGH),
        (Facts(form=Form(safe_now=Answer.NO)), Level.HIGH),
        (Facts(form=Form(safe_now=Answer.UNSURE)), Level.MODERATE),
        (Facts(form=Form(thoughts_now=Answer.YES)), Level.HIGH),
        (Facts(history=History(recent_high=True)), Level.HIGH),
        (Facts(text="我爸打我", form=Form(age_band="10-13")), Level.HIGH),
        (Facts(), Level.NONE_FOUND),
    ],
)
def test_keys_form_and_history_count_without_any_words(shipped: Rulebook, facts: Facts, level: Level):
    assert shipped.assess(facts).level is level


def test_a_history_that_could_not_be_read_is_unsure_and_not_a_miss(shipped: Rulebook):
    found = shipped.assess(Facts(text="你好", history=History(recent_high=None)))
    assert found.unsure
    assert found.level is Level.UNKNOWN
    assert [(one.rule, one.verdict) for one in found.findings] == [("high_within_a_month", Verdict.UNSURE)]


def test_an_overlong_text_leaves_its_rules_unsure(shipped: Rulebook):
    found = shipped.assess(Facts(text="今天天气不错。" * 1_000))
    assert found.unsure
    assert found.level is Level.UNKNOWN


def test_a_counselors_question_is_no_evidence(shipped: Rulebook):
    words = "你想自杀吗？想跳楼吗？"
    assert shipped.assess(Facts(text=words, speaker=Speaker.COUNSELOR)).level is Level.NONE_FOUND


def test_an_explanation_names_the_mask_that_hid_a_signal(shipped: Rulebook):
    told = shipped.explain(Facts(text="想死你了"))
    assert "zh_degree_idiom" in {mask for _, mask, _ in told.hidden}
    assert told.assessment.level is Level.NONE_FOUND


def test_the_scale_for_judging_runs_from_nothing_to_acute():
    assert [judge(text) for text in ("你好", "我撑不下去了", "我想死", "我想跳楼", "我刚割腕了")] == [
        0,
        1,
        2,
        3,
        3,
    ]


# ---------------------------------------------------------------- loading


def test_a_sound_rulebook_loads_and_judges(folder: Path):
    book = load(folder)
    assert book.assess(Facts(text="我想死")).level is Level.MODERATE
    assert book.assess(Facts(text="想死你了")).level is Level.NONE_FOUND


def test_the_hash_follows_the_words_and_not_the_blanks(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
):
    before = load(folder).digest
    other = shutil.copytree(folder, tmp_path_factory.mktemp("copy") / "risk")
    path = other / "rules.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("\n", "  \r\n"), encoding="utf-8")
    assert load(other).digest == before
    path.write_text(
        path.read_text(encoding="utf-8").replace("has thoughts", "has thoughts!"), encoding="utf-8"
    )
    assert load(other).digest != before


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("rules.yaml", "said.ideation &&", "said.ideatoin &&", "rule 'wish'.*undeclared reference"),
        ("rules.yaml", "said.ideation && !said.denied", "level + 1", "rule 'wish'.*yes-or-no"),
        ("rules.yaml", "said.ideation && !said.denied", "channel > 3", "rule 'wish'.*overload"),
        ("rules.yaml", "level: moderate", "level: severe", "'wish'.*not a level"),
        ("rules.yaml", "flags: [suicide]", "flags: [doom]", "'wish'.*flags"),
        ("rules.yaml", "hit: [我想死]", "hit: [我想睡]", "rule 'wish': the example '我想睡' should hit"),
        (
            "rules.yaml",
            "miss: [我想吃]",
            "miss: [真的想死]",
            "rule 'wish': the example '真的想死' should miss",
        ),
        ("rules.yaml", "hit: [我想死], miss", "hit: [], miss", "'wish'.*at least 1"),
        ("rules.yaml", "level: moderate", "level: moderate\n    lowers: low", "'wish' lowers.*not permitted"),
        ("rules.yaml", "limits:", "limitz:", "limitz"),
        ("lexicon_zh.yaml", "category: denied", "category: denial", "signal 'said_no'.*'denial'"),
        ("lexicon_zh.yaml", "想<die>", "想<dye>", "signal 'wish_to_die'.*<dye> is not a word list"),
        ("lexicon_zh.yaml", "想死你]", "(想死你]", "mask 'idiom'.*does not close"),
        ("lexicon_zh.yaml", "hit: [想死]", "hit: [死机]", "signal 'wish_to_die'.*should be noticed"),
        ("lexicon_zh.yaml", "quiet: [想死你了]", "quiet: [我想死]", "mask 'idiom'.*stay below moderate"),
        ("lexicon_zh.yaml", "hides: [all]", "hides: [everything]", "mask 'idiom'.*'everything'"),
        ("lexicon_zh.yaml", "hides: [all]", "hides: [all]\n    becomes: nobody", "'nobody'.*no signal"),
        ("lexicon_zh.yaml", "id: said_no", "id: wish_to_die", "signal 'wish_to_die' stands there twice"),
        ("lexicon_zh.yaml", "language: zh", "language: zh\nlanguage: zh", "'language' stands there twice"),
        ("lexicon_zh.yaml", "signals:", "signals: [", "not readable YAML"),
    ],
)
def test_a_broken_rulebook_is_refused_with_a_sentence(
    folder: Path, file: str, old: str, new: str, sentence: str
):
    listed = "\n".join(faults(folder, file, old, new))
    assert re.search(sentence, listed), listed


def test_all_faults_are_listed_and_not_only_the_first(folder: Path):
    path = folder / "rules.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("[我想死]", "[我想睡]"), encoding="utf-8")
    found = faults(folder, "lexicon_zh.yaml", "hit: [想死]", "hit: [死机]")
    assert len(found) == 2


@pytest.mark.parametrize("beyond", ["files", "bytes"])
def test_what_is_beyond_the_limits_is_refused_and_never_cut_off(folder: Path, beyond: str):
    if beyond == "bytes":
        (folder / "lexicon_zz.yaml").write_text("#" * (ruletext.FILE_BYTES_MAX + 1))
    else:
        for nth in range(ruletext.FILES_MAX):
            (folder / f"more_{nth}.yaml").write_text("language: zh\n")
    with pytest.raises(RulebookError, match="at most"):
        load(folder)


def test_an_empty_folder_is_no_rulebook(tmp_path: Path):
    with pytest.raises(RulebookError, match="exactly one file of rules with `limits`"):
        load(tmp_path)


def test_a_missing_fact_inside_a_condition_is_unsure_unless_another_part_settles_it(folder: Path):
    path = folder / "rules.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("said.ideation && !said.denied", "said.ideation || history.recent_high"),
        encoding="utf-8",
    )
    unread = History(recent_high=None)

    def verdicts(words: str) -> list[Verdict]:
        found = load(folder).assess(Facts(text=words, history=unread))
        return [finding.verdict for finding in found.findings]

    assert verdicts("我想死") == [Verdict.HIT]
    assert verdicts("你好") == [Verdict.UNSURE]


def test_every_shipped_phrase_compiles(shipped: Rulebook):
    compile_all(shipped)
