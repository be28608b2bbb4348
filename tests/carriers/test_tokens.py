"""A page's token lets it call in under its own name, for a while, and nothing more."""

import jwt
import pytest

from hotline.base.errors import Broken
from hotline.base.sensitive import Sensitive
from hotline.carriers.twilio.tokens import TTL_SECONDS_MAX, softphone
from tests.practice.people import ACCOUNT, APP, KEY, SECRET


def made(identity: str = "u_0f", ttl_seconds: int = 600):
    """A token of the practice account."""
    return softphone(ACCOUNT, KEY, Sensitive(SECRET), APP, identity=identity, ttl_seconds=ttl_seconds)


def test_a_page_may_call_in_and_cannot_be_called():
    phone = made()
    token = phone.token.reveal()
    said = jwt.decode(token, SECRET, algorithms=["HS256"])
    assert said["grants"] == {"identity": "u_0f", "voice": {"outgoing": {"application_sid": APP}}}
    assert (said["iss"], said["sub"]) == (KEY, ACCOUNT)
    assert 595 <= said["exp"] - said["nbf"] <= 605
    assert jwt.get_unverified_header(token)["cty"] == "twilio-fpa;v=1"


def test_a_token_does_not_show_itself():
    assert made().token.reveal() not in repr(made())


@pytest.mark.parametrize("identity", ["u_", "wang.fang", "u_0F", "client:u_0f", "u_0f\n", "u_" + "0" * 65])
def test_a_name_that_says_who_somebody_is_is_refused(identity: str):
    with pytest.raises(Broken):
        made(identity=identity)


@pytest.mark.parametrize("ttl_seconds", [0, -1, TTL_SECONDS_MAX + 1])
def test_a_token_lives_for_a_day_at_most(ttl_seconds: int):
    with pytest.raises(Broken):
        made(ttl_seconds=ttl_seconds)
