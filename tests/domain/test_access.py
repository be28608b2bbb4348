"""Whose eyes may see whose words: every role, near and far, own and not, escalated and not."""

from itertools import product
from typing import Final
from uuid import UUID

import pytest

from hotline.base.errors import Absent, Forbidden
from hotline.domain import access
from hotline.domain.access import Permission, Viewer
from hotline.domain.staff import Role
from tests.domain.made import ANOTHER_CENTRE, CENTRE, LI, WANG

GRANTS: Final = {
    Role.COUNSELOR: frozenset({Permission.ANSWER, Permission.READ_OWN, Permission.RAISE}),
    Role.SUPERVISOR: frozenset({Permission.READ_CENTRE, Permission.WATCH, Permission.LOWER_LEVEL}),
    Role.RESPONDER: frozenset({Permission.READ_ESCALATED, Permission.RESPOND}),
    Role.ADMIN: frozenset({Permission.MANAGE}),
}

READS: Final = {
    # own, near, escalated
    Role.COUNSELOR: {(True, near, escalated) for near, escalated in product((True, False), repeat=2)},
    Role.SUPERVISOR: {(own, True, escalated) for own, escalated in product((True, False), repeat=2)},
    Role.RESPONDER: {(own, True, True) for own in (True, False)},
    Role.ADMIN: set[tuple[bool, bool, bool]](),
}
"""The only circumstances in which each role reads a contact's words."""

CIRCUMSTANCES: Final = list(product((True, False), repeat=3))


def viewer(*roles: Role) -> Viewer:
    """Li in these roles at one centre."""
    return Viewer(
        staff_id=LI,
        centre_id=CENTRE,
        roles=frozenset(roles),
        permissions=access.permissions_of(frozenset(roles), GRANTS),
        reach=frozenset({CENTRE}),
    )


def reads(eyes: Viewer, circumstances: tuple[bool, bool, bool]) -> bool:
    """Whether these eyes may read; the question and the demand must agree."""
    own, near, is_escalated = circumstances
    centre_id, counselor_id = CENTRE if near else ANOTHER_CENTRE, LI if own else WANG
    may = access.may_read(eyes, centre_id=centre_id, counselor_id=counselor_id, is_escalated=is_escalated)
    try:
        access.require_reading(
            eyes, centre_id=centre_id, counselor_id=counselor_id, is_escalated=is_escalated
        )
    except Absent:
        assert not may
    else:
        assert may
    return may


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("circumstances", CIRCUMSTANCES)
def test_each_role_reads_where_the_table_says_and_nowhere_else(
    role: Role, circumstances: tuple[bool, bool, bool]
):
    assert reads(viewer(role), circumstances) == (circumstances in READS[role])


@pytest.mark.parametrize("circumstances", CIRCUMSTANCES)
def test_two_roles_read_what_either_reads(circumstances: tuple[bool, bool, bool]):
    for one, other in product(Role, repeat=2):
        expected = circumstances in READS[one] | READS[other]
        assert reads(viewer(one, other), circumstances) == expected


@pytest.mark.parametrize("circumstances", CIRCUMSTANCES)
def test_an_administrator_reads_nothing(circumstances: tuple[bool, bool, bool]):
    assert not reads(viewer(Role.ADMIN), circumstances)


def test_a_contact_that_nobody_has_taken_belongs_to_no_counselor():
    may = access.may_read(viewer(Role.COUNSELOR), centre_id=CENTRE, counselor_id=None, is_escalated=True)
    assert not may


def test_what_is_not_for_these_eyes_looks_like_what_does_not_exist():
    with pytest.raises(Absent) as absent:
        access.require_reading(
            viewer(Role.ADMIN), centre_id=UUID(int=404), counselor_id=None, is_escalated=False
        )
    assert absent.value.code == "contact.absent"


def test_what_a_role_does_not_carry_is_forbidden_and_the_sentence_names_it():
    access.require(viewer(Role.SUPERVISOR), Permission.LOWER_LEVEL)
    with pytest.raises(Forbidden) as forbidden:
        access.require(viewer(Role.COUNSELOR), Permission.LOWER_LEVEL)
    assert "level.lower" in forbidden.value.sentence


def test_a_role_without_grants_may_do_nothing():
    assert access.permissions_of(frozenset(Role), {}) == frozenset()


def test_reach_is_the_own_centre_and_all_below_it():
    assert viewer(Role.SUPERVISOR).reaches(CENTRE)
    assert not viewer(Role.SUPERVISOR).reaches(ANOTHER_CENTRE)
