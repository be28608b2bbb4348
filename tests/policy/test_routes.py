import tomllib
from typing import Any

import pytest

from hotline.base.errors import Broken
from hotline.base.places import config_dir
from hotline.policy import routes


@pytest.fixture
def raw() -> dict[str, Any]:
    return tomllib.loads((config_dir() / "routes.toml").read_text("utf-8"))


def test_a_flag_without_a_way_stops_the_house_before_it_starts(raw: dict[str, Any]):
    del raw["medical"]
    with pytest.raises(Broken, match=r"every flag has one route.*medical"):
        routes.load(raw)


def test_a_way_of_no_flag_is_refused(raw: dict[str, Any]):
    raw["weather"] = raw["medical"]
    with pytest.raises(Broken, match="weather"):
        routes.load(raw)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("agencies", []),
        ("agencies", [{"code": "120", "number": "one two zero"}]),
        ("from_level", "severe"),
        ("zh", ""),
        ("minutes", 3),
    ],
)
def test_a_way_that_leads_nowhere_is_refused_with_its_place(raw: dict[str, Any], field: str, value: object):
    raw["medical"][field] = value
    with pytest.raises(Broken, match=r"routes\.toml: medical"):
        routes.load(raw)
