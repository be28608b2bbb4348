"""The pulse of this node's ears, which goes on only while pages here are heard and shown in time.

Whoever is not heard because we are slow looks exactly like somebody who has gone; and whoever is shown an
offer too late looks like somebody who does not care. A house that takes its own slowness for theirs sends
everybody away when it has most to do, and stays so. So a node that is behind begins a new life as a listener,
again and again until it is in time: nobody is called silent, or blamed for an offer, before the full time.

With each pulse the node also looks whether any worker still gives signs of life. While none does, nobody is
offered a caller and nobody is paged, however many are ready: so every page is told, with its next beat.
"""

import asyncio
from time import monotonic
from typing import Final

from hotline.base import ids, log
from hotline.store import health
from hotline.store.unit import Store
from hotline.web.hub import Hub
from hotline.web.living import Living

BEHIND_SECONDS_MAX: Final = 3.0
"""So old may a journal entry become before it is shown."""
GATHERING_SECONDS_MAX: Final = 2.0
"""So long may it take to note the signs of life of one moment; the page gives one every three seconds."""
LATE_SECONDS_MAX: Final = 1.0
"""So late may the pulse itself be: then the process has no time, or no connection."""

_log = log.get("ears")


class Ears:
    """Whether this node hears in time; `run` must be kept going."""

    def __init__(
        self, store: Store, hub: Hub, living: Living, *, workers_silent_seconds_max: float = 10.0
    ) -> None:
        """Begin a node of its own: one that is started again is another."""
        self._name = health.ears_of(ids.new_id())
        self._store = store
        self._hub = hub
        self._living = living
        self._pulsed_at: float | None = None
        self._slow: frozenset[str] = frozenset()
        self._was_slow = False
        self._workers_silent_seconds_max = workers_silent_seconds_max
        self._workers_silent_seconds: int | None = None
        self._began_at = monotonic()

    @property
    def workers_silent_seconds(self) -> int | None:
        """For how long no worker has given a sign of life, as the last pulse found; None while one does."""
        return self._workers_silent_seconds

    async def run(self) -> None:
        """Leave signs of life for ever; begun again, it knows how long it has been away."""
        async with self._store.connection() as connection:
            await health.forget_gone(connection)
        while True:
            await self.pulse()
            await asyncio.sleep(health.PULSE_SECONDS)

    async def pulse(self) -> None:
        """One sign of life: that we hear on, or that we hear anew. What was slow is kept until it is said."""
        began = monotonic()
        self._slow |= self._slow_now(began)
        async with self._store.connection() as connection:
            if self._slow:
                await health.begin_anew(connection, self._name)
            else:
                await health.beat(connection, self._name)
            silent = await health.workers_silent_seconds(connection)
        self._judge_workers(began - self._began_at if silent is None else silent)
        if bool(self._slow) != self._was_slow:
            _log.warning("slow, so nobody is lost" if self._slow else "in time again", why=sorted(self._slow))
        self._was_slow, self._slow, self._pulsed_at = bool(self._slow), frozenset(), began

    def _judge_workers(self, silent_seconds: float) -> None:
        """Where workers have never run they are silent for as long as this node has been there."""
        was = self._workers_silent_seconds
        is_silent = silent_seconds > self._workers_silent_seconds_max
        self._workers_silent_seconds = int(silent_seconds) if is_silent else None
        if is_silent and was is None:
            _log.error(
                "no worker gives a sign of life, so nobody is offered or paged", seconds=int(silent_seconds)
            )
        elif was is not None and not is_silent:
            _log.warning("workers are back")

    def _slow_now(self, now: float) -> frozenset[str]:
        late = 0.0 if self._pulsed_at is None else now - self._pulsed_at - health.PULSE_SECONDS
        found = {
            "screens": self._hub.behind_seconds > BEHIND_SECONDS_MAX,
            "beats": self._living.take_longest_seconds() > GATHERING_SECONDS_MAX,
            "process": late > LATE_SECONDS_MAX,
        }
        return frozenset(name for name, is_slow in found.items() if is_slow)
