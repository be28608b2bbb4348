"""Plans as TwiML: what a leg should experience, in the words that Twilio carries out.

Every document ends somewhere: after silence comes the step's answer, after a queue that failed and a
room that a caller fell out of comes the plan again. So no document hangs up on a caller unless the plan
says goodbye, and goodbye names somewhere to turn to. Every address is absolute.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, assert_never
from uuid import UUID

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from hotline.carriers.port import Say
from hotline.carriers.twilio.urls import AFTER_DIVERT, Urls
from hotline.domain.centre import Line
from hotline.domain.leg import Ask, Bye, Divert, Park, Plan, Prompt, Room

DIVERT_RING_SECONDS: Final = 20
ROOM_EVENTS: Final = "start end join leave mute hold modify"
AFTER_MUSIC_SECONDS: Final = 1
DOCUMENTS_KEPT: Final = 256
"""Most callers are greeted and wait alike, but for the leg that stands in the addresses."""
ANYBODY: Final = UUID(int=2**128 - 1)
"""Stands in a kept document for the leg that asks; no leg has this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renderer:
    """Writes documents; `parking` is the name of the provider's queue in which nothing is ever queued
    by its own rules, `music` the address of a recording about `Park.every_seconds` long.
    """

    urls: Urls
    say: Say
    parking: str
    music: str | None = None

    def plan(self, leg_id: UUID, plan: Plan) -> str:
        """The document that makes a leg experience `plan`."""
        if isinstance(plan, Room):  # each contact has a room of its own
            return str(self._room(leg_id, plan))
        return _of_anybody(self, plan).replace(str(ANYBODY), str(leg_id))

    def page(self, page_id: UUID, plan: Ask | Bye) -> str:
        """The document for somebody who is rung up to be paged."""
        if isinstance(plan, Bye):
            return str(self._bye(plan))
        keys = self.urls.page_keys(page_id, plan.step)
        return str(self._asking(plan, keys, self.urls.page_silence(page_id, plan.step)))

    def in_queue(self, leg_id: UUID, plan: Plan) -> str:
        """The document for a parked leg: what it hears while it waits, or that it may leave.

        Twilio takes fewer verbs here, so whatever is not waiting is reached by leaving the parking
        place, after which the leg asks for its plan.
        """
        if not isinstance(plan, Park):
            return _LEAVING
        return _of_anybody_in_queue(self, plan).replace(str(ANYBODY), str(leg_id))

    def written(self, leg_id: UUID, plan: Ask | Park | Divert | Bye) -> str:
        """The document of a plan, written anew."""
        match plan:
            case Ask():
                return str(self._ask(leg_id, plan))
            case Park():
                return str(self._park(leg_id))
            case Divert():
                return str(self._divert(leg_id, plan))
            case Bye():
                return str(self._bye(plan))
            case _:
                assert_never(plan)

    def written_in_queue(self, leg_id: UUID, plan: Park) -> str:
        """What a parked leg hears, written anew."""
        return str(self._waiting(leg_id, plan))

    def _ask(self, leg_id: UUID, plan: Ask) -> VoiceResponse:
        return self._asking(plan, self.urls.digits(leg_id, plan.step), self.urls.silence(leg_id, plan.step))

    def _asking(self, plan: Ask, action: str, silence: str) -> VoiceResponse:
        document = VoiceResponse()
        keys = Gather(
            input="dtmf",
            num_digits=plan.digits,
            timeout=plan.wait_seconds,
            action=action,
            method="POST",
        )
        _speak(keys, self.say, plan.prompt)
        document.append(keys)
        document.redirect(silence, method="POST")
        return document

    def _park(self, leg_id: UUID) -> VoiceResponse:
        document = VoiceResponse()
        document.enqueue(self.parking, wait_url=self.urls.wait(leg_id), wait_url_method="POST")
        document.redirect(self.urls.plan(leg_id), method="POST")
        return document

    def _waiting(self, leg_id: UUID, plan: Park) -> VoiceResponse:
        document = VoiceResponse()
        keys = Gather(
            input="dtmf",
            num_digits=1,
            timeout=AFTER_MUSIC_SECONDS if self.music else plan.every_seconds,
            action=self.urls.digits(leg_id, plan.step),
            method="POST",
        )
        if plan.prompt:
            _speak(keys, self.say, plan.prompt)
        if self.music:
            keys.play(self.music)
        document.append(keys)
        return document

    def _room(self, leg_id: UUID, plan: Room) -> VoiceResponse:
        document = VoiceResponse()
        dial = Dial()
        dial.conference(
            plan.name,
            participant_label=plan.label,
            start_conference_on_enter=True,
            end_conference_on_exit=plan.is_anchor,
            muted=None if plan.mode == "talk" else True,
            beep="false",
            wait_url="",
            status_callback=self.urls.room(plan.name),
            status_callback_method="POST",
            status_callback_event=ROOM_EVENTS,
        )
        document.append(dial)
        if plan.is_anchor:
            document.redirect(self.urls.plan(leg_id), method="POST")
        return document

    def _divert(self, leg_id: UUID, plan: Divert) -> VoiceResponse:
        document = VoiceResponse()
        _speak(document, self.say, plan.prompt)
        after = self.urls.plan(leg_id, after=AFTER_DIVERT)
        _connect(document, plan.to, action=after)
        return document

    def _bye(self, plan: Bye) -> VoiceResponse:
        document = VoiceResponse()
        _speak(document, self.say, plan.prompt)
        document.hangup()
        return document


@lru_cache(DOCUMENTS_KEPT)
def _of_anybody(renderer: Renderer, plan: Ask | Park | Divert | Bye) -> str:
    return renderer.written(ANYBODY, plan)


@lru_cache(DOCUMENTS_KEPT)
def _of_anybody_in_queue(renderer: Renderer, plan: Park) -> str:
    return renderer.written_in_queue(ANYBODY, plan)


def _leaving() -> str:
    document = VoiceResponse()
    document.leave()
    return str(document)


_LEAVING: Final = _leaving()


def fallback(line: Line, say: Say) -> str:
    """The document that Twilio serves for a line when we do not answer; it needs nothing of us.

    Kept at Twilio, so it holds no address of ours: a message, the emergency numbers, the overflow
    number if there is one, and the emergency numbers again for whoever was not answered there either.
    """
    document = VoiceResponse()
    numbers = [Prompt(key="emergency_numbers", language=language) for language in line.languages]
    for language in line.languages:
        _speak(document, say, Prompt(key="unavailable", language=language))
    for prompt in numbers:
        _speak(document, say, prompt)
    if line.overflow:
        for language in line.languages:
            _speak(document, say, Prompt(key="diverted", language=language))
        _connect(document, line.overflow, action=None)
        for prompt in numbers:
            _speak(document, say, prompt)
    document.hangup()
    return str(document)


def _connect(document: VoiceResponse, number: str, *, action: str | None) -> None:
    dial = Dial(
        timeout=DIVERT_RING_SECONDS,
        answer_on_bridge=True,
        action=action,
        method="POST" if action else None,
    )
    dial.number(number)
    document.append(dial)


def _speak(where: VoiceResponse | Gather, say: Say, prompt: Prompt) -> None:
    for piece in say(prompt):
        if piece.audio:
            where.play(piece.audio)
        else:
            where.say(piece.text, language=piece.voice_language)
