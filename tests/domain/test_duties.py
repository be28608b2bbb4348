"""Who holds the card of a task, of somebody on the way, and of a number that is asked for."""

from itertools import product
from typing import Final
from uuid import UUID

import pytest

from hotline.base.places import config_dir
from hotline.base.sensitive import Sensitive
from hotline.domain import access, duties, task as tasks
from hotline.domain.access import Viewer
from hotline.domain.dispatch import Dispatch
from hotline.domain.number import Opening
from hotline.domain.staff import Role
from hotline.domain.task import Task
from hotline.policy import policies
from hotline.web.live import audiences
from tests.domain.made import CENTRE, CONTACT, LI, NOW, WANG

GRANTS: Final = policies.load(config_dir()).grants
SECRET: Final = Sensitive("她在桥上")
ELSEWHERE: Final = UUID(int=99)


def owed(role: Role, kind: str, assigned_to: UUID | None, state: str = "open") -> Task:
    return Task(
        id=UUID(int=50),
        kind=kind,
        contact_id=CONTACT,
        centre_id=CENTRE,
        about_id=CONTACT,
        role=role,
        state=state,
        made_at=NOW,
        due_at=NOW,
        escalates_at=NOW,
        assigned_to=assigned_to,
        asked_reason=SECRET,
        words=SECRET,
    )


def eyes(role: Role, centre: UUID) -> Viewer:
    roles = frozenset({role})
    return Viewer(
        staff_id=LI,
        centre_id=centre,
        roles=roles,
        permissions=access.permissions_of(roles, GRANTS),
        reach=frozenset({centre}),
    )


@pytest.mark.parametrize("asked", Role)
@pytest.mark.parametrize("kind", ["debrief", "managers_report"])
@pytest.mark.parametrize("assigned_to", [None, LI, WANG])
def test_the_card_of_a_task_is_held_by_everybody_whose_business_it_is_and_by_nobody_else(
    asked: Role, kind: str, assigned_to: UUID | None
):
    task = owed(asked, kind, assigned_to)
    dealt = duties.task_card(task)
    assert dealt is not None
    for role, centre in product(Role, (CENTRE, ELSEWHERE)):
        viewer = eyes(role, centre)
        assert bool(dealt.audiences & audiences(viewer)) == tasks.is_for(task, viewer), (role, centre)


@pytest.mark.parametrize("state", ["done", "dismissed"])
def test_a_task_that_is_over_has_no_card(state: str):
    assert duties.task_card(owed(Role.SUPERVISOR, "debrief", None, state)) is None


def test_no_card_carries_words():
    sent = Dispatch(
        id=UUID(int=51),
        contact_id=CONTACT,
        centre_id=CENTRE,
        agency="110",
        consent="voluntary",
        state="open",
        made_by=LI,
        made_at=NOW,
        called_at=NOW,
        next_reminder_at=NOW,
        location=SECRET,
        reference=SECRET,
    )
    asked = Opening(
        id=UUID(int=52),
        contact_id=CONTACT,
        centre_id=CENTRE,
        state="asked",
        asked_by=LI,
        asked_at=NOW,
        reason=SECRET,
    )
    cards = (
        duties.task_card(owed(Role.SUPERVISOR, "debrief", None)),
        duties.dispatch_card(sent),
        duties.opening_card(asked),
    )
    assert all(dealt is not None and SECRET.reveal() not in str(dealt.card) for dealt in cards)
