"""What each role is answered about a thing of its own, of its centre, and of another."""

from collections.abc import Mapping
from typing import Final

from hotline.domain.staff import Role

OK: Final = 0
"""Let in: whatever the route answers to those it is for."""

Answers = Mapping[tuple[Role, str], int]


def answers(*, counselor: int, supervisor: int, responder: int) -> Answers:
    """Counselors with a thing of their own, the two others with one of their centre; else it is absent."""
    return {
        (Role.COUNSELOR, "own"): counselor,
        (Role.SUPERVISOR, "near"): supervisor,
        (Role.RESPONDER, "near"): responder,
    }


READ: Final = answers(counselor=OK, supervisor=OK, responder=OK)
ANSWER: Final = answers(counselor=OK, supervisor=403, responder=403)
RAISE: Final = answers(counselor=OK, supervisor=OK, responder=403)
RESPOND: Final = answers(counselor=403, supervisor=OK, responder=OK)
WATCH: Final = answers(counselor=403, supervisor=OK, responder=403)
ASKER: Final = answers(counselor=OK, supervisor=404, responder=404)
TASK: Final = answers(counselor=OK, supervisor=OK, responder=404)
DISMISS: Final = answers(counselor=403, supervisor=OK, responder=404)
ONESELF: Final = {(role, where): OK for role in Role for where in ("own", "near", "far")}
COUNSELOR_ONLY: Final = {key: OK if key[0] is Role.COUNSELOR else 403 for key in ONESELF}
SUPERVISOR_ONLY: Final = {key: OK if key[0] is Role.SUPERVISOR else 403 for key in ONESELF}
COUNTS: Final = {key: OK if key[0] in {Role.SUPERVISOR, Role.ADMIN} else 403 for key in ONESELF}
OFFERED: Final = {
    **COUNSELOR_ONLY, (Role.COUNSELOR, "near"): 409, (Role.COUNSELOR, "far"): 409,
}  # fmt: skip
"""An offer to somebody else is over as far as anybody else is concerned."""
FOLLOWED: Final = {
    **{(role, where): 403 for role in (Role.RESPONDER, Role.ADMIN) for where in ("own", "near", "far")},
    (Role.COUNSELOR, "own"): OK, (Role.SUPERVISOR, "near"): OK,
}  # fmt: skip
"""A follow-up of one's own, or of the centre for supervisors; others have no business with follow-ups."""
FOLLOWERS: Final = FOLLOWED | {
    (role, where): OK for role in (Role.COUNSELOR, Role.SUPERVISOR) for where in ("own", "near", "far")
}
SHIFT: Final = {key: 403 if key[0] is Role.ADMIN else OK for key in ONESELF}
ROSTER_KEEPERS: Final = {key: OK if key[0] in {Role.SUPERVISOR, Role.ADMIN} else 403 for key in ONESELF}
ROSTER: Final = {(Role.SUPERVISOR, "near"): OK, (Role.ADMIN, "near"): OK}


def of_rules(*, own: int = OK, others: int = OK) -> Answers:
    """Rules are the whole house's: every supervisor may look, but a draft is edited by its author."""
    return {(Role.SUPERVISOR, "near"): own, (Role.SUPERVISOR, "far"): others}
