"""`<Dial>`: joining a leg with a room, with phones, with browsers, or with the first of a queue.

When the leg is sent elsewhere through the API while it dials, Twilio still asks for the `action`
(or, without one, for a `<Redirect>` that follows) and ignores what that answers. So does this.
"""

import asyncio
from dataclasses import dataclass, field
from functools import partial

from anyio import get_cancelled_exc_class, move_on_after

from hotline.practice import wrong
from hotline.practice.book import Bridge, Call, Callback, Ending, Queue, Seat, Source
from hotline.practice.desk import Desk, callback_from
from hotline.practice.forms import call_form, talk_seconds
from hotline.practice.grammar import IN_WHISPER
from hotline.practice.queues import open_queue, take_first
from hotline.practice.ringing import ring
from hotline.practice.rooms import NoSeat, open_room, sit, take_seat
from hotline.practice.sids import new_sid
from hotline.practice.speech import HungUp, Scene, play_document
from hotline.practice.twiml import Node
from hotline.practice.wrong import DocumentFault

DIAL_SECONDS = 30.0
TALK_SECONDS_MAX = 4 * 3600.0

Outcome = dict[str, str]


@dataclass(slots=True, kw_only=True)
class Attempt:
    """Phones that ring at once; the first to be taken is `winner`."""

    children: list[Call] = field(default_factory=list[Call])
    winner: Call | None = None
    bridge: Bridge = field(default_factory=Bridge)
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    ends: dict[str, str] = field(default_factory=dict[str, str])

    def gone(self, child: Call, status: str) -> None:
        """A child's leg is over."""
        self.ends[child.sid] = status
        if self.winner is child:
            self.bridge.over.set()
        elif len(self.ends) == len(self.children):
            self.settled.set()


async def dial(scene: Scene, node: Node) -> Source | None:
    """Dial whatever the element holds, and go on when that is over."""
    try:
        with move_on_after(node.number("timeLimit", TALK_SECONDS_MAX) * scene.desk.config.pace):
            outcome = await _dialled(scene, node)
            return _after(scene, node, outcome)
        return _after(scene, node, {"DialCallStatus": "completed"})
    except get_cancelled_exc_class():
        _tell_action(scene, node)
        raise


async def _dialled(scene: Scene, node: Node) -> Outcome:
    rooms = [child for child in node.children if child.tag == "Conference"]
    queues = [child for child in node.children if child.tag == "Queue"]
    if (rooms or queues) and len(node.children) > 1:
        raise DocumentFault(wrong.DOCUMENT_NOT_TWIML, scene.base, "a room or a queue is dialled alone")
    if rooms:
        return await _room(scene, rooms[0])
    if queues:
        return await _first_of_queue(scene, node, queues[0])
    return await _phones(scene, node)


async def _room(scene: Scene, node: Node) -> Outcome:
    desk, call = scene.desk, scene.call
    desk.answer(call)
    room = open_room(desk, node.text)
    seat = seat_of(scene, node)
    try:
        one = take_seat(room, call, seat)
    except NoSeat as refused:
        desk.feed.tell("fault", call.sid, code=wrong.LABEL_TAKEN, message=str(refused))
        return {"DialCallStatus": "failed", "ErrorCode": str(wrong.LABEL_TAKEN)}
    await sit(desk, room, one, seat)
    return {"DialCallStatus": "answered"}


def seat_of(scene: Scene, node: Node) -> Seat:
    """How `<Conference>` wants the leg to sit."""
    wait = node.attributes.get("waitUrl")
    return Seat(
        label=node.get("participantLabel"),
        is_muted=node.says_yes("muted", "false"),
        is_starting=node.says_yes("startConferenceOnEnter", "true"),
        is_ending=node.says_yes("endConferenceOnExit", "false"),
        coaches=node.get("coach"),
        wait_url=scene.source(wait, "").url if wait else wait,
        wait_method=node.get("waitMethod", "POST"),
        callback=_callback(scene, node, "statusCallback", ""),
        records=node.get("record") == "record-from-start",
        recording_callback=_callback(scene, node, "recordingStatusCallback", "completed"),
        size_max=int(node.number("maxParticipants", 250)),
    )


async def _phones(scene: Scene, node: Node) -> Outcome:
    desk, call = scene.desk, scene.call
    attempt = Attempt()
    for target in node.children or (node,):
        child = _child(scene, node, target)
        attempt.children.append(child)
        desk.book.add(child)
        whisper = scene.source(target.get("url"), target.get("method")) if target.get("url") else None
        desk.launch(child, partial(_ring_child, desk, attempt, child, whisper))
    desk.hear(call, "ringing", "ringing: " + ", ".join(child.to for child in attempt.children))
    try:
        with move_on_after(node.number("timeout", DIAL_SECONDS) * desk.config.pace):
            await attempt.settled.wait()
        if attempt.winner is None:
            return _unanswered(attempt)
        desk.answer(call)
        desk.hear(call, "talk", f"talking with {attempt.winner.to}")
        await attempt.bridge.over.wait()
        return _talked(attempt.winner)
    finally:
        attempt.bridge.over.set()
        for child in attempt.children:
            if not child.is_over and child.sid not in attempt.ends:
                status = (
                    "completed"
                    if child is attempt.winner
                    else "canceled"
                    if scene.call.order
                    else "no-answer"
                )
                child.interrupt(Ending(status=status, by_far_end=False))


def _child(scene: Scene, node: Node, target: Node) -> Call:
    is_client = target.tag == "Client"
    identity = next((one.text for one in target.children if one.tag == "Identity"), target.text)
    params = {one.get("name"): one.get("value") for one in target.children if one.tag == "Parameter"}
    return Call(
        sid=new_sid("CA"),
        direction="outbound-dial",
        frm=node.get("callerId") or scene.call.frm,
        to=f"client:{identity}" if is_client else target.text,
        status="queued",
        parent_sid=scene.call.sid,
        params=params,
        callback=None if target is node else _callback(scene, target, "statusCallback", "completed"),
    )


async def _ring_child(desk: Desk, attempt: Attempt, child: Call, whisper: Source | None) -> None:
    status = "completed"
    try:
        await ring(desk, child)
        if whisper is not None:
            await play_document(desk, child, whisper, IN_WHISPER)
        if attempt.winner is not None:
            status = "canceled"
            raise HungUp(status)
        attempt.winner = child
        for other in attempt.children:
            if other is not child and not other.is_over:
                other.interrupt(Ending(status="canceled", by_far_end=False))
        attempt.settled.set()
        desk.hear(child, "talk", f"talking with {child.frm}")
        await attempt.bridge.over.wait()
    except HungUp as hung:
        status = hung.status
        raise
    finally:
        attempt.gone(child, child.order.status if isinstance(child.order, Ending) else status)


def _unanswered(attempt: Attempt) -> Outcome:
    statuses = set(attempt.ends.values())
    chosen = next((status for status in ("completed", "busy", "failed") if status in statuses), "no-answer")
    return {"DialCallStatus": chosen, "DialBridged": "false", "DialCallSid": attempt.children[0].sid}


def _talked(winner: Call) -> Outcome:
    seconds = str(talk_seconds(winner))
    return {
        "DialCallStatus": "completed",
        "DialBridged": "true",
        "DialCallSid": winner.sid,
        "DialCallDuration": seconds,
    }


async def _first_of_queue(scene: Scene, node: Node, noun: Node) -> Outcome:
    if noun.get("url") or noun.get("reservationSid"):
        raise DocumentFault(wrong.DOCUMENT_NOT_TWIML, scene.base, "<Queue url> is not practised here")
    desk, call = scene.desk, scene.call
    queue = open_queue(desk, noun.text)
    bridge = Bridge()
    desk.answer(call)
    try:
        with move_on_after(node.number("timeout", DIAL_SECONDS) * desk.config.pace) as patience:
            taken = await _taken(desk, queue, bridge)
            desk.hear(call, "talk", f"talking with {taken.frm}")
        if patience.cancelled_caught:
            return {"DialCallStatus": "no-answer"}
        await bridge.over.wait()
        return {"DialCallStatus": "completed", "DialBridged": "true", "QueueSid": queue.sid}
    finally:
        bridge.over.set()


async def _taken(desk: Desk, queue: Queue, bridge: Bridge) -> Call:
    while (taken := take_first(queue, bridge)) is None:
        await desk.feed.change()
    return taken


def _callback(scene: Scene, node: Node, name: str, default_events: str) -> Callback | None:
    url = node.get(name)
    if not url:
        return None
    events = node.get(f"{name}Event", default_events)
    return callback_from(scene.source(url, "").url, node.get(f"{name}Method"), events)


def _after(scene: Scene, node: Node, outcome: Outcome) -> Source | None:
    action = node.get("action")
    return scene.source(action, node.get("method"), outcome) if action else None


def _tell_action(scene: Scene, node: Node) -> None:
    following = scene.following
    source = _after(scene, node, {"DialCallStatus": "completed"})
    if source is None and following is not None and following.tag == "Redirect":
        source = scene.source(following.text, following.get("method"))
    if source is not None and (node.get("action") or not isinstance(scene.call.order, Ending)):
        form = call_form(scene.desk.config.account, scene.call) | dict(source.extra)
        scene.desk.post.forget_answer(source.url, source.method, form)
