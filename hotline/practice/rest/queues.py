"""Queues and the calls that wait in them."""

from collections.abc import Mapping

from hotline.practice.book import Member, Source
from hotline.practice.queues import SIZE_MAX, SIZE_MAX_DEFAULT, open_queue
from hotline.practice.rest.answers import member_json, page_json, queue_json, root
from hotline.practice.rest.asking import Ask, Handler, Reply
from hotline.practice.wrong import INVALID_PARAMETER, RestError, not_found


async def create(ask: Ask) -> Reply:
    """Make a queue; a name is used once."""
    name = ask.form.get("FriendlyName")
    if ask.board.desk.book.queue_named(name) is not None:
        raise RestError(400, 22003, f"There is a queue {name} already")
    queue = open_queue(ask.board.desk, name, _size(ask))
    return Reply(status=201, body=queue_json(ask.account, queue))


async def fetch(ask: Ask) -> Reply:
    """Look at a queue."""
    return Reply(body=queue_json(ask.account, ask.queue("Sid")))


async def update(ask: Ask) -> Reply:
    """Rename a queue, or change how many may wait."""
    queue = ask.queue("Sid")
    queue.friendly_name = ask.form.get("FriendlyName", queue.friendly_name)
    if "MaxSize" in ask.form:
        queue.max_size = _size(ask)
    return Reply(body=queue_json(ask.account, queue))


async def listing(ask: Ask) -> Reply:
    """Every queue."""
    items = [queue_json(ask.account, queue) for queue in ask.board.desk.book.queues.values()]
    return Reply(body=page_json(f"{root(ask.account)}/Queues.json", "queues", items, ask.query))


async def members(ask: Ask) -> Reply:
    """Who waits, first come first."""
    queue = ask.queue()
    items = [member_json(ask.account, queue, member) for member in queue.members]
    uri = f"{root(ask.account)}/Queues/{queue.sid}/Members.json"
    return Reply(body=page_json(uri, "queue_members", items, ask.query))


async def fetch_member(ask: Ask) -> Reply:
    """Look at one who waits; `Front` is the first."""
    return Reply(body=member_json(ask.account, ask.queue(), _member(ask)))


async def dequeue(ask: Ask) -> Reply:
    """Send one who waits elsewhere; one who has gone is no member any more."""
    member = _member(ask)
    body = member_json(ask.account, ask.queue(), member)
    source = Source(url=ask.form.get("Url"), method=ask.form.get("Method", "POST"))
    ask.board.steer(member.call, source, dequeued=True)
    return Reply(body=body)


def _member(ask: Ask) -> Member:
    member = ask.queue().find(ask.parts["CallSid"])
    if member is None:
        raise not_found(ask.path)
    return member


def _size(ask: Ask) -> int:
    size = ask.form.number("MaxSize", SIZE_MAX_DEFAULT)
    if not 1 <= size <= SIZE_MAX:
        raise RestError(400, INVALID_PARAMETER, f"MaxSize={size} is not between 1 and {SIZE_MAX}")
    return size


HANDLERS: Mapping[tuple[str, str], Handler] = {
    ("POST", "/Queues.json"): create,
    ("GET", "/Queues.json"): listing,
    ("GET", "/Queues/{Sid}.json"): fetch,
    ("POST", "/Queues/{Sid}.json"): update,
    ("GET", "/Queues/{QueueSid}/Members.json"): members,
    ("GET", "/Queues/{QueueSid}/Members/{CallSid}.json"): fetch_member,
    ("POST", "/Queues/{QueueSid}/Members/{CallSid}.json"): dequeue,
}
