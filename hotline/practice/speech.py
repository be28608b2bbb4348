"""What a leg hears and what it presses: Say, Play, Pause, Gather, and documents made of them.

The same verbs sound in a call's own document, while it waits in a queue or for a room, on hold, and in the
whisper before two legs are joined; only which of them are allowed there differs.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urljoin, urlsplit

from hotline.practice import wrong
from hotline.practice.book import Call, Keypad, Source
from hotline.practice.desk import Desk
from hotline.practice.forms import call_form
from hotline.practice.post import XML_TYPES
from hotline.practice.twiml import Node, read
from hotline.practice.wrong import DocumentFault

SPOKEN_CHARACTERS = 20
"""So many characters last as long as one recording."""
GATHER_SECONDS = 5.0
LOOPS_MAX = 1000


class HungUp(Exception):
    """The leg ends here, with this status."""

    def __init__(self, status: str = "completed") -> None:
        """Keep the status that the call ends with."""
        super().__init__(status)
        self.status = status


class LeftQueue(Exception):
    """A waiting document said `<Leave>`."""


@dataclass(slots=True, kw_only=True)
class Scene:
    """A document being carried out on a leg; `base` is where it came from, empty when handed over."""

    desk: Desk
    call: Call
    base: str
    following: Node | None = None

    def source(self, url: str, method: str, extra: Mapping[str, str] | None = None) -> Source:
        """Another document, seen from this one; no URL means this document's own.

        Raises: DocumentFault for a relative URL in TwiML that was handed over.
        """
        whole = urljoin(self.base, url) if self.base else url
        if not urlsplit(whole).scheme:
            raise DocumentFault(
                wrong.RELATIVE_URL_INLINE, url, "TwiML that is handed over needs absolute URLs"
            )
        return Source(url=whole, method=method or "POST", extra=extra or {})


async def open_document(
    desk: Desk, call: Call, source: Source, extra: Mapping[str, str]
) -> tuple[Scene, tuple[Node, ...]]:
    """Fetch and read a document.

    Raises: DocumentFault when there is none, or none that can be carried out.
    """
    if source.inline:
        return Scene(desk=desk, call=call, base=""), read(source.inline, "")
    form = call_form(desk.config.account, call) | dict(extra) | dict(source.extra)
    answer = await desk.post.document(source.url, source.method, form)
    if answer.content_type not in XML_TYPES:
        raise DocumentFault(
            wrong.DOCUMENT_CONTENT_TYPE, answer.url, f"content type is {answer.content_type!r}, not XML"
        )
    return Scene(desk=desk, call=call, base=answer.url), read(answer.text, answer.url)


async def play_document(
    desk: Desk,
    call: Call,
    source: Source,
    allowed: frozenset[str],
    extra: Callable[[], Mapping[str, str]] = dict,
) -> None:
    """Carry out a document that may only hold some verbs, wherever its redirects and keys lead.

    Raises: DocumentFault; HungUp and LeftQueue where the document says so.
    """
    then: Source | None = source
    while then is not None:
        scene, nodes = await open_document(desk, call, then, extra())
        then = None
        for node in nodes:
            if node.tag not in allowed:
                raise DocumentFault(wrong.DOCUMENT_NOT_TWIML, scene.base, f"<{node.tag}> is not heard here")
            then = await VERBS[node.tag](scene, node)
            if then is not None:
                break


async def say(scene: Scene, node: Node) -> None:
    """Speak a text."""
    seconds = scene.desk.config.speech_seconds * max(len(node.text), 4) / SPOKEN_CHARACTERS
    await _repeated(scene, node, "say", node.text, seconds)


async def play(scene: Scene, node: Node) -> None:
    """Play a recording, which is known here by the name of its file, or send tones."""
    if digits := node.get("digits"):
        scene.desk.hear(scene.call, "tones", digits)
        return
    name = PurePosixPath(urlsplit(node.text).path).stem or node.text
    await _repeated(scene, node, "play", name, scene.desk.config.speech_seconds)


async def pause(scene: Scene, node: Node) -> None:
    """Say nothing for a while."""
    scene.desk.hear(scene.call, "silence", "")
    await scene.desk.pass_seconds(node.number("length", 1))


async def redirect(scene: Scene, node: Node) -> Source:
    """Go on with another document."""
    return scene.source(node.text, node.get("method"))


async def hang_up(scene: Scene, node: Node) -> None:
    """End the call."""
    del scene, node
    raise HungUp


async def leave(scene: Scene, node: Node) -> None:
    """Leave the queue; outside of one there is nothing to leave."""
    del scene, node
    raise LeftQueue


async def gather(scene: Scene, node: Node) -> Source | None:
    """Wait for keys; the first one cuts the prompt short."""
    if "dtmf" not in node.get("input", "dtmf").split():
        raise DocumentFault(wrong.DOCUMENT_NOT_TWIML, scene.base, "only keys can be gathered here")
    keypad = Keypad()
    scene.call.keypad = keypad
    scene.desk.feed.tell("listens", scene.call.sid)
    try:
        with keypad.prompt:
            for child in node.children:
                await VERBS[child.tag](scene, child)
        digits, finished_on = await _collect(scene, node, keypad)
    finally:
        scene.call.keypad = None
    if not digits and not node.says_yes("actionOnEmptyResult", "false"):
        return None
    extra = {"Digits": digits, "msg": "Gather End"}
    if finished_on:
        extra["FinishedOnKey"] = finished_on
    return scene.source(node.get("action"), node.get("method"), extra)


async def _collect(scene: Scene, node: Node, keypad: Keypad) -> tuple[str, str]:
    seconds = node.number("timeout", GATHER_SECONDS) * scene.desk.config.pace
    most = int(node.number("numDigits", 0))
    last = node.get("finishOnKey", "#")
    digits = ""
    while True:
        try:
            key = await asyncio.wait_for(keypad.keys.get(), seconds)
        except TimeoutError:
            return digits, ""
        if last and key in last:
            return digits, key
        digits += key
        if most and len(digits) >= most:
            return digits, ""


async def _repeated(scene: Scene, node: Node, kind: str, text: str, seconds: float) -> None:
    times = int(node.number("loop", 1)) or LOOPS_MAX
    for _ in range(times):
        scene.desk.hear(scene.call, kind, text)
        await scene.desk.pass_seconds(seconds)


Verb = Callable[[Scene, Node], Awaitable[Source | None]]

VERBS: Mapping[str, Verb] = {
    "Say": say,
    "Play": play,
    "Pause": pause,
    "Gather": gather,
    "Redirect": redirect,
    "Hangup": hang_up,
    "Leave": leave,
}
