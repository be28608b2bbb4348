"""A rulebook of a few lines, for tests of its life; quick to compile, and sound."""

from typing import Final
from uuid import UUID

from hotline.base.sensitive import Sensitive
from hotline.domain.staff import Role
from hotline.flow import rulebook
from hotline.flow.rulebook import Beginning, Edit, Seen
from hotline.policy import trial
from hotline.policy.ruletext import Files, plain
from hotline.policy.settings import Rulebook as Limits
from hotline.policy.trial import Fault
from hotline.policy.workbench import Workbench
from tests.stage import Stage

RULES: Final = """\
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
LEXICON: Final = """\
language: zh
words: {die: [死]}
signals:
  - id: wish_to_die
    name: {zh: 想死, en: wishes to die}
    category: ideation
    terms:
      - 想<die>
    examples:
      hit: [想死]
      miss: [想吃]
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
FILES: Final = {"rules.yaml": plain(RULES), "lexicon_zh.yaml": plain(LEXICON)}
LIMITS: Final = Limits(replay_contacts_max=200, tries_waiting_max=50, drafts_max=100_000)
"""Every test leaves drafts behind, and those of a module share a database."""

WISHED: Final = "      - 想<die>\n"
NEW_WORD: Final = "要上路了"
"""Means nothing to the shipped rules of these tests; a clinician teaches them."""


def taught(word: str = NEW_WORD, base: str = FILES["lexicon_zh.yaml"]) -> str:
    """The lexicon with one more phrase."""
    assert WISHED in base
    return base.replace(WISHED, f"{WISHED}      - {word}\n")


class Here(Workbench):
    """Checks in the test's own process: the little rulebook takes milliseconds, a child a second."""

    async def check(self, files: Files) -> tuple[Fault, ...]:
        """What the child would say."""
        return trial.check(files)


def bench(**limits: float) -> Workbench:
    """A workbench with the limits of the tests, for all but what is about the child itself."""
    return Here(LIMITS.model_copy(update=limits))


def with_child(**limits: float) -> Workbench:
    """A workbench that tries everything in a process of its own, as the house does."""
    return Workbench(LIMITS.model_copy(update=limits))


async def begin(stage: Stage, author: UUID, *, digest: str | None = None, key: str | None = None) -> UUID:
    """Somebody begins a draft of what is in use; the little rulebook is, if none was before."""
    await rulebook.ship(stage.store, FILES, stage.now)
    beginning = Beginning(title=Sensitive("告别的话"), digest=digest, key=key)
    return await rulebook.start(
        stage.store, LIMITS, stage.viewer(author, Role.SUPERVISOR), beginning, stage.now
    )


async def write(stage: Stage, change_id: UUID, author: UUID, text: str | None, edition: int) -> int:
    """Put the lexicon of a draft."""
    edit = Edit(name="lexicon_zh.yaml", text=text, edition=edition)
    return await rulebook.write(stage.store, LIMITS, change_id, author, edit, stage.now)


async def in_use(stage: Stage) -> str:
    """The hash of what is in use."""
    return await stage.value("select digest from rulebook_activation order by number desc limit 1")


async def lexicon(stage: Stage) -> str:
    """The lexicon in use."""
    found = await stage.value("select files from rulebook_version where digest = $1", await in_use(stage))
    return found["lexicon_zh.yaml"]


async def put_into_use(stage: Stage, author: UUID, second: UUID, word: str) -> str:
    """From draft to use, with one more phrase; the hash."""
    change_id = await begin(stage, author)
    await write(stage, change_id, author, taught(word, await lexicon(stage)), 0)
    workbench = bench()
    digest = await rulebook.propose(stage.store, workbench, change_id, author, stage.now)
    await rulebook.approve(stage.store, workbench, change_id, second, Seen(digest=digest), stage.now)
    return digest
