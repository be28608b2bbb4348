"""What chat pages show is read for all of them at once, and agrees with what each would read alone."""

import pytest

from hotline.base import ids
from hotline.store import chat_pages, contact as store_contact
from tests.stage import Stage


async def test_pages_read_together_stand_where_each_stands_alone(stage: Stage) -> None:
    contacts = [await stage.chat(safe_now=safe) for safe in ("yes", "no", "yes", "unsure")]
    asked = [contact.id for contact in contacts]
    async with stage.store.connection() as connection:
        pages = await chat_pages.read(connection, stage.store.vault, [*asked, ids.new_id()])
        alone = {each.id: await store_contact.ahead_of(connection, each) for each in contacts}
    assert {contact_id: page.ahead for contact_id, page in pages.items()} == alone
    assert sorted(alone.values(), key=lambda ahead: ahead or 0) == [0, 1, 2, 3]


async def test_whoever_waits_behind_the_front_of_the_queue_has_no_place(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_pages, "AHEAD_MAX", 1)
    contacts = [await stage.chat() for _ in range(3)]
    async with stage.store.connection() as connection:
        pages = await chat_pages.read(connection, stage.store.vault, [each.id for each in contacts])
        front = await chat_pages.front(connection, contacts[0].centre_id)
    assert [pages[each.id].ahead for each in contacts] == [0, 1, None]
    assert not front.is_whole
