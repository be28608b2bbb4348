"""Waiting: `<Enqueue>` and the queues behind it.

A queue parks calls. Its waiting document is asked for again whenever it ends; a member leaves by `<Leave>`,
by being sent elsewhere through the API, by being taken out with `<Dial><Queue>`, or by hanging up.
"""

from anyio import CancelScope, get_cancelled_exc_class, sleep_forever

from hotline.practice.book import Bridge, Call, Ending, Member, Queue, Source
from hotline.practice.desk import Desk
from hotline.practice.forms import call_form, queue_form
from hotline.practice.grammar import IN_QUEUE
from hotline.practice.sids import new_sid
from hotline.practice.speech import LeftQueue, Scene, play_document
from hotline.practice.twiml import Node

SIZE_MAX_DEFAULT = 100
SIZE_MAX = 5000
BETWEEN_ROUNDS_SECONDS = 0.5


def open_queue(desk: Desk, friendly_name: str, size_max: int = SIZE_MAX_DEFAULT) -> Queue:
    """The queue of this name, made now if there is none."""
    queue = desk.book.queue_named(friendly_name)
    if queue is None:
        queue = Queue(sid=new_sid("QU"), friendly_name=friendly_name, max_size=min(size_max, SIZE_MAX))
        desk.book.queues[queue.sid] = queue
    return queue


async def enqueue(scene: Scene, node: Node) -> Source | None:
    """Wait in the queue that the element names."""
    queue = open_queue(scene.desk, node.text)
    member = Member(call=scene.call)
    if len(queue.members) >= queue.max_size:
        return _after(scene, node, queue, member, "queue-full")
    queue.members.append(member)
    scene.call.queue = queue
    scene.desk.feed.tell("queued", scene.call.sid, queue=queue.friendly_name)
    try:
        result = await _wait(scene, node, queue, member)
    except get_cancelled_exc_class():
        _tell_action(scene, node, queue, member)
        raise
    finally:
        _remove(queue, member)
        if member.bridge is not None:
            member.bridge.over.set()
    return _after(scene, node, queue, member, result)


def take_first(queue: Queue, bridge: Bridge) -> Call | None:
    """Take the first member out, to be joined with another call."""
    for member in queue.members:
        if member.bridge is None:
            member.bridge = bridge
            _remove(queue, member)
            if member.scope is not None:
                member.scope.cancel()
            return member.call
    return None


async def _wait(scene: Scene, node: Node, queue: Queue, member: Member) -> str:
    while member.bridge is None:
        with CancelScope() as member.scope:
            try:
                await _wait_once(scene, node, queue, member)
            except LeftQueue:
                return "leave"
    scene.desk.hear(scene.call, "talk", "joined with the call that took it from the queue")
    await member.bridge.over.wait()
    return "bridged"


async def _wait_once(scene: Scene, node: Node, queue: Queue, member: Member) -> None:
    url = node.get("waitUrl")
    if not url:
        scene.desk.hear(scene.call, "music", "waiting music")
        await sleep_forever()
    source = scene.source(url, node.get("waitUrlMethod"))
    await play_document(scene.desk, scene.call, source, IN_QUEUE, lambda: queue_form(queue, member))
    await scene.desk.pass_seconds(BETWEEN_ROUNDS_SECONDS)


def _after(scene: Scene, node: Node, queue: Queue, member: Member, result: str) -> Source | None:
    action = node.get("action")
    if not action:
        return None
    extra = queue_form(queue, member) | {"QueueResult": result}
    return scene.source(action, node.get("method"), extra)


def _tell_action(scene: Scene, node: Node, queue: Queue, member: Member) -> None:
    """The action is asked for although the call goes elsewhere; what it answers is ignored."""
    result = "hangup" if isinstance(scene.call.order, Ending) else "redirected"
    source = _after(scene, node, queue, member, result)
    if source is not None:
        form = call_form(scene.desk.config.account, scene.call) | dict(source.extra)
        scene.desk.post.forget_answer(source.url, source.method, form)


def _remove(queue: Queue, member: Member) -> None:
    if member in queue.members:
        queue.members.remove(member)
        member.call.queue = None
