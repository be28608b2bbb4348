"""One after the other, so that one that fails costs the others nothing.

A sweep works through rows whose time has come. If one of them cannot be read (its key is missing, its seal
is broken), whoever stands behind it must not wait for an engineer: it is told of by its id and passed over,
and comes again with the next sweep. A neighbour that is away is nobody's own fault: that ends the sweep.
"""

from collections.abc import Awaitable, Callable, Collection, Hashable, Iterable
from typing import Final, TypeVar

from structlog.typing import FilteringBoundLogger

from hotline.base.errors import Unreachable

Thing = TypeVar("Thing", bound=Hashable)
LOOKS_MAX: Final = 20
"""So often at most one sweep looks again past those that fail."""


async def each(
    things: Iterable[Thing], step: Callable[[Thing], Awaitable[object]], log: FilteringBoundLogger
) -> frozenset[Thing]:
    """Do `step` for one after the other; those for which it failed, each told of in the log.

    Raises:
        Unreachable: the database or a network is away; the rest is left for the next time.
    """
    failed: set[Thing] = set()
    for thing in things:
        try:
            await step(thing)
        except Unreachable:
            raise
        except Exception:  # whatever it is, it is this one's own, and the next has none of it
            log.exception("passed over", thing=str(thing))
            failed.add(thing)
    return frozenset(failed)


async def through(
    find: Callable[[int], Awaitable[Collection[Thing]]],
    step: Callable[[Thing], Awaitable[object]],
    most: int,
    log: FilteringBoundLogger,
) -> int:
    """As `each`, for `most` of those that `find` finds, the longest due first; how many went well.

    Those for which it failed stay due, and stand first the next time: they are looked past, so that however
    many they are, the others have their turn.

    Raises:
        Unreachable: the database or a network is away; the rest is left for the next time.
    """
    failed, done = frozenset[Thing](), 0
    for _ in range(LOOKS_MAX):
        found = await find(most + len(failed))
        fresh = [thing for thing in found if thing not in failed]
        new = await each(fresh, step, log)
        is_all = len(found) < most + len(failed)
        failed, done = failed | new, done + len(fresh) - len(new)
        if is_all or not new:
            break
    return done
