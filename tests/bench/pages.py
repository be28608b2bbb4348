"""Signed-in pages by the hundred: sign-ins in bulk, and the heartbeat of whoever only listens."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final
from uuid import UUID

from hotline.base import clock, ids
from hotline.base.sensitive import Sensitive
from hotline.flow import sign_in
from hotline.store import sign_in as store_sign_in
from hotline.web.auth import COOKIE
from tests.stage import Stage

SHIFT: Final = timedelta(hours=12)
AWAKE: Final = """
update presence set choice = 'ready', reason = null, is_connected = true,
                    heartbeat_at = now() + interval '1 day'
where centre_id = $1"""


async def cookies(stage: Stage, staff_ids: Iterable[UUID]) -> list[str]:
    """A cookie for each, as after signing in with a password."""
    now, made = clock.now(), list[str]()
    async with stage.store.connection() as connection:
        for staff_id in staff_ids:
            token = ids.new_secret()
            hashed = sign_in.token_hash(Sensitive(token))
            await store_sign_in.add(connection, hashed, staff_id, now, now + SHIFT)
            made.append(f"{COOKIE}={token}")
    return made


async def awake(stage: Stage) -> None:
    """Everybody of the centre is ready, and heard of for the next day."""
    async with stage.store.connection() as connection:
        await connection.execute(AWAKE, stage.centre.id)
