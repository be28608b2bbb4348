"""The addresses that Twilio calls: one place, so that documents, orders and webhooks agree.

Query strings keep to `A-Z a-z 0-9 . _ ~ - = &`: Twilio signs some other characters in a re-encoded form.
What follows `#` is neither sent nor signed; it tells Twilio how long to wait and how often to try again.
"""

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from hotline.base.errors import Broken

ARRIVE: Final = "/t/arrive"
CLIENT: Final = "/t/client"
PLAN: Final = "/t/plan"
DIGITS: Final = "/t/digits"
WAIT: Final = "/t/wait"
ROOM: Final = "/t/room"
STATUS: Final = "/t/ended"
MESSAGE: Final = "/t/message"
PAGE: Final = "/t/page"
PAGE_KEYS: Final = "/t/page-keys"
PAGE_STATUS: Final = "/t/page-ended"

AFTER_DIVERT: Final = "divert"

PATIENCE_WAIT: Final = "#ct=2000&rt=3000&rc=1&rp=all"
"""A parked caller's next document: asked for twice quickly, so that the fallback is reached in time."""

_BASE: Final = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~-]+)*")
_WORD: Final = re.compile(r"[A-Za-z0-9._~-]{1,128}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Urls:
    """Absolute addresses below the public base (`https://host[/path]`, no slash at the end)."""

    base: str

    def __post_init__(self) -> None:
        """Refuse a base that Twilio could not sign or reach.

        Raises: Broken.
        """
        if not _BASE.fullmatch(self.base):
            raise Broken(
                "telephony.public_base",
                "The public base must be http(s)://host[:port][/path] without a slash.",
            )

    def plan(self, leg_id: UUID, *, after: str | None = None) -> str:
        """Where a leg asks what it should experience now."""
        return self._url(PLAN, leg=str(leg_id), **({"after": after} if after else {}))

    def digits(self, leg_id: UUID, step: str) -> str:
        """Where keys pressed in answer to a step go."""
        return self._url(DIGITS, leg=str(leg_id), step=step)

    def silence(self, leg_id: UUID, step: str) -> str:
        """Where a caller goes who pressed nothing: no answer is an answer."""
        return self._url(DIGITS, leg=str(leg_id), step=step, silent="1")

    def wait(self, leg_id: UUID) -> str:
        """Where a parked leg asks what it should hear next."""
        return self._url(WAIT, leg=str(leg_id)) + PATIENCE_WAIT

    def room(self, name: str) -> str:
        """Where a room reports; the same from every leg, because Twilio keeps the first one it is given."""
        return self._url(ROOM, room=name)

    def status(self, leg_id: UUID) -> str:
        """Where the progress and the end of a call that we placed are reported."""
        return self._url(STATUS, leg=str(leg_id))

    def message(self, key: UUID) -> str:
        """Where the delivery of a short message is reported."""
        return self._url(MESSAGE, key=str(key))

    def page(self, key: UUID) -> str:
        """Where a call that pages somebody asks what is to be heard."""
        return self._url(PAGE, key=str(key))

    def page_keys(self, key: UUID, step: str) -> str:
        """Where the key goes that somebody who is paged has pressed."""
        return self._url(PAGE_KEYS, key=str(key), step=step)

    def page_silence(self, key: UUID, step: str) -> str:
        """Where a mailbox goes, or somebody who is paged and presses nothing."""
        return self._url(PAGE_KEYS, key=str(key), step=step, silent="1")

    def page_status(self, key: UUID) -> str:
        """Where the progress and the end of a call that pages somebody are reported."""
        return self._url(PAGE_STATUS, key=str(key))

    def _url(self, path: str, **query: str) -> str:
        for value in query.values():
            if not _WORD.fullmatch(value):
                raise Broken("telephony.url", "A webhook address may hold plain words and ids only.")
        return f"{self.base}{path}?" + "&".join(f"{name}={value}" for name, value in query.items())
