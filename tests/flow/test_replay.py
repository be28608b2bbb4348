"""A replay of the last days: contacts by id, levels and rules; never words, never twice."""

from datetime import timedelta
from uuid import UUID

import pytest

from hotline.base import ids
from hotline.base.errors import Malformed, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain.rulebook import Replay
from hotline.domain.staff import Role
from hotline.flow import message, replay, rulebook, shelf
from hotline.flow.replay import Wanted
from hotline.flow.rulebook import Seen
from hotline.store import rulebook as store_rulebook
from hotline.web.console import rulebook_said
from hotline.workers import replayer
from tests.rulebooks import begin, bench, lexicon, taught, write
from tests.stage import Stage
from tests.still import unchanged


async def say(stage: Stage, contact_id: UUID, words: str) -> None:
    await message.say(
        stage.store, stage.policies, contact_id, ids.new_id(), words=Sensitive(words), now=stage.now
    )


async def a_draft(stage: Stage, word: str) -> tuple[UUID, UUID]:
    """An author and a draft with one more phrase."""
    author = await stage.hire("su", Role.SUPERVISOR)
    change_id = await begin(stage, author)
    await write(stage, change_id, author, taught(word, await lexicon(stage)), 0)
    return author, change_id


async def asked(stage: Stage, author: UUID, change_id: UUID, days: int = 7, key: str | None = None) -> UUID:
    wanted = Wanted(change_id=change_id, days=days, key=key)
    return await replay.ask(stage.store, bench(), stage.viewer(author, Role.SUPERVISOR), wanted, stage.now)


async def read(stage: Stage, replay_id: UUID) -> Replay:
    async with stage.store.connection() as connection:
        found = await store_rulebook.find_replay(connection, stage.store.vault, replay_id)
    assert found is not None
    return found


async def test_a_replay_tells_by_contact_what_would_have_changed_and_prints_no_words(stage: Stage):
    secret = "黄昏要上路"
    moved, same = await stage.chat(), await stage.chat()
    await say(stage, moved.id, f"我{secret}了")
    await say(stage, same.id, "今天下雨")
    stage.later(60)
    author, change_id = await a_draft(stage, secret)
    replay_id = await asked(stage, author, change_id)
    assert await replayer.once(stage.store, bench(), lambda: stage.now)
    done = await read(stage, replay_id)
    assert (done.state, done.is_whole) == ("done", True)
    assert done.moves == {"none_found>moderate": 1}
    assert [(each["contact_id"], each["old"], each["new"], each["rules"]) for each in done.changed] == [
        (str(moved.id), "none_found", "moderate", ["wish"])
    ]
    kept = await stage.value("select r::text from rulebook_replay as r where id = $1", replay_id)
    assert secret not in kept
    assert await stage.value("select count(*) from journal where body::text like '%上路%'") == 0
    noted = await stage.value(
        "select actor from journal where kind = 'rulebook.replayed' and centre_id = $1", stage.centre.id
    )
    assert noted == f"staff:{author}"


async def test_contacts_from_before_the_days_are_left_out(stage: Stage):
    contact = await stage.chat()
    await say(stage, contact.id, "我想搬家到月亮")
    author, change_id = await a_draft(stage, "搬家到月亮")
    stage.later(3 * 86_400)
    replay_id = await asked(stage, author, change_id, days=2)
    await replayer.once(stage.store, bench(), lambda: stage.now)
    assert (await read(stage, replay_id)).moves == {}


async def test_a_replay_past_its_bound_says_that_it_is_not_whole(stage: Stage):
    for _ in range(3):
        await stage.chat()
    author, change_id = await a_draft(stage, "词语")
    replay_id = await asked(stage, author, change_id)
    await replayer.once(stage.store, bench(replay_contacts_max=2), lambda: stage.now)
    done = await read(stage, replay_id)
    assert (done.state, done.contacts, done.is_whole) == ("done", 2, False)


async def test_a_replay_whose_worker_died_is_begun_again_and_counts_nothing_twice(stage: Stage):
    contact = await stage.chat()
    await say(stage, contact.id, "去看海的尽头")
    author, change_id = await a_draft(stage, "海的尽头")
    replay_id = await asked(stage, author, change_id)
    await stage.value(
        "update rulebook_replay set state = 'running', beat_at = $2, contacts = 40 where id = $1",
        replay_id,
        stage.now,
    )
    assert not await replayer.once(stage.store, bench(), lambda: stage.now)
    stage.now += timedelta(seconds=replay.SILENT_SECONDS_MAX + 1)
    assert await replayer.once(stage.store, bench(), lambda: stage.now)
    done = await read(stage, replay_id)
    assert (done.state, sum(done.moves.values())) == ("done", 1)
    assert done.contacts < 40


async def test_others_centres_are_counted_and_not_listed(stage: Stage):
    contact = await stage.chat()
    await say(stage, contact.id, "山那边的门")
    author, change_id = await a_draft(stage, "山那边的门")
    replay_id = await asked(stage, author, change_id)
    await replayer.once(stage.store, bench(), lambda: stage.now)
    done = await read(stage, replay_id)
    stranger = stage.viewer(author, Role.SUPERVISOR)
    assert len(shelf.seen(stranger, done)) == 1
    assert shelf.seen(type(stranger)(**{
        name: getattr(stranger, name) for name in ("staff_id", "centre_id", "roles", "permissions")
    }, reach=frozenset()), done) == []  # fmt: skip


async def test_asking_again_with_the_same_key_asks_once_and_too_many_days_are_refused(stage: Stage):
    author, change_id = await a_draft(stage, "一个词")
    first = await asked(stage, author, change_id, key="k")
    async with unchanged(stage):
        assert await asked(stage, author, change_id, key="k") == first
        with pytest.raises(Malformed):
            await asked(stage, author, change_id, days=400)
    while await replayer.once(stage.store, bench(), lambda: stage.now):
        pass


async def test_a_replay_of_another_version_does_not_pass_for_this_one(stage: Stage):
    author, change_id = await a_draft(stage, "旧词")
    second = await stage.hire("rui", Role.SUPERVISOR)
    replay_id = await asked(stage, author, change_id)
    await replayer.once(stage.store, bench(), lambda: stage.now)
    await write(stage, change_id, author, taught("新词", await lexicon(stage)), 1)
    digest = await rulebook.propose(stage.store, bench(), change_id, author, stage.now)
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await rulebook.approve(
                stage.store, bench(), change_id, second, Seen(digest=digest, replay_id=replay_id), stage.now
            )
    assert refused.value.code == "rulebook.replay"


async def test_a_replay_is_of_what_was_decided_also_when_that_is_in_use(stage: Stage):
    author, change_id = await a_draft(stage, "最后一盏灯")
    second = await stage.hire("rui", Role.SUPERVISOR)
    replay_id = await asked(stage, author, change_id)
    await replayer.once(stage.store, bench(), lambda: stage.now)
    digest = await rulebook.propose(stage.store, bench(), change_id, author, stage.now)
    seen = Seen(digest=digest, replay_id=replay_id)
    await rulebook.approve(stage.store, bench(), change_id, second, seen, stage.now)
    shown = rulebook_said.change(
        await shelf.open_change(stage.store, change_id), stage.viewer(second, Role.SUPERVISOR)
    )
    assert shown.replay is not None
    assert (shown.state, shown.replay.is_current) == ("approved", True)
