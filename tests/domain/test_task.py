"""Tasks: what is owed, who sees to it, who may say that it need not be done, and what becomes late."""

from dataclasses import replace
from itertools import product
from typing import Any, Final
from uuid import UUID

import pytest

from hotline.base.errors import Absent, Forbidden, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import task
from hotline.domain.access import Permission, Viewer
from hotline.domain.contact import Contact, Form
from hotline.domain.staff import Role
from hotline.domain.task import BY_TWO, KINDS, Done, Owed, Task, TaskPolicy
from tests.domain.made import ANOTHER_CENTRE, CENTRE, CONTACT, LI, NOW, WANG, ZHAO, a_contact, after

POLICY: Final = TaskPolicy(patience_seconds=60, climb_seconds=600)
REASON: Final = Sensitive("重复登记")
TASK: Final = UUID(int=77)


def a_task(kind: str = "mandatory_report", **changes: Any) -> Task:
    owed = Owed(kind=kind, about_id=CONTACT, role=Role.COUNSELOR, due_at=NOW)
    made = task.make(a_contact("talking"), owed, TASK, NOW).row(Task)
    return replace(made, **changes)


def eyes(
    staff_id: UUID, *roles: Role, centre: UUID = CENTRE, may: frozenset[Permission] = frozenset()
) -> Viewer:
    granted: set[Permission] = (
        {Permission.DISMISS, Permission.WATCH, Permission.READ_CENTRE} if Role.SUPERVISOR in roles else set()
    )
    return Viewer(
        staff_id=staff_id,
        centre_id=centre,
        roles=frozenset(roles),
        permissions=frozenset({*granted, *may}),
        reach=frozenset({centre}),
    )


SUPERVISOR: Final = eyes(WANG, Role.SUPERVISOR)


def asked_for(each: Task, staff_id: UUID) -> Task:
    return task.ask_dismissal(each, REASON, staff_id, NOW).row(Task)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_task_says_what_is_owed_to_whom_and_by_when_and_nothing_else(kind: str):
    owed = Owed(kind=kind, about_id=CONTACT, role=Role.RESPONDER, due_at=after(60), assigned_to=LI)
    outcome = task.make(a_contact("talking"), owed, TASK, NOW)
    made = outcome.row(Task)
    assert (made.kind, made.state, made.due_at, made.escalates_at) == (kind, "open", after(60), after(60))
    [entry] = outcome.entries
    assert (entry.kind, entry.staff_ids, entry.contact_id) == ("task.made", (LI,), CONTACT)


@pytest.mark.parametrize(
    ("band", "formed", "flags", "is_owed"),
    [
        ("14-17", None, ("abuse",), True),
        (None, "10-13", ("child_in_danger",), True),
        ("18-24", "<10", ("abuse",), True),
        ("18-24", None, ("abuse",), False),
        ("unknown", None, ("child_in_danger",), False),
        ("14-17", "14-17", ("violence", "suicide"), False),
        (None, None, (), False),
    ],
)
def test_a_report_is_owed_when_a_minor_is_harmed_and_only_then(
    band: str | None, formed: str | None, flags: tuple[str, ...], is_owed: bool
):
    contact = a_contact("talking", flags=flags, form=Form(age_band=formed))
    outcome = task.minor_harmed(contact, band, task_id=TASK, now=NOW)
    assert bool(outcome.rows) is is_owed
    if is_owed:
        made = outcome.row(Task)
        assert (made.kind, made.due_at, made.assigned_to) == ("mandatory_report", NOW, LI)
        assert set(outcome.row(Contact).flags) == {*flags, "mandatory_report"}


def test_a_report_that_is_owed_is_not_asked_for_again():
    contact = a_contact("talking", flags=("abuse",), form=Form(age_band="<10"))
    owed = task.minor_harmed(contact, None, task_id=TASK, now=NOW).row(Contact)
    assert not task.minor_harmed(owed, "10-13", task_id=TASK, now=NOW).rows
    assert not task.report_minor(owed, made_by=WANG, task_id=TASK, now=NOW).rows


def test_with_nobody_at_the_contact_the_report_is_the_supervisors():
    contact = a_contact("waiting", flags=("abuse",), form=Form(age_band="<10"))
    made = task.minor_harmed(contact, None, task_id=TASK, now=NOW).row(Task)
    assert (made.role, made.assigned_to) == (Role.SUPERVISOR, None)


@pytest.mark.parametrize(
    "done",
    [
        Done(words=Sensitive("已告知")),
        Done(words=Sensitive(""), agency="派出所"),
        Done(words=Sensitive(""), reported_at=NOW),
        Done(words=Sensitive(""), agency="派出所", reported_at=after(1)),
    ],
)
def test_a_report_on_a_minor_names_its_agency_and_a_time_that_has_been(done: Done):
    with pytest.raises(Refused):
        task.do(a_task(), done, LI, NOW)


def test_a_report_that_was_made_is_done_and_doing_it_again_changes_nothing():
    told = Done(words=Sensitive("已报"), agency="派出所", reported_at=NOW, reference=Sensitive("A-1"))
    made = task.do(a_task(), told, LI, after(60)).row(Task)
    assert (made.state, made.agency, made.closed_by, made.escalates_at) == ("done", "派出所", LI, None)
    assert not task.do(made, told, LI, after(90)).rows
    with pytest.raises(Refused):
        task.do(made, told, WANG, after(90))


def test_the_managers_report_has_words_and_nobody_debriefs_oneself():
    with pytest.raises(Refused, match="managers"):
        task.do(a_task("managers_report"), Done(words=Sensitive(" ")), LI, NOW)
    for step in (lambda: task.take(a_task("debrief", barred_id=LI), LI), lambda: debrief(LI)):
        with pytest.raises(Refused) as refused:
            step()
        assert refused.value.code == "task.own"
    assert debrief(WANG).row(Task).state == "done"


def debrief(by: UUID):
    return task.do(a_task("debrief", barred_id=LI), Done(words=Sensitive("谈过")), by, NOW)


@pytest.mark.parametrize("kind", sorted(BY_TWO))
def test_what_the_law_wants_is_dismissed_by_two_people_and_never_by_one(kind: str):
    each = a_task(kind)
    with pytest.raises(Refused) as refused:
        task.dismiss(each, REASON, SUPERVISOR, NOW)
    assert refused.value.code == "task.two"
    with pytest.raises(Refused) as refused:
        task.dismiss(asked_for(each, WANG), REASON, SUPERVISOR, NOW)
    assert refused.value.code == "task.two"
    gone = task.dismiss(asked_for(each, LI), REASON, SUPERVISOR, after(5)).row(Task)
    assert (gone.state, gone.asked_by, gone.closed_by, gone.words) == ("dismissed", LI, WANG, REASON)
    assert not task.dismiss(gone, REASON, SUPERVISOR, after(6)).rows


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("state", ["open", "dismissal_asked"])
def test_nothing_is_dismissed_without_a_reason_or_by_somebody_who_is_no_supervisor(kind: str, state: str):
    each = a_task(kind, state=state, asked_by=LI if state == "dismissal_asked" else None)
    with pytest.raises(Forbidden):
        task.dismiss(each, REASON, eyes(ZHAO, Role.COUNSELOR), NOW)
    with pytest.raises(Refused) as refused:
        task.dismiss(each, Sensitive("  "), SUPERVISOR, NOW)
    assert refused.value.code == "task.reason"
    if state == "open":
        with pytest.raises(Refused):
            task.ask_dismissal(each, Sensitive(""), LI, NOW)


def test_a_task_whose_dismissal_is_asked_for_is_still_owed_and_can_be_kept():
    asked = asked_for(a_task(), LI)
    assert asked.is_open
    assert not task.ask_dismissal(asked, REASON, LI, NOW).rows
    kept = task.keep(asked, WANG).row(Task)
    assert (kept.state, kept.asked_by) == ("open", None)
    assert not task.keep(kept, WANG).rows
    assert task.climb(asked, POLICY, after(60)).rows


def test_a_late_task_climbs_to_the_managers_and_is_shown_to_them_again_and_again():
    each, asked = a_task(), list[Role]()
    assert not task.climb(each, POLICY, after(59.9)).rows
    now = 60.0
    for _ in range(4):
        each = task.climb(each, POLICY, after(now)).row(Task)
        asked.append(each.role)
        assert each.escalates_at == after(now + 600)
        now += 660
    assert asked == [Role.SUPERVISOR, Role.ADMIN, Role.ADMIN, Role.ADMIN]
    assert each.climbs == 4
    assert not task.climb(replace(each, state="done", escalates_at=None), POLICY, after(10**6)).rows


def test_a_task_is_shown_to_those_whose_business_it_is():
    own, free = a_task(assigned_to=LI), a_task()
    climbed, report = a_task(role=Role.ADMIN), a_task("managers_report", role=Role.SUPERVISOR)
    counselor, other, admin = eyes(LI, Role.COUNSELOR), eyes(ZHAO, Role.COUNSELOR), eyes(ZHAO, Role.ADMIN)
    far = eyes(ZHAO, Role.SUPERVISOR, centre=ANOTHER_CENTRE)
    expected: dict[str, tuple[Viewer, list[Task]]] = {
        "counselor": (counselor, [own, free]),
        "other": (other, [free]),
        "supervisor": (SUPERVISOR, [own, free, climbed, report]),
        "admin": (admin, [climbed, report]),
        "far": (far, []),
    }
    for name, (viewer, mine) in expected.items():
        assert [each for each in (own, free, climbed, report) if task.is_for(each, viewer)] == mine, name
    with pytest.raises(Absent):
        task.require_for(own, far)
    assert task.may_read_words(report, admin)
    assert not task.may_read_words(climbed, admin)
    assert task.may_read_words(climbed, SUPERVISOR)


@pytest.mark.parametrize(("kind", "state"), [*product(sorted(KINDS), ["done", "dismissed"])])
def test_what_is_over_is_over(kind: str, state: str):
    each = a_task(kind, state=state, closed_by=ZHAO, asked_by=LI)
    done = Done(words=Sensitive("x"), agency="a", reported_at=NOW)
    steps = (
        lambda: task.take(each, LI),
        lambda: task.do(each, done, LI, NOW),
        lambda: task.ask_dismissal(each, REASON, LI, NOW),
        lambda: task.keep(each, LI),
        lambda: task.dismiss(each, REASON, SUPERVISOR, NOW),
    )
    for step in steps:
        with pytest.raises(Refused):
            step()
