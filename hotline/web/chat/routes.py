"""The chat's routes together: the page, the way in, the socket."""

from typing import Final

from fastapi import APIRouter

from hotline.web.chat import entrance, page, socket

router: Final = APIRouter()
router.include_router(page.router)
router.include_router(socket.router)
router.include_router(entrance.router)
