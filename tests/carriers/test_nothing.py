"""Without telephones the house goes on, and says why nobody can be rung."""

import pytest

from hotline.base.errors import Refused
from hotline.base.sensitive import Sensitive
from hotline.carriers.nothing import EMPTY, NoTelephony
from hotline.carriers.port import LegGone, Telephony
from hotline.carriers.twilio.client import TwilioTelephony
from tests.carriers.made import CALL, LEG, PAGE, URLS, account

PERSON = Sensitive("+8613800000009")


async def test_nothing_is_promised_nothing_is_up_and_every_order_is_refused_in_words():
    nothing: Telephony = NoTelephony()
    assert nothing.caps == frozenset()
    assert await nothing.survey() == EMPTY
    await nothing.drop(CALL, "live")
    with pytest.raises(LegGone):
        await nothing.steer(CALL, LEG)
    orders = (
        nothing.dial(LEG, PERSON, 20),
        nothing.send_sms(PERSON, "x", PAGE),
        nothing.ring_page(PAGE, PERSON, 20),
    )
    for order in orders:
        with pytest.raises(Refused, match="switched off"):
            await order
    with pytest.raises(Refused, match="switched off"):
        nothing.softphone("u_0f", 60)
    await nothing.close()


async def test_both_networks_answer_to_the_same_orders():
    networks: list[Telephony] = [NoTelephony(), TwilioTelephony(account(None), URLS)]
    for network in networks:
        await network.close()
        await network.close()
