"""Pages by short message, e-mail and webhook: a responder is told that something waits, how grave, and where.

Nothing else: no name, no number, no word of a caller ever goes into a message that passes through other
hands and stays on a lock screen. A page is sent at least once; twice is better than not at all.
"""

import asyncio
import hashlib
import hmac
import smtplib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from functools import cache
from http import HTTPStatus
from typing import Final
from uuid import UUID

import httpx2
import orjson

from hotline.base.errors import Refused, Unreachable
from hotline.base.sensitive import Sensitive
from hotline.carriers.port import Telephony
from hotline.domain import paging
from hotline.domain.leg import Prompt
from hotline.domain.level import Level

Write = Callable[[Prompt], str]
"""The words of a prompt, to be read."""

_PHRASES: Final = {Level.IMMINENT: "page_imminent", Level.HIGH: "page_high"}
_OTHERWISE: Final = "page_other"
_FOR: Final = {
    purpose: f"page_{purpose}"
    for purpose in (paging.STALLED, paging.JOIN, paging.NUMBER, paging.HANDOVER, paging.COVER, paging.HELP)
}
"""What is asked for decides before how grave it is; whoever should take it is told how grave it is."""


class SmsPager:
    """Sends pages through a telephone network that can send short messages."""

    def __init__(self, telephony: Telephony, write: Write) -> None:
        """Take the network and the words."""
        self._telephony = telephony
        self._write = write

    async def page(self, page_id: UUID, to: Sensitive, key: str, *, language: str, link: str) -> str:
        """Send one page; `page_id` comes back with the report of its delivery. The network's id of it.

        Raises: Refused when it cannot be sent that way, Unreachable when it can be tried again.
        """
        return await self._telephony.send_sms(to, words(self._write, key, language, link), page_id)


def key_of(level: Level, purpose: str) -> str:
    """The phrase of a page: what it asks for, or how grave it is."""
    return _FOR.get(purpose) or _PHRASES.get(level, _OTHERWISE)


def words(write: Write, key: str, language: str, link: str) -> str:
    """What a page says: what for or how grave, and where; nothing of a caller."""
    return write(Prompt(key=key, language=language, values=(("link", link),)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A mail server: where, as whom, from whom; without a host no mail goes out."""

    host: str
    port: int
    sender: str
    login: str
    password: Sensitive
    is_tls: bool
    seconds: float


async def mail(post: Post, page_id: UUID, to: Sensitive, text: str) -> None:
    """Send one page by e-mail; its id is the id of the message, by which a mailbox knows a repeat.

    Raises: Refused when it cannot be sent that way, Unreachable when it can be tried again.
    """
    if not post.host or not to.reveal():
        raise Refused("page.no_mail", "No mail server is set ([pages] mail_host), or no address.")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = post.sender, to.reveal(), text
    message["Message-ID"] = f"<{page_id}@hotline>"
    message.set_content(text)
    try:
        await asyncio.to_thread(_hand_in, post, message)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPAuthenticationError) as error:
        raise Refused("page.mail_refused", "The mail server does not take this page.") from error
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable("page.mail_away", "The mail server does not answer; it is tried again.") from error


def _hand_in(post: Post, message: EmailMessage) -> None:
    with smtplib.SMTP(post.host, post.port, timeout=post.seconds) as server:
        if post.is_tls:
            server.starttls(context=ssl.create_default_context())
        if post.login:
            server.login(post.login, post.password.reveal())
        server.send_message(message)


KEY_HEADER: Final = "Idempotency-Key"
TIME_HEADER: Final = "Hotline-Timestamp"
SIGNATURE_HEADER: Final = "Hotline-Signature"
TRY_AGAIN: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


def signature(secret: Sensitive, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over the time and the body; who receives it makes it again and compares."""
    made = hmac.new(secret.reveal().encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"v1={made.hexdigest()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """Where webhooks go, and the secret that they are signed with."""

    url: str
    secret: Sensitive
    seconds: float


@cache
def _trust() -> ssl.SSLContext:
    """Whom this machine trusts; read once, because reading it holds everybody else up."""
    return httpx2.create_ssl_context()


async def hook(to: Hook, page_id: UUID, told: Mapping[str, object], now: datetime) -> None:
    """Send one page to a receiver; the page's id is the key by which it knows a repeat.

    Raises: Refused when the receiver does not want it, Unreachable when it can be tried again.
    """
    if not to.url or not to.secret.reveal():
        raise Refused("page.no_webhook", "No webhook is set for this centre ([pages] in hotline.toml).")
    body = orjson.dumps({"page": str(page_id), **told})
    timestamp = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        KEY_HEADER: str(page_id),
        TIME_HEADER: timestamp,
        SIGNATURE_HEADER: signature(to.secret, timestamp, body),
    }
    try:
        async with httpx2.AsyncClient(timeout=to.seconds, verify=_trust()) as client:
            answer = await client.post(to.url, content=body, headers=headers)
    except httpx2.HTTPError as error:
        raise Unreachable("page.webhook_away", "The receiver does not answer; it is tried again.") from error
    if answer.is_success:
        return
    if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR and answer.status_code not in TRY_AGAIN:
        raise Refused("page.webhook_refused", f"The receiver answers {answer.status_code}.")
    raise Unreachable("page.webhook_busy", f"The receiver answers {answer.status_code}; it is tried again.")
