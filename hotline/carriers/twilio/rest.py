"""One way to ask Twilio something, and one reading of how it can go wrong.

Twilio's own client is used for its paths and names; here it gets a time limit (it has none of its own),
another host when calls are practised, a bound on how many requests run at once, and a patient answer to
"too many requests", the one failure that is certain not to have done anything. Everything else is left
to whoever asked: the relay tries again later. Error texts of Twilio may quote a caller's number, so only
codes are kept.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from aiohttp import ClientConnectorError, ClientError, encode_basic_auth
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from hotline.base.errors import Broken, HotlineError, Refused, Unreachable
from hotline.base.sensitive import Sensitive
from hotline.carriers.port import LegGone, Unknown

CALL_NOT_LIVE: Final = 21220
NOT_FOUND: Final = 20404
TOO_MANY: Final = 20429

_HTTP_NOT_FOUND: Final = 404
_HTTP_TOO_MANY: Final = 429
_HTTP_SERVER: Final = 500
_HTTP_WHO: Final = frozenset({401, 403})

T = TypeVar("T")


class _TooBusy(Unreachable):
    """Twilio has turned the request away unread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose account, and how much to ask of it.

    `key` is an API key (`SK...`) or the account itself; `caller_number` is shown to people we ring;
    `api_base` replaces `https://api.twilio.com` when calls are practised.
    """

    account: str
    key: str
    secret: Sensitive
    caller_number: str
    sms_number: str | None = None
    application: str | None = None
    api_base: str | None = None
    timeout_seconds: float = 10.0
    parallel_max: int = 8
    tries_max: int = 4
    pause_seconds: float = 0.25


class Desk:
    """Asks Twilio; made anywhere, connects in the loop that first uses it."""

    def __init__(self, account: Account) -> None:
        """Remember whom to ask and how often; nothing is opened yet."""
        self._account = account
        self._http: _Http | None = None
        self._client: Client | None = None
        self._slots = asyncio.Semaphore(account.parallel_max)

    async def ask(self, question: Callable[[Client], Awaitable[T]]) -> T:
        """The answer to one request, asked again only while Twilio says that it is too busy to look.

        Raises: LegGone, Refused, Unreachable, Broken; Unknown when the request may have been carried out.
        """
        account = self._account
        for nth in range(account.tries_max - 1):
            try:
                return await self._once(question)
            except _TooBusy:
                await asyncio.sleep(account.pause_seconds * 2**nth)
        return await self._once(question)

    async def close(self) -> None:
        """Let go of the connections; safe to call twice."""
        http, self._http, self._client = self._http, None, None
        if http:
            await http.close()

    async def _once(self, question: Callable[[Client], Awaitable[T]]) -> T:
        async with self._slots:
            try:
                return await question(self._connected())
            except (TwilioException, ClientError, TimeoutError, OSError, ValueError) as error:
                raise _meaning(error) from None

    def _connected(self) -> Client:
        if self._client is None:
            account = self._account
            self._http = _Http(account.api_base, account.timeout_seconds)
            self._client = Client(
                account.key, account.secret.reveal(), account.account, http_client=self._http
            )
        return self._client


class _Http(AsyncTwilioHttpClient):
    """Twilio's transport with a time limit, silent, and to another host if so told."""

    def __init__(self, api_base: str | None, timeout_seconds: float) -> None:
        super().__init__(timeout=timeout_seconds)
        self._api_base = urlsplit(api_base) if api_base else None

    async def request(self, method: str, url: str, *rest: Any, **named: Any) -> Response:
        if self._api_base:
            url = urlsplit(url)._replace(scheme=self._api_base.scheme, netloc=self._api_base.netloc).geturl()
        login, password = named.pop("auth")
        signed_in = {
            "Authorization": encode_basic_auth(login, password)
        }  # theirs is on its way out of aiohttp
        named |= {"headers": {**named["headers"], **signed_in}, "timeout": self.timeout}
        return await super().request(method, url, *rest, **named)

    def log_request(self, kwargs: dict[str, object]) -> None:
        """Say nothing: a query may hold a number."""

    def log_response(self, status_code: int, response: object) -> None:
        """Say nothing."""


def _codes(error: Exception) -> tuple[int, int]:
    if isinstance(error, TwilioRestException | TwilioServiceException):
        return error.status, error.code or 0
    return 0, 0


def _meaning(error: Exception) -> HotlineError:
    status, code = _codes(error)
    if status == _HTTP_TOO_MANY or code == TOO_MANY:
        return _TooBusy("telephony.too_busy", "The telephone network has too many requests to look at.")
    if isinstance(error, ClientConnectorError):
        return Unreachable("telephony.unreachable", "The telephone network takes no requests now.")
    if status == 0 or status >= _HTTP_SERVER:
        return Unknown("telephony.unknown", "The telephone network did not say whether it did as asked.")
    if status == _HTTP_NOT_FOUND or code in {CALL_NOT_LIVE, NOT_FOUND}:
        return LegGone("telephony.leg_gone", "The call is over.")
    if status in _HTTP_WHO:
        return Broken("telephony.credentials", f"The telephone network does not know this account ({code}).")
    return Refused("telephony.refused", f"The telephone network refuses this request (code {code}).")
