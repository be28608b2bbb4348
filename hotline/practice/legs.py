"""A leg from its first ring to its end: the verbs of a document in turn, and what to do when one fails.

One coroutine runs one leg. It carries out a document inside a cancel scope; an order (sent elsewhere, hung
up) cancels the scope and is then looked at here, in one place. A document that cannot be had or carried out
goes to the fallback URL, whichever document of the call it was; if that fails as well, the leg ends.
"""

import asyncio
from collections.abc import Mapping
from functools import partial

from anyio import CancelScope

from hotline.practice import recordings
from hotline.practice.book import Call, Callback, Ending, Keypad, Source, Steered
from hotline.practice.desk import Desk, Opening, callback_from
from hotline.practice.dialling import dial
from hotline.practice.queues import enqueue
from hotline.practice.recordings import address
from hotline.practice.speech import VERBS as SPEECH, HungUp, LeftQueue, Scene, Verb, open_document
from hotline.practice.twiml import Node
from hotline.practice.wrong import DocumentFault

FAULTS_MAX = 10
ANY_KEY = "1234567890*#"
_STAYS_ON_HOOK = frozenset({"Reject", "Redirect", "Pause"})


async def run(desk: Desk, call: Call, opening: Opening) -> None:
    """Run a leg to its end; orders find it through `call.interrupt`."""
    status = "completed"
    act: Opening | None = opening
    try:
        while act is not None:
            source = await _until_ordered(call, act)
            call.scope = None
            order, call.order = call.order, None
            if isinstance(order, Ending):
                call.order = order
                status = order.status
                break
            if isinstance(order, Steered):
                source = order.source
            act = None if source is None else partial(_follow, desk, call, source)
    except HungUp as hung:
        status = hung.status
    except Exception:
        desk.finish(call, "failed")
        raise
    desk.finish(call, status)


async def _until_ordered(call: Call, act: Opening) -> Source | None:
    if call.order is not None:
        return None
    call.scope = CancelScope()
    with call.scope:
        return await act()
    return None


async def _follow(desk: Desk, call: Call, source: Source) -> Source | None:
    try:
        return await _carry_out(desk, call, source)
    except LeftQueue:
        return None
    except DocumentFault as fault:
        return _fallback(desk, call, source, fault)


def _fallback(desk: Desk, call: Call, source: Source, fault: DocumentFault) -> Source | None:
    call.faults += 1
    desk.feed.tell("fault", call.sid, code=fault.code, url=fault.url, message=fault.message)
    is_itself = call.fallback is not None and source.url == call.fallback.url
    if call.fallback is None or is_itself or call.faults > FAULTS_MAX:
        desk.answer(call)
        desk.hear(call, "error", "We are sorry, an application error has occurred. Goodbye.")
        return None
    extra = {"ErrorCode": str(fault.code), "ErrorUrl": fault.url}
    return Source(url=call.fallback.url, method=call.fallback.method, extra=extra)


async def _carry_out(desk: Desk, call: Call, source: Source) -> Source | None:
    scene, nodes = await open_document(desk, call, source, {})
    for place, node in enumerate(nodes):
        if node.tag not in _STAYS_ON_HOOK and not node.says_yes("answerOnBridge", "false"):
            desk.answer(call)
        scene.following = nodes[place + 1] if place + 1 < len(nodes) else None
        then = await VERBS[node.tag](scene, node)
        if then is not None:
            return then
    return None


async def _reject(scene: Scene, node: Node) -> None:
    if scene.call.answered_at is None:
        raise HungUp("busy" if node.get("reason", "rejected") == "busy" else "no-answer")
    raise HungUp


async def _record(scene: Scene, node: Node) -> Source | None:
    """Record until a key, or until the caller has been quiet for `timeout` seconds after speaking."""
    desk, call = scene.desk, scene.call
    callback = _recording_callback(scene, node)
    recording = recordings.begin(desk, "RecordVerb", call_sid=call.sid, callback=callback)
    call.keypad = Keypad()
    desk.hear(call, "recording", "recording after the tone")
    seconds = min(node.number("timeout", 5) + desk.config.speech_seconds, node.number("maxLength", 3600))
    key = ""
    try:
        while key not in node.get("finishOnKey", ANY_KEY) or not key:
            key = await asyncio.wait_for(call.keypad.keys.get(), seconds * desk.config.pace)
    except TimeoutError:
        key = ""
    finally:
        call.keypad = None
        recordings.finish(desk, recording)
    extra = {
        "RecordingSid": recording.sid,
        "RecordingUrl": address(desk, recording),
        "RecordingDuration": str(max(1, round(seconds))),
        "Digits": key,
    }
    return scene.source(node.get("action"), node.get("method"), extra)


def _recording_callback(scene: Scene, node: Node) -> Callback | None:
    url = node.get("recordingStatusCallback")
    if not url:
        return None
    events = node.get("recordingStatusCallbackEvent", "completed")
    return callback_from(scene.source(url, "").url, node.get("recordingStatusCallbackMethod"), events)


VERBS: Mapping[str, Verb] = {
    **SPEECH,
    "Enqueue": enqueue,
    "Dial": dial,
    "Reject": _reject,
    "Record": _record,
}
