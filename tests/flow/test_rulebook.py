"""The rulebook's life: two people, a clean check, nothing overwritten, nothing put into use twice."""

import asyncio
from uuid import UUID

import asyncpg
import pytest

from hotline.base import ids
from hotline.base.errors import Forbidden, Malformed, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain.level import Level
from hotline.domain.risk.assess import Facts
from hotline.domain.staff import Role
from hotline.flow import rulebook, shelf
from hotline.flow.rulebook import Beginning, Edit, Seen
from hotline.policy import rulebook as policy_rulebook, ruletext
from hotline.policy.shelf import Shelf
from hotline.store import live as store_live
from hotline.workers.librarian import Librarian
from tests.rulebooks import (
    FILES,
    LIMITS,
    NEW_WORD,
    begin,
    bench,
    in_use,
    lexicon,
    put_into_use,
    taught,
    with_child,
    write,
)
from tests.screen import follows
from tests.stage import Stage
from tests.still import unchanged


async def two(stage: Stage) -> tuple[UUID, UUID]:
    """An author and a second person."""
    return await stage.hire("su", Role.SUPERVISOR), await stage.hire("rui", Role.SUPERVISOR)


async def state(stage: Stage, change_id: UUID) -> str:
    return await stage.value("select state from rulebook_change where id = $1", change_id)


async def proposed(stage: Stage, author: UUID, word: str | None = None) -> tuple[UUID, str]:
    """A draft with one more phrase, handed over: its id and the hash."""
    change_id = await begin(stage, author)
    own = word or f"词{ids.new_id().hex}"
    await write(stage, change_id, author, taught(own, await lexicon(stage)), 0)
    return change_id, await rulebook.propose(stage.store, bench(), change_id, author, stage.now)


async def test_what_was_shipped_is_version_zero_and_kept_once(stage: Stage):
    for _ in range(2):
        await rulebook.ship(stage.store, FILES, stage.now)
    digest = ruletext.digest_of(FILES)
    found = await stage.value("select count(*) from rulebook_version where digest = $1", digest)
    assert found == 1
    assert await stage.value("select digest from rulebook_activation where number = 0") == digest


async def test_there_are_only_so_many_drafts_at_the_same_time(stage: Stage):
    author, _ = await two(stage)
    await begin(stage, author)
    few = LIMITS.model_copy(update={"drafts_max": 1})
    beginning = Beginning(title=Sensitive("告别的话"), digest=None, key=None)
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await rulebook.start(
                stage.store, few, stage.viewer(author, Role.SUPERVISOR), beginning, stage.now
            )
    assert refused.value.code == "rulebook.drafts"


async def test_one_person_writes_and_another_puts_it_into_use(stage: Stage):
    author, second = await two(stage)
    change_id, digest = await proposed(stage, author)
    before = await in_use(stage)
    async with follows(stage, silently=True):
        await rulebook.approve(stage.store, bench(), change_id, second, Seen(digest=digest), stage.now)
    assert await in_use(stage) == digest != before
    async with stage.store.connection() as connection:
        row = await connection.fetchrow("select * from rulebook_activation order by number desc limit 1")
        entry = await connection.fetchrow(
            "select * from journal where kind = 'rulebook.activated' order by seq desc"
        )
    assert row is not None
    assert entry is not None
    assert (row["proposed_by"], row["approved_by"]) == (author, second)
    assert (entry["actor"], entry["body"]["version"]) == (f"staff:{second}", digest)
    assert await stage.value("select count(*) from journal where body::text like '%告别的话%'") == 0


async def test_nobody_puts_their_own_work_into_use(stage: Stage):
    author, _ = await two(stage)
    change_id, digest = await proposed(stage, author)
    async with unchanged(stage):
        with pytest.raises(Forbidden) as refused:
            await rulebook.approve(stage.store, bench(), change_id, author, Seen(digest=digest), stage.now)
    assert refused.value.code == "rulebook.second_person"
    with pytest.raises(asyncpg.CheckViolationError):
        await stage.value(
            """insert into rulebook_activation
                 (id, number, version_id, digest, change_id, proposed_by, approved_by, at)
               select $1, 10000, v.id, v.digest, c.id, c.author_id, c.author_id, now()
               from rulebook_change as c join rulebook_version as v on v.digest = c.digest where c.id = $2""",
            ids.new_id(),
            change_id,
        )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("hit: [想死]", "hit: [死机]", "wish_to_die"),
        ("category: ideation", "category: idea", "names the category 'idea'"),
        ("  - id: said_no\n", "  - id: [said_no\n", "YAML"),
        ("words: {die: [死]}", "words: &a {die: [死]}\nmore: *a", "lexicon_zh.yaml"),
    ],
)
async def test_a_draft_with_a_fault_is_not_proposed(stage: Stage, old: str, new: str, told: str):
    author, _ = await two(stage)
    change_id = await begin(stage, author)
    text = await lexicon(stage)
    assert old in text
    await write(stage, change_id, author, text.replace(old, new), 0)
    async with unchanged(stage):
        with pytest.raises(Refused, match=told) as refused:
            await rulebook.propose(stage.store, bench(), change_id, author, stage.now)
    assert refused.value.code == "rulebook.faults"


async def test_a_rulebook_that_takes_too_long_is_refused_and_holds_nobody(stage: Stage):
    author, _ = await two(stage)
    change_id = await begin(stage, author)
    await write(stage, change_id, author, taught(NEW_WORD, await lexicon(stage)), 0)
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await rulebook.propose(
                stage.store, with_child(try_seconds_max=0.01), change_id, author, stage.now
            )
    assert refused.value.code == "rulebook.slow"


async def test_what_is_tried_in_a_process_of_its_own_comes_out_as_here(stage: Stage):
    sound, broken = dict(FILES), {**FILES, "lexicon_zh.yaml": taught('"(开"')}
    workbench = with_child()
    assert await workbench.check(sound) == ()
    (fault,) = await workbench.check(broken)
    assert (fault.file, fault.entry, fault.line) == ("lexicon_zh.yaml", "wish_to_die", 4)
    told = await workbench.explain(sound, Facts(text="我想死"))
    assert (told.assessment.level, told.hits) == (Level.MODERATE, (("wish_to_die", (1, 3)),))
    found = await workbench.differ(sound, {**FILES, "lexicon_zh.yaml": taught("要上路了")})
    assert [(each.name, each.fields) for each in found.entries] == [("wish_to_die", ("terms",))]
    assert "+      - 要上路了" in found.lines


async def test_only_the_author_edits_a_draft_and_two_windows_do_not_overwrite_each_other(stage: Stage):
    author, second = await two(stage)
    change_id = await begin(stage, author)
    assert await write(stage, change_id, author, taught("甲", await lexicon(stage)), 0) == 1
    async with unchanged(stage):
        with pytest.raises(Refused) as stale:
            await write(stage, change_id, author, taught("乙", await lexicon(stage)), 0)
        with pytest.raises(Forbidden) as foreign:
            await write(stage, change_id, second, taught("乙", await lexicon(stage)), 1)
        assert await write(stage, change_id, author, taught("甲", await lexicon(stage)), 0) == 1
    assert (stale.value.code, foreign.value.code) == ("rulebook.edited", "rulebook.not_yours")


async def test_a_file_beyond_the_bound_is_not_taken(stage: Stage):
    author, _ = await two(stage)
    change_id = await begin(stage, author)
    edit = Edit(name="more.yaml", text="#" * (LIMITS.file_bytes_max + 1), edition=0)
    async with unchanged(stage):
        with pytest.raises(Malformed):
            await rulebook.write(stage.store, LIMITS, change_id, author, edit, stage.now)


async def test_a_proposal_is_not_edited_until_it_is_taken_back(stage: Stage):
    author, second = await two(stage)
    change_id, _ = await proposed(stage, author)
    async with unchanged(stage):
        with pytest.raises(Refused):
            await write(stage, change_id, author, taught("乙", await lexicon(stage)), 1)
        with pytest.raises(Forbidden):
            await rulebook.withdraw(stage.store, change_id, second, stage.now)
    await rulebook.withdraw(stage.store, change_id, author, stage.now)
    await write(stage, change_id, author, taught("乙", await lexicon(stage)), 1)
    assert await state(stage, change_id) == "draft"


async def test_a_second_person_says_what_is_wrong_and_the_author_goes_on(stage: Stage):
    author, second = await two(stage)
    change_id, _ = await proposed(stage, author)
    async with unchanged(stage):
        with pytest.raises(Refused):
            await rulebook.reject(stage.store, change_id, second, Sensitive(" "), stage.now)
    await rulebook.reject(stage.store, change_id, second, Sensitive("太宽"), stage.now)
    opened = await shelf.open_change(stage.store, change_id)
    assert opened.change.state == "draft"
    assert opened.change.answer == Sensitive("太宽")
    assert opened.names[second] == "Rui"


async def test_what_was_edited_after_the_second_person_looked_is_not_put_into_use(stage: Stage):
    author, second = await two(stage)
    change_id, seen = await proposed(stage, author)
    await rulebook.withdraw(stage.store, change_id, author, stage.now)
    await write(stage, change_id, author, taught("别的词", await lexicon(stage)), 1)
    await rulebook.propose(stage.store, bench(), change_id, author, stage.now)
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await rulebook.approve(stage.store, bench(), change_id, second, Seen(digest=seen), stage.now)
    assert refused.value.code == "rulebook.moved_on"


async def test_sending_an_approval_again_changes_nothing(stage: Stage):
    author, second = await two(stage)
    change_id, digest = await proposed(stage, author)
    await rulebook.approve(stage.store, bench(), change_id, second, Seen(digest=digest), stage.now)
    async with unchanged(stage):
        await rulebook.approve(stage.store, bench(), change_id, second, Seen(digest=digest), stage.now)


async def test_beginning_again_with_the_same_key_begins_once(stage: Stage):
    author, _ = await two(stage)
    first = await begin(stage, author, key="k1")
    async with unchanged(stage):
        assert await begin(stage, author, key="k1") == first


async def test_of_two_who_put_something_into_use_at_once_one_is_told(stage: Stage):
    author, second = await two(stage)
    third = await stage.hire("hua", Role.SUPERVISOR)
    one, other = await proposed(stage, author), await proposed(stage, second)
    before = await stage.value("select count(*) from rulebook_activation")
    done = await asyncio.gather(
        *(
            rulebook.approve(stage.store, bench(), change_id, third, Seen(digest=digest), stage.now)
            for change_id, digest in (one, other)
        ),
        return_exceptions=True,
    )
    assert [type(each) for each in done].count(Refused) == 1
    assert await stage.value("select count(*) from rulebook_activation") == before + 1


async def test_whoever_was_overtaken_carries_the_own_work_over(stage: Stage):
    author, second = await two(stage)
    await begin(stage, author)
    change_id = await begin(stage, author)
    mine = (await lexicon(stage)).replace("quiet: [想死你了]", "quiet: [想死你了, 想死你啦]")
    await write(stage, change_id, author, mine, 0)
    theirs = await put_into_use(stage, second, author, f"词{ids.new_id().hex}")
    with pytest.raises(Refused) as outdated:
        await rulebook.propose(stage.store, bench(), change_id, author, stage.now)
    assert outdated.value.code == "rulebook.outdated"
    await rulebook.carry_over(stage.store, change_id, author, None, stage.now)
    opened = await shelf.open_change(stage.store, change_id)
    assert opened.change.based_on == theirs
    assert "想死你啦" in opened.files["lexicon_zh.yaml"]
    assert opened.files["lexicon_zh.yaml"].count("词") == (await lexicon(stage)).count("词")
    await rulebook.propose(stage.store, bench(), change_id, author, stage.now)


async def test_where_both_changed_the_same_lines_somebody_says_whose_stand(stage: Stage):
    author, second = await two(stage)
    change_id = await begin(stage, author)
    await write(stage, change_id, author, taught("我的", await lexicon(stage)), 0)
    await put_into_use(stage, second, author, "他们的")
    async with unchanged(stage):
        with pytest.raises(Refused) as disputed:
            await rulebook.carry_over(stage.store, change_id, author, None, stage.now)
    assert (disputed.value.code, disputed.value.fields) == ("rulebook.disputed", ("lexicon_zh.yaml",))
    await rulebook.carry_over(stage.store, change_id, author, "mine", stage.now)
    text = (await shelf.open_change(stage.store, change_id)).files["lexicon_zh.yaml"]
    assert "我的" in text
    assert "他们的" not in text


async def test_going_back_is_a_change_like_any_other(stage: Stage):
    author, second = await two(stage)
    await begin(stage, author)
    old = await in_use(stage)
    await put_into_use(stage, author, second, f"词{ids.new_id().hex}")
    change_id = await begin(stage, author, digest=old)
    digest = await rulebook.propose(stage.store, bench(), change_id, author, stage.now)
    assert digest == old
    await rulebook.approve(stage.store, bench(), change_id, second, Seen(digest=digest), stage.now)
    assert await in_use(stage) == old


async def test_a_release_does_not_undo_what_two_people_put_into_use(stage: Stage):
    author, second = await two(stage)
    chosen = await put_into_use(stage, author, second, f"词{ids.new_id().hex}")
    shipped = {**FILES, "lexicon_zh.yaml": taught(f"新版{ids.new_id().hex}")}
    await rulebook.ship(stage.store, shipped, stage.later(60))
    assert await in_use(stage) == chosen
    shown = await shelf.overview(stage.store, LIMITS)
    assert shown.newer_shipped == ruletext.digest_of(shipped)


async def test_versions_and_activations_are_never_edited_or_taken_away(stage: Stage):
    await rulebook.ship(stage.store, FILES, stage.now)
    for sentence in (
        "update rulebook_version set digest = 'x'",
        "delete from rulebook_version",
        "update rulebook_activation set digest = 'x'",
        "delete from rulebook_activation",
    ):
        with pytest.raises(asyncpg.RaiseError, match="kept as it was"):
            await stage.value(sentence)


async def test_every_node_follows_and_one_that_cannot_says_so(stage: Stage):
    author, second = await two(stage)
    await begin(stage, author)
    made = policy_rulebook.made_of(FILES)
    shelves = [Shelf(made), Shelf(made)]
    librarians = [Librarian(stage.store, each, "serve", 1) for each in shelves]
    digest = await put_into_use(stage, author, second, f"词{ids.new_id().hex}")
    for librarian in librarians:
        await librarian.look()
    assert {each.rulebook.digest for each in shelves} == {digest}
    assert {each.digest for each in (await shelf.overview(stage.store, LIMITS)).nodes} == {digest}


async def test_a_rulebook_that_a_node_cannot_compile_changes_nothing_there_and_is_told_on_the_board(
    stage: Stage,
):
    """The last of this file: what it puts into use stays there."""
    await rulebook.ship(stage.store, FILES, stage.now)
    broken = {"rules.yaml": "format: 9\n"}
    await stage.value(
        """with made as (
             insert into rulebook_version (id, digest, files, made_at) values ($1, $2, $3, now()) returning id
           )
           insert into rulebook_activation (id, number, version_id, digest, at)
           select $1, (select max(number) + 1 from rulebook_activation), id, $2, now() from made""",
        ids.new_id(),
        ruletext.digest_of(broken),
        '{"rules.yaml": "format: 9\\n"}',
    )
    kept = Shelf(policy_rulebook.made_of(FILES))
    librarian = Librarian(stage.store, kept, "work", 1)
    await librarian.look()
    await librarian.look()
    assert kept.rulebook.digest == ruletext.digest_of(FILES)
    assert kept.fault == "rulebook_broken"
    async with stage.store.connection() as connection:
        day = (await store_live.days(connection, [stage.centre.id]))[f"health:{stage.centre.id}"]
    assert "rulebook_not_followed" in str(day.card["faults"])
