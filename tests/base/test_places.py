"""What a checkout has wins; environment variables win over that; private folders are private."""

import stat
from pathlib import Path

import pytest

from hotline.base import places
from hotline.base.errors import Broken

TOP = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _no_overrides(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("HOTLINE_CONFIG", raising=False)
    monkeypatch.delenv("HOTLINE_HOME", raising=False)


def test_a_checkout_runs_on_the_files_that_its_developer_edits():
    assert places.checkout() == TOP
    assert places.config_dir() == TOP / "config"
    assert places.console_dist() in {None, TOP / "hotline" / "console" / "dist"}


def test_an_operator_names_another_folder_of_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOTLINE_CONFIG", str(tmp_path))
    assert places.config_dir() == tmp_path


def test_a_folder_of_configuration_that_is_not_there_stops_the_service(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOTLINE_CONFIG", "/nowhere/at/all")
    with pytest.raises(Broken, match="HOTLINE_CONFIG"):
        places.config_dir()


def test_what_survives_a_restart_is_kept_where_only_its_owner_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path / "deep" / "kept"))
    kept = places.home()
    assert kept == tmp_path / "deep" / "kept"
    assert stat.S_IMODE(kept.stat().st_mode) == stat.S_IRWXU


def test_a_wheel_without_a_checkout_keeps_its_things_in_the_users_state_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(places, "_PACKAGE", tmp_path / "site-packages" / "hotline")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert places.home() == tmp_path / "state" / "hotline"
    with pytest.raises(Broken):
        places.config_dir()
