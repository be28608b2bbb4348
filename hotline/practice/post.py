"""Requests to the product: documents that are waited for, callbacks that are not.

Callbacks start in the order of what happened and are separate requests: nothing keeps a later one from
arriving first, and on a bad day (`Faults`) they are late, doubled, swapped or lost. They are never tried
again unless the URL's fragment asks for it. Documents keep to their time-outs in real time.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import aiohttp
from yarl import URL

from hotline.base.ids import new_id
from hotline.base.tasks import Crew
from hotline.practice import wrong
from hotline.practice.book import Callback
from hotline.practice.chance import Dice, Faults
from hotline.practice.config import PracticeConfig
from hotline.practice.feed import Feed
from hotline.practice.overrides import Overrides, parted
from hotline.practice.signing import sign
from hotline.practice.wrong import DocumentFault

REDIRECTS_MAX = 10
CONNECTIONS_MAX = 500
IDLE_SECONDS_MAX = 3.0
"""Servers close a connection after five idle seconds; who closes it first loses no request to that."""
XML_TYPES = ("text/xml", "application/xml", "text/html")
FORM_TYPE = "application/x-www-form-urlencoded"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
HTTP_ERROR = 400
HTTP_SERVER_ERROR = 500
_REORDER_SECONDS_MAX = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: `url` is where it came from in the end, after redirects."""

    url: str
    status: int
    content_type: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Response:
    """One answer of the product; `location` is where it redirects to, if it does."""

    status: int
    location: str | None
    content_type: str
    text: str


class _NoAnswer(Exception):
    """A try that failed: `failure` is ct, rt, 4xx or 5xx."""

    def __init__(self, failure: str, code: int, message: str) -> None:
        super().__init__(message)
        self.failure = failure
        self.code = code


class Post:
    """The one place from which the exchange speaks to the product."""

    def __init__(self, config: PracticeConfig, feed: Feed, crew: Crew) -> None:
        """Share the client, the crew that carries callbacks, and the dice."""
        self._connected: aiohttp.ClientSession | None = None
        self._config = config
        self._feed = feed
        self._crew = crew
        self._names = count()
        self._overtaken: dict[str, asyncio.Event] = {}
        self.faults = Faults()
        self.dice = Dice(self.faults.seed)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._connected is not None:
            await self._connected.close()

    def set_faults(self, faults: Faults) -> None:
        """Begin another kind of day, with dice thrown from its seed."""
        self.faults = faults
        self.dice = Dice(faults.seed)

    async def document(self, url: str, method: str, form: Mapping[str, str]) -> Answer:
        """Ask for a document. A leg that is interrupted meanwhile leaves; the request runs to its end.

        Raises: DocumentFault when none comes within the time that the URL allows.
        """
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._later(self._fetch(answer, url, method, form))
        return await answer

    def notify(self, subject: str, callback: Callback, form: Mapping[str, str]) -> None:
        """Send a callback about `subject` (a call, a room) without waiting for it."""
        if self.dice.hits(self.faults.drop_share):
            self._feed.tell("callback lost", form.get("CallSid", ""), url=callback.url, form=dict(form))
            return
        copies = 2 if self.dice.hits(self.faults.duplicate_share) else 1
        if copies > 1:
            self._feed.tell("callback doubled", form.get("CallSid", ""), url=callback.url)
        for _ in range(copies):
            delay = self._delay_seconds()
            waits = self.dice.hits(self.faults.reorder_share)
            if delay or waits:
                self._feed.tell("callback late", form.get("CallSid", ""), url=callback.url)
            self._later(self._deliver(subject, callback, form, delay_seconds=delay, waits_its_turn=not waits))

    def _delay_seconds(self) -> float:
        faults = self.faults
        is_late = faults.delay_seconds_max > 0 and self.dice.hits(faults.delay_share)
        return self.dice.throw() * faults.delay_seconds_max if is_late else 0.0

    def forget_answer(self, url: str, method: str, form: Mapping[str, str]) -> None:
        """Ask for a document whose content nobody will carry out; Twilio does that after a redirect."""
        bare, overrides = parted(url)
        self._feed.tell("document ignored", form.get("CallSid", ""), url=bare)
        self._later(self._try_quietly(bare, method, form, overrides))

    async def _fetch(
        self, answer: asyncio.Future[Answer], url: str, method: str, form: Mapping[str, str]
    ) -> None:
        bare, overrides = parted(url)
        total = min(overrides.total_seconds, self._config.webhook_seconds_max)
        fault = DocumentFault(wrong.HTTP_RETRIEVAL, bare, f"no document within {total} s")
        try:
            if self.dice.hits(self.faults.document_retry_share):
                await self._try_quietly(bare, method, form, overrides)
            async with asyncio.timeout(total):
                came = await self._with_retries(bare, method, form, overrides, str(new_id()))
            call = form.get("CallSid", "")
            self._feed.tell("document", call, url=bare, status=came.status, twiml=came.text)
            if not answer.done():
                answer.set_result(came)
        except TimeoutError:
            pass
        except _NoAnswer as error:
            fault = DocumentFault(error.code, bare, str(error))
        except DocumentFault as error:
            fault = error
        finally:
            if not answer.done():
                answer.set_exception(fault)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        self._crew.once(f"post {next(self._names)}", work)

    async def _deliver(
        self,
        subject: str,
        callback: Callback,
        form: Mapping[str, str],
        *,
        delay_seconds: float,
        waits_its_turn: bool,
    ) -> None:
        bare, overrides = parted(callback.url)
        if not waits_its_turn:
            overtaken = self._overtaken.setdefault(subject, asyncio.Event())
            try:
                await asyncio.wait_for(overtaken.wait(), _REORDER_SECONDS_MAX)
            except TimeoutError:
                self._overtaken.pop(subject, None)
        if delay_seconds > 0:
            await asyncio.sleep(delay_seconds)
        await self._try_quietly(bare, callback.method, form, overrides)
        if waits_its_turn and (overtaken := self._overtaken.pop(subject, None)):
            overtaken.set()

    async def _try_quietly(
        self, url: str, method: str, form: Mapping[str, str], overrides: Overrides
    ) -> None:
        call = form.get("CallSid", "")
        try:
            async with asyncio.timeout(min(overrides.total_seconds, self._config.webhook_seconds_max)):
                answer = await self._with_retries(url, method, form, overrides, str(new_id()))
        except (TimeoutError, _NoAnswer, DocumentFault) as error:
            self._feed.tell("callback failed", call, url=url, why=str(error))
        else:
            self._feed.tell("callback", call, url=url, status=answer.status, form=dict(form))

    async def _with_retries(
        self, url: str, method: str, form: Mapping[str, str], overrides: Overrides, token: str
    ) -> Answer:
        for left in range(overrides.retries, -1, -1):
            try:
                return await self._once(url, method, form, overrides, token)
            except _NoAnswer as error:
                if left == 0 or not overrides.retry_after(error.failure):
                    raise
        raise AssertionError("the last try either answers or raises")

    async def _once(
        self, url: str, method: str, form: Mapping[str, str], overrides: Overrides, token: str
    ) -> Answer:
        for _ in range(REDIRECTS_MAX + 1):
            response = await self._send(url, method, form, overrides, token)
            if response.location is None:
                break
            url, method = urljoin(url, response.location), "GET"
        else:
            raise DocumentFault(wrong.HTTP_TOO_MANY_REDIRECTS, url, "redirected more than ten times")
        if response.status >= HTTP_ERROR:
            kind = "5xx" if response.status >= HTTP_SERVER_ERROR else "4xx"
            raise _NoAnswer(kind, wrong.HTTP_RETRIEVAL, f"{url} answered {response.status}")
        return Answer(url=url, status=response.status, content_type=response.content_type, text=response.text)

    async def _send(
        self, url: str, method: str, form: Mapping[str, str], overrides: Overrides, token: str
    ) -> _Response:
        posted = dict(form) if method == "POST" else {}
        if method == "GET":
            url = _with_query(url, form)
        headers = {
            "User-Agent": "TwilioProxy/1.1",
            "I-Twilio-Idempotency-Token": token,
            "X-Twilio-Signature": sign(self._config.auth_token, url, posted.items()),
        }
        if posted:
            headers["Content-Type"] = FORM_TYPE
        timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=overrides.connect_seconds, sock_read=overrides.read_seconds
        )
        asked = self._session().request(
            method,
            URL(url, encoded=True),  # as it was signed
            data=urlencode(posted) if posted else None,
            headers=headers,
            timeout=timeout,
            allow_redirects=False,
        )
        try:
            async with asked as response:
                return _Response(
                    status=response.status,
                    location=response.headers.get("location") if response.status in REDIRECTS else None,
                    content_type=response.headers.get("content-type", "").partition(";")[0].strip().lower(),
                    text=await response.text(errors="replace"),
                )
        except (
            aiohttp.ClientConnectorError,
            aiohttp.ConnectionTimeoutError,
            aiohttp.InvalidURL,
        ) as error:
            raise _NoAnswer("ct", wrong.HTTP_CONNECTION, f"cannot connect to {url}: {error}") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise _NoAnswer("rt", wrong.HTTP_RETRIEVAL, f"no answer from {url}: {error!r}") from error

    def _session(self) -> aiohttp.ClientSession:
        """The connections, made with the first request: they belong to a running loop."""
        if self._connected is None:
            self._connected = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS_MAX, keepalive_timeout=IDLE_SECONDS_MAX),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._connected


def _with_query(url: str, form: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    pairs = [*parse_qsl(parts.query, keep_blank_values=True), *form.items()]
    return urlunsplit(parts._replace(query=urlencode(pairs)))
