"""Pages by short message: a responder is told that an escalation waits, how grave, and where.

Nothing else: no name, no number, no word of a caller ever goes into a message that passes through other
hands and stays on a lock screen. A page is sent at least once; twice is better than not at all.
"""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from hotline.base.sensitive import Sensitive
from hotline.carriers.port import Telephony
from hotline.domain.leg import Prompt
from hotline.domain.level import Level

Write = Callable[[Prompt], str]
"""The words of a prompt, to be read."""

_PHRASES: Final = {Level.IMMINENT: "page_imminent", Level.HIGH: "page_high"}
_OTHERWISE: Final = "page_other"


class SmsPager:
    """Sends pages through a telephone network that can send short messages."""

    def __init__(self, telephony: Telephony, write: Write) -> None:
        """Take the network and the words."""
        self._telephony = telephony
        self._write = write

    async def page(self, page_id: UUID, to: Sensitive, level: Level, *, language: str, link: str) -> str:
        """Send one page; `page_id` comes back with the report of its delivery. The network's id of it.

        Raises: Refused when it cannot be sent that way, Unreachable when it can be tried again.
        """
        key = _PHRASES.get(level, _OTHERWISE)
        text = self._write(Prompt(key=key, language=language, values=(("link", link),)))
        return await self._telephony.send_sms(to, text, page_id)
