"""Who may do what, and to whose contacts.

A role is a set of permissions; a place in the tree of centres is the reach. Both are needed.
Things out of reach are absent, not forbidden: their existence is nobody's business.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from hotline.base.errors import Absent, Forbidden
from hotline.domain.staff import Role


class Permission(StrEnum):
    """One thing that a role may do."""

    ANSWER = "contact.answer"
    READ_OWN = "contact.read_own"
    READ_CENTRE = "contact.read_centre"
    READ_ESCALATED = "contact.read_escalated"
    SEE_NUMBER = "contact.see_number"
    LOWER_LEVEL = "level.lower"
    WATCH = "board.watch"
    RAISE = "escalation.raise"
    RESPOND = "escalation.acknowledge"
    DISPATCH = "dispatch.make"
    DISMISS = "duty.dismiss"
    SEE_TASKS = "task.see"
    APPROVE_NUMBER = "number.approve"
    AMEND = "record.amend"
    RESTRICT = "caller.restrict"
    REVIEW_RESTRICTIONS = "restriction.review"
    REPORT = "report.read"
    MANAGE = "centre.manage"
    EDIT_RULES = "rules.edit"
    APPROVE_RULES = "rules.approve"
    FOLLOW_UP = "followup.work"
    ROSTER = "roster.keep"
    HAND_OVER = "shift.hand_over"


Grants = Mapping[Role, frozenset[Permission]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """The person behind a request: who, with what permissions, over which centres.

    `reach` holds the person's own centre and all below it.
    """

    staff_id: UUID
    centre_id: UUID
    roles: frozenset[Role]
    permissions: frozenset[Permission]
    reach: frozenset[UUID]

    def may(self, permission: Permission) -> bool:
        """Whether any of the roles carries `permission`."""
        return permission in self.permissions

    def reaches(self, centre_id: UUID) -> bool:
        """Whether the centre is the person's own or lies below it."""
        return centre_id in self.reach


def permissions_of(roles: frozenset[Role], grants: Grants) -> frozenset[Permission]:
    """Everything that the roles allow together."""
    return frozenset(permission for role in roles for permission in grants.get(role, frozenset()))


def require(viewer: Viewer, permission: Permission) -> None:
    """Let the person pass, or say which permission is missing.

    Raises:
        Forbidden: none of the person's roles carries it.
    """
    if not viewer.may(permission):
        raise Forbidden("access.forbidden", f"This needs the permission {permission}; ask a supervisor.")


def may_read(viewer: Viewer, *, centre_id: UUID, counselor_id: UUID | None, is_escalated: bool) -> bool:
    """Whether these eyes may see a contact's words.

    Counselors see their own contacts, supervisors those of their centres, responders those that are
    escalated to them; administrators see none.
    """
    if viewer.may(Permission.READ_OWN) and counselor_id == viewer.staff_id:
        return True
    if not viewer.reaches(centre_id):
        return False
    return viewer.may(Permission.READ_CENTRE) or (is_escalated and viewer.may(Permission.READ_ESCALATED))


def require_reading(
    viewer: Viewer, *, centre_id: UUID, counselor_id: UUID | None, is_escalated: bool
) -> None:
    """Let the person read the contact, or pretend that there is none.

    Raises:
        Absent: the contact is not for these eyes.
    """
    if not may_read(viewer, centre_id=centre_id, counselor_id=counselor_id, is_escalated=is_escalated):
        raise Absent("contact.absent", "There is no such contact.")
