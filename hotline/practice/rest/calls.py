"""Calls: place, look at, send elsewhere, end."""

import asyncio
from collections.abc import Mapping

from hotline.practice.book import Source
from hotline.practice.desk import callback_from
from hotline.practice.rest.answers import call_json, page_json, root
from hotline.practice.rest.asking import Ask, Handler, Reply
from hotline.practice.ringing import RING_SECONDS
from hotline.practice.wrong import INVALID_PARAMETER, INVALID_URL, NO_TO_NUMBER, RestError

SETTLE_SECONDS_MAX = 1.0


async def create(ask: Ask) -> Reply:
    """Call a phone."""
    form = ask.form
    if not form.get("To"):
        raise RestError(400, NO_TO_NUMBER, "No 'To' number is specified")
    source = ask.source()
    if source is None and "ApplicationSid" in form:
        app = ask.board.applications.get(form.get("ApplicationSid"))
        source = Source(url=app.voice_url) if app else None
    if source is None:
        raise RestError(400, INVALID_URL, "Url parameter is required.")
    fallback = form.get("FallbackUrl")
    events = " ".join(form.many("StatusCallbackEvent")) or "completed"
    call = ask.board.place_outbound(
        form.get("From"),
        form.get("To"),
        source,
        fallback=Source(url=fallback, method=form.get("FallbackMethod", "POST")) if fallback else None,
        callback=callback_from(form.get("StatusCallback"), form.get("StatusCallbackMethod"), events),
        seconds=form.number("Timeout", int(RING_SECONDS)),
    )
    return Reply(status=201, body=call_json(ask.account, call))


async def fetch(ask: Ask) -> Reply:
    """Look at a call."""
    return Reply(body=call_json(ask.account, ask.call()))


async def update(ask: Ask) -> Reply:
    """Send a call elsewhere, or end it."""
    call, source = ask.call(), ask.source()
    if source is not None and "Status" in ask.form:
        raise RestError(400, INVALID_PARAMETER, "Status and a document exclude each other")
    if source is not None:
        ask.board.steer(call, source)
    elif "Status" in ask.form:
        ask.board.end(call, ask.form.get("Status"))
        if call.order is not None:
            await asyncio.wait_for(call.ended.wait(), SETTLE_SECONDS_MAX)
    if "StatusCallback" in ask.form:
        method = ask.form.get("StatusCallbackMethod")
        call.callback = callback_from(ask.form.get("StatusCallback"), method, "completed")
    if "FallbackUrl" in ask.form:
        call.fallback = Source(url=ask.form.get("FallbackUrl"), method=ask.form.get("FallbackMethod", "POST"))
    return Reply(body=call_json(ask.account, call))


async def listing(ask: Ask) -> Reply:
    """Calls, newest first."""
    wanted = {"Status": "status", "From": "frm", "To": "to", "ParentCallSid": "parent_sid"}
    calls = [
        call
        for call in reversed(ask.board.desk.book.calls.values())
        if all(getattr(call, field) == ask.query[name] for name, field in wanted.items() if name in ask.query)
    ]
    items = [call_json(ask.account, call) for call in calls]
    return Reply(body=page_json(f"{root(ask.account)}/Calls.json", "calls", items, ask.query))


HANDLERS: Mapping[tuple[str, str], Handler] = {
    ("POST", "/Calls.json"): create,
    ("GET", "/Calls.json"): listing,
    ("GET", "/Calls/{Sid}.json"): fetch,
    ("POST", "/Calls/{Sid}.json"): update,
}
