"""What a demonstration keeps in its home: logins, the exchange's account, one floor at a time."""

import socket
import tomllib
from pathlib import Path

import pytest

from hotline.base.places import config_dir
from hotline.practice import account, floor, logins
from hotline.practice.account import Addresses
from hotline.practice.children import Fell
from hotline.practice.config import PracticeConfig
from tests.ports import free_port

PEOPLE = [
    {"login": f"c.{number}", "name": f"C {number}", "roles": ["counselor"], "languages": ["zh", "en"]}
    for number in range(4)
] + [
    {"login": f"r.{number}", "name": f"R {number}", "roles": ["responder"], "languages": ["zh"]}
    for number in range(2)
]
HERE = Addresses(house_port=8000, exchange_port=8090)


def test_passwords_are_made_once_and_are_for_the_owner_only(tmp_path: Path):
    first = logins.keep(tmp_path, PEOPLE)
    again = logins.keep(tmp_path, [*PEOPLE, {**PEOPLE[0], "login": "new.one"}])
    assert again[: len(first)] == first
    assert len({each.password for each in again}) == len(again)
    assert ((tmp_path / logins.FILE).stat().st_mode & 0o777) == 0o600
    assert logins.read(tmp_path) == again


def test_a_second_file_of_people_takes_nobody_s_password_away(tmp_path: Path):
    first = logins.keep(tmp_path, PEOPLE)
    others = logins.keep(tmp_path, [{**PEOPLE[0], "login": "new.one"}])
    assert [each.login for each in others] == ["new.one"]
    assert logins.read(tmp_path) == (*others, *first)


def test_a_password_can_be_read_from_a_terminal_and_typed():
    words = logins.memorable().split("-")
    assert len(words) == 4
    assert set(words[:3]) <= set(logins.WORDS)
    assert len(set(logins.WORDS)) == len(logins.WORDS) >= 128


def test_the_shift_leaves_two_counselors_and_a_responder_to_people(tmp_path: Path):
    kept = logins.keep(tmp_path, PEOPLE)
    assert logins.played(kept) == {"c.2", "c.3", "r.1"}
    demo = tomllib.loads((config_dir() / "demo.toml").read_text("utf-8"))
    played = logins.played(logins.keep(tmp_path, demo["staff"]))
    assert {"lin.yue", "grace.wu"}.isdisjoint(played)
    assert any(
        each["device"] == "phone" for each in demo["staff"] if "device" in each and each["login"] in played
    )


def test_the_exchange_and_the_house_share_an_account_that_outlives_a_change_of_ports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    first = account.keep(tmp_path, ("+862712356000",), HERE)
    moved = Addresses(house_port=8100, exchange_port=8190)
    assert account.keep(tmp_path, ("+862712356000",), moved) == first
    assert ((tmp_path / account.FILE).stat().st_mode & 0o777) == 0o600
    monkeypatch.setenv("HOTLINE_PRACTICE_FILE", str(tmp_path / account.FILE))
    config = PracticeConfig.model_validate({})
    told = first.environment(moved)
    assert config.port == 8190
    assert config.account == told["HOTLINE_TELEPHONY__ACCOUNT_SID"]
    assert config.auth_token in told["HOTLINE_TELEPHONY__AUTH_TOKENS"]
    assert config.numbers[0].voice_url == "http://127.0.0.1:8100/t/arrive"
    assert config.numbers[0].voice_fallback_url == "http://127.0.0.1:8190/bins/862712356000"
    assert config.bins == str(tmp_path / "bins")
    assert config.applications[0].sid == told["HOTLINE_TELEPHONY__APPLICATION_SID"]
    assert config.api_keys == {first.api_key: first.api_secret}


def test_a_taken_port_is_named_with_the_way_out():
    port = free_port()
    with socket.socket() as taken:
        taken.bind((account.LOOPBACK, port))
        taken.listen()
        with pytest.raises(Fell, match=f"Port {port}.*--port {port + 100}"):
            floor.require_free(port, "the house")
    floor.require_free(port, "the house")


def test_a_home_has_one_floor_at_a_time(tmp_path: Path):
    with floor.lock(tmp_path), pytest.raises(Fell, match="runs from"):
        floor.lock(tmp_path)
    floor.lock(tmp_path).close()


@pytest.mark.parametrize("port", ["99999", "65500", "80", "-1", "x"])
def test_a_port_that_leaves_no_room_is_refused_with_a_sentence(port: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        floor.main([f"--port={port}"])
    said = capsys.readouterr().err
    assert f"{port} is no port for the house; choose one from 1024 to 65445" in said
    assert "Traceback" not in said
