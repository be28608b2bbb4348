"""The chat's routes together: the page, the way in, the socket; side by side, as the console's are."""

from typing import Final

from fastapi import APIRouter

from hotline.web.chat import entrance, page, socket

ROOMS: Final = (page, socket, entrance)
router: Final = APIRouter(routes=[route for room in ROOMS for route in room.router.routes])
