"""Seals open where they were made, and nowhere else."""

import json
from pathlib import Path

import pytest

from hotline.base import ids
from hotline.base.errors import Broken
from hotline.base.sensitive import Sensitive
from hotline.store import vault

WORDS = Sensitive("我不想说我的名字")


def test_a_seal_opens_in_its_own_row_and_column_only() -> None:
    ring = vault.load(vault.text_of(vault.new_keys()))
    row = ids.new_id()
    seal = ring.seal("message.words", row, WORDS)
    assert ring.open("message.words", row, seal) == WORDS
    assert WORDS.reveal().encode() not in seal
    for place, other in (("session.words", row), ("message.words", ids.new_id())):
        with pytest.raises(Broken, match="does not belong"):
            ring.open(place, other, seal)
    with pytest.raises(Broken, match="does not belong"):
        ring.open("message.words", row, seal[:-1] + bytes([seal[-1] ^ 1]))


def test_an_old_key_opens_and_the_new_one_seals() -> None:
    old = vault.new_keys()
    new = vault.new_keys()
    both = {**old, "primary": 2, "keys": {**old["keys"], "2": new["keys"]["1"]}}  # type: ignore[dict-item]
    row = ids.new_id()
    seal = vault.load(json.dumps(old)).seal("leg.x", row, WORDS)
    ring = vault.load(json.dumps(both))
    assert ring.open("leg.x", row, seal) == WORDS
    assert ring.seal("leg.x", row, WORDS)[1] == 2
    with pytest.raises(Broken, match="key that is not in the key file"):
        vault.load(json.dumps(old)).open("leg.x", row, ring.seal("leg.x", row, WORDS))


def test_equal_numbers_have_equal_indexes_under_one_key_only() -> None:
    first, second = (vault.load(vault.text_of(vault.new_keys())) for _ in range(2))
    number = Sensitive("+8613800000000")
    assert first.index(number) == first.index(Sensitive("+8613800000000"))
    assert first.index(number) != second.index(number)


@pytest.mark.parametrize(
    "text", ["", "{}", '{"primary": 1, "keys": {"1": "AA=="}, "index_key": "AA=="}', "[1]"]
)
def test_a_bad_key_file_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(Broken, match="key file"):
        vault.load(text)


def test_a_key_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    first = vault.load_or_make(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert vault.load_or_make(path).index_key == first.index_key
