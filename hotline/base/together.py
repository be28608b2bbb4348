"""Many small wishes of one moment, carried out together.

A thousand pages that each say "I am here" every three seconds are not worth a thousand commits. Whoever
asks waits until the next gathering has been carried out, and learns whether its own wish was among those
that were done, or what went wrong.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Wish = TypeVar("Wish", bound=Hashable)

Do = Callable[[frozenset[Wish]], Awaitable[frozenset[Wish]]]
"""Carries out what was wished for; gives back those that are done."""


class Together(Generic[Wish]):
    """Gathers for `seconds` from the first wish on; `run` must be kept going."""

    def __init__(self, do: "Do[Wish]", seconds: float) -> None:
        """Begin with nothing wished for."""
        self._do = do
        self._seconds = seconds
        self._asked = asyncio.Event()
        self._wishes: set[Wish] = set()
        self._done: asyncio.Future[frozenset[Wish]] = _future()

    async def ask(self, wish: Wish) -> bool:
        """Wish for something; whether it was done. Raises what carrying it out has raised."""
        self._wishes.add(wish)
        self._asked.set()
        return wish in await asyncio.shield(self._done)

    async def run(self) -> None:
        """Carry out gathering after gathering."""
        while True:
            await self._asked.wait()
            await asyncio.sleep(self._seconds)
            self._asked.clear()
            wishes, self._wishes = frozenset(self._wishes), set()
            done, self._done = self._done, _future()
            try:
                done.set_result(await self._do(wishes))
            except asyncio.CancelledError:
                done.cancel()
                raise
            except Exception as error:  # whoever asked raises it; the next gathering goes on
                done.set_exception(error)
                done.exception()  # looked at, because whoever asked may have gone


def _future() -> "asyncio.Future[frozenset[Wish]]":
    return asyncio.get_running_loop().create_future()
