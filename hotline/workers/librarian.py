"""The librarian: keeps a process judging by the rulebook that is in use, without a restart.

It looks every second. Another version is compiled in a thread, beside the one that judges, and put on the
shelf whole. One that cannot be compiled here (written for a later release, say) changes nothing: the node
judges on by what it has, and says so in its log, in its health and on every board.
"""

import asyncio
from time import monotonic
from typing import Final

from hotline.base import clock, ids, log
from hotline.base.errors import HotlineError
from hotline.domain.risk.assess import Rulebook
from hotline.flow import rulebook as rulebooks, shelf as shelves
from hotline.policy import rulebook
from hotline.policy.ruletext import Files
from hotline.policy.shelf import Shelf
from hotline.store.rulebook import Said
from hotline.store.unit import Store

SAY_SECONDS: Final = 5.0
"""How often a node says by which version it judges."""

_log = log.get("librarian")


class Librarian:
    """Follows for one process; `run` must be kept going."""

    def __init__(
        self,
        store: Store,
        shelf: Shelf,
        kind: str,
        every_seconds: float,
        shipped: Files | None = None,
    ) -> None:
        """Name the node; `kind` is serve or work, `shipped` came with this release and is to be kept."""
        self._shipped = shipped
        self._store = store
        self._shelf = shelf
        self._kind = kind
        self._name = f"{kind}:{ids.new_id()}"
        self._every_seconds = every_seconds
        self._refused: str | None = None
        self._said: tuple[str, str | None] | None = None
        self._said_at = 0.0

    async def run(self) -> None:
        """Follow for ever."""
        await shelves.forget_gone(self._store)
        while True:
            await self.look()
            await asyncio.sleep(self._every_seconds)

    async def look(self) -> None:
        """Judge by what is in use from now on, and say so."""
        if self._shipped is not None:
            await rulebooks.ship(self._store, self._shipped, clock.now())
            self._shipped = None
        digest = await shelves.in_use(self._store)
        if digest is None or digest == self._shelf.rulebook.digest:
            self._refused = self._shelf.fault = None
        elif digest != self._refused:
            await self._take(digest)
        await self._say()

    async def _take(self, digest: str) -> None:
        files = await shelves.files(self._store, digest)
        try:
            made = await asyncio.to_thread(_compiled, files)
        except HotlineError as error:
            self._refused, self._shelf.fault = digest, error.code
            _log.error("cannot judge by the rulebook in use", wanted=digest, used=self._shelf.rulebook.digest)
        else:
            self._refused = self._shelf.fault = None
            self._shelf.rulebook = made
            _log.warning("judging by another rulebook", version=digest)

    async def _say(self) -> None:
        told = self._shelf.rulebook.digest, self._shelf.fault
        now = monotonic()
        if told == self._said and now - self._said_at < SAY_SECONDS:
            return
        digest, fault = told
        await shelves.note_node(
            self._store, Said(name=self._name, kind=self._kind, digest=digest, fault=fault)
        )
        self._said, self._said_at = told, now


def _compiled(files: Files) -> Rulebook:
    made = rulebook.made_of(files)
    rulebook.compile_all(made)
    return made
