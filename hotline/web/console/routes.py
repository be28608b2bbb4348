"""The console's routes together: sign-in, the live socket, and a room for each thing.

Every room says its whole path, so the routes of all lie side by side: where a router holds routers, each
request is held against everything twice, which costs more than all else that is done before a step.
"""

from typing import Final

from fastapi import APIRouter

from hotline.web import auth, live
from hotline.web.console import (
    abuse,
    assists,
    contacts,
    dispatches,
    escalations,
    followups,
    history,
    instruments,
    offers,
    outreach,
    presence,
    records,
    reports,
    reviews,
    rulebooks,
    safety_plans,
    sessions,
    shifts,
    softphone,
    tasks,
    teams,
)

ROOMS: Final = (
    auth,
    presence,
    offers,
    softphone,
    contacts,
    sessions,
    records,
    reviews,
    escalations,
    instruments,
    assists,
    tasks,
    dispatches,
    safety_plans,
    followups,
    abuse,
    teams,
    reports,
    rulebooks,
    history,
    outreach,
    shifts,
    live,
)
router: Final = APIRouter(routes=[route for room in ROOMS for route in room.router.routes])
