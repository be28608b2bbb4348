"""The console's routes together, under one prefix: sign-in, the live socket, and a room for each thing."""

from fastapi import APIRouter

from hotline.web import auth, live
from hotline.web.console import contacts, escalations, offers, presence, sessions, softphone

router = APIRouter(prefix="/api")
for room in (auth, presence, offers, softphone, contacts, sessions, escalations, live):
    router.include_router(room.router)
