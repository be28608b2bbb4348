"""Whether a database can be reached, and if not, what is wrong with DATABASE_URL, in a sentence.

What the driver says is never repeated, because it may quote a part of the password.
"""

from socket import gaierror
from typing import Final

import asyncpg

from hotline.base.errors import Unreachable
from hotline.store import engine

LOOKS_LIKE: Final = "It looks like postgresql://user:password@host:5432/name."
_WHY: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (gaierror, "its host is not known"),
    (ConnectionRefusedError, "nobody listens at its host and port"),
    (FileNotFoundError, "the folder that it names has no socket of a server"),
    (TimeoutError, "nobody answers at its host and port"),
    (asyncpg.InvalidAuthorizationSpecificationError, "the server does not know its user and password"),
    (asyncpg.InvalidCatalogNameError, "the server has no database of its name"),
    (asyncpg.TooManyConnectionsError, "it is right, but the server has no connection left"),
    (asyncpg.CannotConnectNowError, "it may be right: the server is just starting or stopping"),
)


async def require(url: str) -> None:
    """Connect once.

    Raises:
        Unreachable: nobody who knows us answers there; the sentence says what to mend.
    """
    try:
        await (await engine.connected(engine.connect_arguments(url))).close()
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Unreachable("database.unreachable", sentence_of(error)) from None


def sentence_of(error: Exception) -> str:
    """What is wrong, and what a right one looks like."""
    if isinstance(error, engine.BadUrl):
        return f"DATABASE_URL cannot be used: {error}. {LOOKS_LIKE}"
    why = next((f": {why}" for kind, why in _WHY if isinstance(error, kind)), "")
    return f"The database does not answer ({type(error).__name__}); check DATABASE_URL{why}. {LOOKS_LIKE}"
