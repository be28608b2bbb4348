"""No telephone network: what stands in its place when only chat is answered.

It can do nothing and says so in a sentence, so that the rest of the house needs no question about
whether there are telephones.
"""

from typing import Final
from uuid import UUID

from hotline.base.errors import Refused
from hotline.base.sensitive import Sensitive
from hotline.carriers.port import Cap, LegGone, Softphone, Survey

EMPTY: Final = Survey(calls=(), rooms=())


class NoTelephony:
    """The port, with nothing behind it."""

    @property
    def caps(self) -> frozenset[Cap]:
        """Nothing."""
        return frozenset()

    async def steer(self, sid: str, leg_id: UUID) -> None:
        """There is no call to steer.

        Raises: LegGone.
        """
        del sid, leg_id
        raise LegGone("telephony.off", "Telephone calls are switched off: there is no such call.")

    async def dial(self, leg_id: UUID, to: Sensitive, ring_seconds: int) -> str:
        """Nobody can be rung.

        Raises: Refused.
        """
        del leg_id, to, ring_seconds
        raise _off("nobody can be rung")

    async def ring_page(self, page_id: UUID, to: Sensitive, ring_seconds: int) -> str:
        """Nobody can be rung up.

        Raises: Refused.
        """
        del page_id, to, ring_seconds
        raise _off("nobody can be rung up")

    async def drop(self, sid: str, state: str) -> None:
        """What is not there is ended already."""

    async def survey(self) -> Survey:
        """Nothing is up."""
        return EMPTY

    async def send_sms(self, to: Sensitive, text: str, key: UUID) -> str:
        """No message can be sent.

        Raises: Refused.
        """
        del to, text, key
        raise _off("no message can be sent")

    def softphone(self, identity: str, ttl_seconds: int) -> Softphone:
        """No page can call in.

        Raises: Refused.
        """
        del identity, ttl_seconds
        raise _off("no page can call in")

    async def close(self) -> None:
        """There is nothing to let go of."""


def _off(so: str) -> Refused:
    return Refused("telephony.off", f"Telephone calls are switched off: {so}.")
