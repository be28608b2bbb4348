"""The people who answer, watch and respond.

Roles say what a person may do, skills and languages what contacts a counselor can take. A
counselor's device is a browser (we call out to nobody; the page joins the room) or a telephone
(we ring it, and the person presses 1).
"""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from hotline.base.sensitive import Sensitive


class Role(StrEnum):
    """What a person is here for; one person may be several."""

    COUNSELOR = "counselor"
    SUPERVISOR = "supervisor"
    RESPONDER = "responder"
    ADMIN = "admin"


class Device(StrEnum):
    """What a counselor talks through."""

    BROWSER = "browser"
    PHONE = "phone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """A member of staff; `telephone` is where pages and rings go, `mail` where pages go besides."""

    id: UUID
    centre_id: UUID
    login: str
    name: Sensitive
    roles: frozenset[Role]
    languages: frozenset[str]
    skills: frozenset[str] = field(default_factory=frozenset)
    chat_capacity: int = 1
    device: Device = Device.BROWSER
    telephone: Sensitive | None = None
    mail: Sensitive | None = None
    is_active: bool = True
