"""Many small wishes of one moment, carried out together.

A thousand pages that each say "I am here" every three seconds are not worth a thousand commits, nor a
thousand questions how their contacts stand. Whoever asks waits until the next gathering has been carried
out, and gets the answer to its own wish, or learns what went wrong.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import Generic, TypeVar

Wish = TypeVar("Wish", bound=Hashable)
Answer = TypeVar("Answer")

Do = Callable[[frozenset[Wish]], Awaitable[Mapping[Wish, Answer]]]
"""Carries out what was wished for; gives back the answers, by wish."""


class Together(Generic[Wish, Answer]):
    """Gathers for `seconds` from the first wish on; `run` must be kept going."""

    def __init__(self, do: "Do[Wish, Answer]", seconds: float) -> None:
        """Begin with nothing wished for."""
        self._do = do
        self._seconds = seconds
        self._asked = asyncio.Event()
        self._wishes: set[Wish] = set()
        self._done: asyncio.Future[Mapping[Wish, Answer]] = _future()

    async def ask(self, wish: Wish) -> Answer | None:
        """Wish for something; None if there was no answer to it. Raises what carrying it out has raised."""
        self._wishes.add(wish)
        self._asked.set()
        return (await asyncio.shield(self._done)).get(wish)

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


def _future() -> "asyncio.Future[Mapping[Wish, Answer]]":
    return asyncio.get_running_loop().create_future()
