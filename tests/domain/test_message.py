"""A chat's messages: numbered under the contact's lock, told to the journal without their words."""

from uuid import UUID

import pytest

from hotline.base.errors import Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import message
from hotline.domain.centre import Channel
from hotline.domain.contact import Contact
from hotline.domain.journal import CALLER, staff_actor
from hotline.domain.message import Message
from tests.domain.made import CONTACT, LI, a_contact, after


def words(sender: str = "caller") -> Message:
    """One message, not yet numbered."""
    return Message(
        id=UUID(int=71),
        contact_id=CONTACT,
        seq=0,
        sender=sender,
        client_id=UUID(int=72),
        words=Sensitive("我还在"),
        at=after(30),
    )


def test_messages_are_numbered_one_after_the_other():
    chat = a_contact("talking", channel=Channel.CHAT)
    for seq in (1, 2, 3):
        outcome = message.say(chat, words(), actor=CALLER)
        chat = outcome.row(Contact)
        assert outcome.row(Message).seq == chat.messages == seq
        assert outcome.entries[0].body == {"seq": seq, "sender": "caller"}
        assert "我还在" not in repr(outcome)


def test_only_the_callers_own_words_are_a_sign_of_life():
    chat = a_contact("talking", channel=Channel.CHAT)
    assert message.say(chat, words(), actor=CALLER).row(Contact).seen_at == after(30)
    answered = message.say(chat, words("counselor"), actor=staff_actor(LI))
    assert answered.row(Contact).seen_at is None


@pytest.mark.parametrize("state", ["arriving", "waiting", "offered", "connecting", "talking"])
def test_a_caller_may_write_before_anybody_answers(state: str):
    assert message.say(a_contact(state), words(), actor=CALLER).row(Contact).state == state


@pytest.mark.parametrize("state", ["wrapping", "closed", "abandoned", "diverted"])
def test_a_chat_that_is_over_takes_no_words_and_says_what_to_do(state: str):
    with pytest.raises(Refused) as refused:
        message.say(a_contact(state), words(), actor=CALLER)
    assert refused.value.code == "chat.ended"
    assert "new one" in refused.value.sentence
