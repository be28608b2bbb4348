"""The description of a house: checked whole before anything is founded."""

from pathlib import Path

import pytest

from hotline.base.errors import Broken
from hotline.base.places import config_dir
from hotline.domain.centre import Channel
from hotline.domain.staff import Device, Role
from hotline.policy import founding

CENTRE = '[[centres]]\nkey = "c"\nname = "C"\nkind = "city"\n'
ON_CALL = '[[on_call]]\ncentre = "c"\nlogin = "a.b"\n'
PERSON = '[[staff]]\nlogin = "a.b"\nname = "A"\nlanguages = ["zh"]\n'


def described(folder: Path, text: str) -> founding.Description:
    path = folder / "house.toml"
    path.write_text(text, "utf-8")
    return founding.load(path)


def test_the_demonstration_has_both_entrances_and_every_kind_of_person():
    house = founding.load(config_dir() / "demo.toml")
    assert {line.channel for line in house.lines} == {Channel.VOICE, Channel.CHAT}
    assert house.centres[1].parent == house.centres[0].key
    by_role = {role: [each for each in house.staff if role in each.roles] for role in Role}
    assert len(by_role[Role.COUNSELOR]) >= 8
    assert (len(by_role[Role.SUPERVISOR]), len(by_role[Role.RESPONDER]), len(by_role[Role.ADMIN])) == (
        2,
        2,
        1,
    )
    counselors = by_role[Role.COUNSELOR]
    assert any(each.languages == {"zh"} for each in counselors)
    assert any(each.languages >= {"zh", "en"} for each in counselors)
    assert sum(each.device is Device.PHONE for each in counselors) == 1
    assert all(each.telephone for each in by_role[Role.RESPONDER]), "responders are paged by message"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[[centres]]\nkey = "c"\nname = "C"\nkind = "city"\nparent = "p"\n', "must stand before it"),
        (CENTRE + PERSON + 'centre = "x"\nroles = ["admin"]\n', "no such centre"),
        (CENTRE + PERSON + 'centre = "c"\nroles = ["boss"]\n', "roles"),
        (CENTRE + PERSON + 'centre = "c"\nroles = ["counselor"]\ndevice = "phone"\n', "has no telephone"),
        (CENTRE + '[[staff]]\nlogin = "a.b"\npassword = "x"\n', "password"),
        (CENTRE + CENTRE, "given twice"),
        (CENTRE + '[[teams]]\ncentre = "c"\nname = "T"\nmembers = ["who"]\n', "not among the staff: who"),
        (CENTRE + '[[teams]]\ncentre = "x"\nname = "T"\nmembers = ["who"]\n', "no such centre for T"),
        (CENTRE + ON_CALL + 'position = "king"\ndays = 1\n', "position"),
        (CENTRE + ON_CALL + 'position = "manager"\ndays = 365\n', "days"),
        ("centres = 3\n", "centres"),
        ("[[centres", "cannot be read"),
    ],
)
def test_a_wrong_description_is_refused_with_its_faults(tmp_path: Path, text: str, fault: str):
    with pytest.raises(Broken) as refused:
        described(tmp_path, text)
    assert fault in refused.value.sentence


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(Broken, match="There is no file"):
        founding.load(tmp_path / "none.toml")
