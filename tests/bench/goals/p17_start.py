"""P17: from starting `hotline serve` until it is ready, and what it holds: idle, with pages, with open chats.

Pages are counselors' consoles, each signed in as somebody else; chats are help-seekers' pages, each with a
waiting contact of its own. Beside the start stands Python with the same framework, server and driver loaded.
"""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Final

import psutil

from hotline.base import clock, ids
from hotline.base.sensitive import Sensitive
from hotline.domain.contact import Form
from hotline.flow import intake
from tests import stage as stages
from tests.bench import children, databases, house, houses, pages
from tests.bench.goal import Bound, Figures, Goal, Measure, Size
from tests.bench.meter import Watch
from tests.stage import NOTICE, Stage

CHATS: Final = 1000
PAGES: Final = 300
SETTLE_SECONDS: Final = 0.5
LOADED: Final = (
    "import fastapi, uvicorn, uvloop, httptools, websockets, sqlalchemy, asyncpg, pydantic_settings"
)
FORM: Final = Form(notice_version=NOTICE)


async def _open_chats(stage: Stage, count: int) -> list[str]:
    """Open chats, and the token of each."""
    tokens = [ids.new_secret() for _ in range(count)]
    for token in tokens:
        asked = intake.Entrance(
            slug=stage.chat_line.address,
            language=house.PLAIN,
            form=FORM,
            token_hash=intake.token_hash(Sensitive(token)),
        )
        await intake.open_chat(stage.store, stage.policies, asked, clock.now())
    return tokens


@asynccontextmanager
async def floor(size: Size) -> AsyncGenerator[Measure]:
    """A Python that loads the same libraries and ends."""
    _ = size

    async def measure(watch: Watch) -> Figures:
        with watch:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", LOADED, env=os.environ | children.COMPILED
            )
            await process.wait()
        return {"ready_s": watch.seconds}

    yield measure


@asynccontextmanager
async def side(size: Size) -> AsyncGenerator[Measure]:
    """`hotline serve`, started anew for every round."""
    chats, consoles = size.count(CHATS, 5), size.count(PAGES, 5)
    async with databases.fresh() as url, house.opened(url) as store:
        stage = await house.founded(store, stages.policies_of_the_house())
        signed_in = await pages.cookies(stage, await house.hire(stage, consoles, ready=False))
        tokens = await _open_chats(stage, chats)

        async def measure(watch: Watch) -> Figures:
            began = perf_counter()
            with watch:
                async with houses.standing(url, store.vault, "serve") as standing:
                    ready = perf_counter() - began
                    process = psutil.Process(standing.pid("serve"))
                    idle = process.memory_info().rss
                    seats = {"port": standing.port, "cookies": signed_in, "tokens": []}
                    async with children.child("desks", seats, core=children.CLIENT_CORE):
                        await asyncio.sleep(SETTLE_SECONDS)
                        with_pages = process.memory_info().rss
                        talks = {"port": standing.port, "cookies": [], "tokens": tokens}
                        async with children.child("desks", talks, core=children.CLIENT_CORE):
                            await asyncio.sleep(SETTLE_SECONDS)
                            with_chats = process.memory_info().rss
            return {
                "ready_s": ready,
                "idle_mb": idle / 1e6,
                "page_kb": (with_pages - idle) / consoles / 1024,
                "chats_mb": (with_chats - with_pages) / chats * 1000 / 1e6,
            }

        yield measure


GOAL = Goal(
    id="P17",
    sentence="Start to ready, and what the serving process holds.",
    sides={"libraries": floor, "house": side},
    bounds=(
        Bound("start to ready", "ready_s", against="libraries", unit="s"),
        Bound("idle", "idle_mb", unit="MB"),
        Bound("per console", "page_kb", unit="kB"),
        Bound("per 1,000 open chats", "chats_mb", unit="MB"),
    ),
    rounds=1,
)
