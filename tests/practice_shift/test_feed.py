"""Who waits for news of the exchange is sent home when it stops, and not cut off."""

import asyncio
import logging

import httpx2
import pytest

from hotline.practice.app import running, server
from hotline.practice.config import PracticeConfig
from hotline.practice.feed import Feed
from tests.patience import PATIENCE_SECONDS


async def test_a_stop_ends_long_polls_and_streams_in_order(caplog: pytest.LogCaptureFixture):
    config = PracticeConfig(port=0, account="AC" + "0" * 32, auth_token="x" * 16)
    one = server(config)
    with caplog.at_level(logging.ERROR, "uvicorn.error"):
        async with (
            httpx2.AsyncClient(timeout=60) as client,
            asyncio.TaskGroup() as group,
            running(one) as base,
        ):
            polled = group.create_task(client.get(f"{base}/practice/ringing", params={"seconds": 20}))
            followed = group.create_task(client.get(f"{base}/practice/events"))
            async with asyncio.timeout(PATIENCE_SECONDS):
                while len(one.server_state.tasks) < 2:  # noqa: ASYNC110  uvicorn tells it no other way
                    await asyncio.sleep(0.01)
        assert polled.result().json() == []
        assert followed.result().text.startswith(": hello")
    assert caplog.records == []


async def test_a_closed_feed_has_no_followers():
    feed = Feed()
    feed.tell("began")
    followed = feed.follow(0)
    assert (await anext(followed)).kind == "began"
    feed.close()
    assert [one async for one in followed] == []
