"""Numbers: how far one can be relied on, and that it takes two people to open one that is kept shut."""

from typing import Final
from uuid import UUID

import pytest

from hotline.base.errors import Absent, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import ladder, number, paging
from hotline.domain.contact import Contact
from hotline.domain.escalation import Means
from hotline.domain.ladder import Responder
from hotline.domain.number import NumberPolicy, Opening
from hotline.domain.task import Task, TaskPolicy
from tests.domain.alarms import pages, raised
from tests.domain.made import LADDERS, LI, NOW, POLICY, WANG, ZHAO, Ids, a_contact, after

MOBILE: Final = Sensitive("+8613800001111")
CALLER: Final = a_contact("talking", number=MOBILE, number_quality="given")
WHY: Final = Sensitive("正在实施，需要定位")
ID: Final = UUID(int=90)
POLICIES: Final = (NumberPolicy(opening_seconds=600), TaskPolicy(notify_caller_seconds=3600))


def asked() -> Opening:
    return number.ask(CALLER, WHY, LI, opening_id=ID, now=NOW).row(Opening)


def approved() -> Opening:
    return number.approve(asked(), CALLER, WANG, policies=POLICIES, task_id=UUID(int=91), now=after(5)).row(
        Opening
    )


@pytest.mark.parametrize(
    ("given", "quality", "is_doubtful"),
    [
        ("+8613800001111", "given", False),
        ("+862161234567", "given", True),
        ("+864008001234", "given", True),
        ("+15550001111", "given", False),
        (None, "withheld", False),
        (None, "switchboard", True),
        ("+8613800001111", "switchboard", True),
    ],
)
def test_a_fixed_line_may_be_a_switchboards(given: str | None, quality: str, is_doubtful: bool):
    """Requirement 28: who sends somebody to a number's address is told that it may be the wrong one."""
    contact = a_contact("talking", number=Sensitive(given) if given else None, number_quality=quality)
    assert number.may_be_switchboard(contact) is is_doubtful


@pytest.mark.parametrize(
    ("contact", "reason", "code"),
    [
        (a_contact("talking"), WHY, "number.none"),
        (CALLER, Sensitive("  "), "number.reason"),
    ],
)
def test_a_number_is_asked_for_where_there_is_one_and_with_a_reason(
    contact: Contact, reason: Sensitive, code: str
):
    with pytest.raises(Refused) as refused:
        number.ask(contact, reason, LI, opening_id=ID, now=NOW)
    assert refused.value.code == code


def test_it_takes_two_to_open_a_number_and_the_caller_is_owed_a_word():
    with pytest.raises(Refused) as refused:
        number.approve(asked(), CALLER, LI, policies=POLICIES, task_id=ID, now=NOW)
    assert refused.value.code == "number.two"
    with pytest.raises(Refused):
        number.refuse(asked(), CALLER, LI, NOW)
    outcome = number.approve(asked(), CALLER, WANG, policies=POLICIES, task_id=ID, now=after(5))
    opened, owed = outcome.row(Opening), outcome.row(Task)
    assert (opened.state, opened.decided_by, opened.expires_at) == ("approved", WANG, after(605))
    assert (owed.kind, owed.about_id, owed.due_at) == ("notify_caller", opened.id, after(3605))
    assert [entry.kind for entry in outcome.entries] == ["number.approved", "task.made"]
    assert not number.approve(opened, CALLER, WANG, policies=POLICIES, task_id=ID, now=after(6)).rows


def test_only_the_two_look_only_in_time_and_never_without_an_entry():
    for staff_id in (LI, WANG):
        [entry] = number.look(approved(), CALLER, staff_id, after(604)).entries
        assert entry.kind == "number.looked"
        with pytest.raises(Refused) as refused:
            number.look(approved(), CALLER, staff_id, after(605))
        assert refused.value.code == "number.closed"
    with pytest.raises(Absent):
        number.look(approved(), CALLER, ZHAO, after(6))
    with pytest.raises(Refused):
        number.look(asked(), CALLER, LI, after(6))


def test_what_was_refused_opens_nothing_and_is_not_agreed_to_afterwards():
    refused = number.refuse(asked(), CALLER, WANG, after(5)).row(Opening)
    assert refused.state == "refused"
    assert not number.refuse(refused, CALLER, WANG, after(6)).rows
    with pytest.raises(Refused):
        number.look(refused, CALLER, LI, after(6))
    with pytest.raises(Refused):
        number.approve(refused, CALLER, ZHAO, policies=POLICIES, task_id=ID, now=after(7))


def test_no_entry_carries_a_number_or_a_reason():
    for outcome in (
        number.ask(CALLER, WHY, LI, opening_id=ID, now=NOW),
        number.look(approved(), CALLER, LI, after(6)),
    ):
        assert all(set(entry.body) == {"opening"} for entry in outcome.entries)


def test_whoever_asks_is_not_the_supervisor_who_is_called_to_agree():
    only_one = {
        ladder.ON_DUTY: (Responder(staff_id=ZHAO, has_telephone=False),),
        ladder.SUPERVISORS: (
            Responder(staff_id=ZHAO, has_telephone=False),
            Responder(staff_id=WANG, has_telephone=True),
        ),
    }
    means = Means(queue=POLICY, ladders=LADDERS, roster=only_one, new_id=Ids())
    for asking, other in ((ZHAO, WANG), (WANG, ZHAO)):
        called = pages(number.call_for(raised(), asking, means=means, now=NOW))
        assert {(page.staff_id, page.purpose) for page in called} == {(other, paging.NUMBER)}
