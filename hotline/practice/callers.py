"""Simulated callers, by telephone and by chat: they come, wait as long as they can bear, talk, and leave.

By telephone they use the practice exchange as a person at its page would; by chat they are a page. About
what somebody brings nothing is known to the house but what it hears: keys, a form, words. Some lose
patience and try again, some leave without a word, some lose their network, as on any evening.
"""

import asyncio
import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final

from hotline.base.tasks import Crew
from hotline.practice import lines
from hotline.practice.chatting import Chat
from hotline.practice.doors import Away, Json, Turned, ask, client
from hotline.practice.shape import Day, Visit

CALLERS_MAX: Final = 150
"""Callers at once; whoever would be one more does not come."""
FIRST_SECONDS: Final = (0.0, 2.0, 5.0, 9.0)
"""A few come at once, so that nobody looks at an empty floor for the first minute."""
CRISIS_NUMBER: Final = 3
"""One of them writes of a crisis, so that whoever looks sees what the floor is for."""
CRISIS_TALK_SECONDS: Final = 240.0
LOOK_SECONDS: Final = 2.0
TRIES_MAX: Final = 3
CHAT_SHARE: Final = 0.45
ENGLISH_SHARE: Final = 0.2
DISTRESSED_SHARE: Final = 0.2
FREQUENT_SHARE: Final = 0.2
FREQUENT_NUMBERS: Final = 4
WITHHELD_SHARE: Final = 0.04
LOST_SHARE: Final = 0.02
CRISIS_KEY_SHARE: Final = 0.5
AGES: Final = (
    "10-13",
    "14-17",
    "18-24",
    "18-24",
    "25-29",
    "25-29",
    "30-44",
    "30-44",
    "45-59",
    "60+",
    "unknown",
)
OUR_NUMBERS: Final = "+861900"
LANGUAGE_KEYS: Final = {"zh": "1", "en": "2"}
CRISIS_KEY: Final = "9"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrances:
    """Where callers find the house: its address, the exchange's, the number and the chat's slug."""

    base_url: str
    exchange_url: str
    number: str
    slug: str


class Callers:
    """Everybody who reaches out; `run` must be kept going."""

    def __init__(self, entrances: Entrances, day: Day, seed: int, tally: Counter[str]) -> None:
        """Nobody has come yet."""
        self._to = entrances
        self._day = day
        self._seed = seed
        self._tally = tally
        self._house = client(entrances.base_url)
        self._exchange = client(entrances.exchange_url)
        self._present = 0

    async def run(self) -> None:
        """Let callers come as the day goes, each on their own."""
        chance = random.Random(self._seed)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await self._end_calls_of_an_earlier_shift()
        async with Crew() as crew:
            for number, at in enumerate(chain(FIRST_SECONDS, self._day.arrivals(chance))):
                await asyncio.sleep(begun + at - loop.time())
                if self._present < CALLERS_MAX:
                    crew.once(f"caller {number}", self._come(number))

    async def _end_calls_of_an_earlier_shift(self) -> None:
        with suppress(Away, Turned):
            for call in await ask(self._exchange, "GET", "/practice/calls?live=true"):
                if call["from"].startswith(OUR_NUMBERS):
                    await self._hang_up(call["sid"], is_lost=False)

    async def _come(self, number: int) -> None:
        chance = random.Random(self._seed * 1_000_003 + number)
        visit = self._day.visit(chance)
        by_chat = chance.random() < CHAT_SHARE
        if number == CRISIS_NUMBER:
            visit = replace(visit, kind="crisis", leaves_silently=False, talk_seconds=CRISIS_TALK_SECONDS)
            by_chat = True
        frm = _number(chance)
        self._present += 1
        try:
            for _ in range(TRIES_MAX):
                self._tally["came by chat" if by_chat else "called"] += 1
                reached = await (self._chat(visit, chance) if by_chat else self._call(frm, visit, chance))
                pause = None if reached else self._day.redial_seconds(chance)
                if pause is None:
                    return
                self._tally["gave up"] += 1
                await asyncio.sleep(pause)
        except (Away, Turned) as away:
            self._tally[f"turned away: {away.code if isinstance(away, Turned) else 'nobody there'}"] += 1
        finally:
            self._present -= 1

    # --- by telephone

    async def _call(self, frm: str, visit: Visit, chance: random.Random) -> bool:
        """One call; whether somebody was reached."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        call = await ask(self._exchange, "POST", "/practice/calls", {"from": frm, "to": self._to.number})
        sid = str(call["sid"])
        try:
            await self._press(sid, visit, chance)
            while not self._is_reached(call) and loop.time() < begun + visit.patience_seconds:
                await asyncio.sleep(LOOK_SECONDS)
                call = await ask(self._exchange, "GET", f"/practice/calls/{sid}")
                if _is_over(call):
                    return True  # the house has ended it on purpose, and said where to turn
            if not self._is_reached(call):
                return False
            await self._talk(sid, visit)
            return True
        finally:
            await self._hang_up(sid, is_lost=chance.random() < LOST_SHARE)

    async def _press(self, sid: str, visit: Visit, chance: random.Random) -> None:
        language = "en" if chance.random() < ENGLISH_SHARE else "zh"
        keys = LANGUAGE_KEYS[language]
        if visit.kind == "crisis" and chance.random() < CRISIS_KEY_SHARE:
            keys = CRISIS_KEY
        await asyncio.sleep(chance.uniform(2, 7))
        if visit.kind != "silent":
            with suppress(Turned):  # nobody listens for keys: the greeting is over, or the call is
                await ask(
                    self._exchange, "POST", f"/practice/calls/{sid}/digits", {"digits": keys, "seconds": 8}
                )

    async def _talk(self, sid: str, visit: Visit) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + visit.talk_seconds
        while loop.time() < until:
            await asyncio.sleep(min(LOOK_SECONDS, max(until - loop.time(), 0)))
            if _is_over(await ask(self._exchange, "GET", f"/practice/calls/{sid}")):
                return

    async def _hang_up(self, sid: str, *, is_lost: bool) -> None:
        with suppress(Away, Turned):
            if is_lost:
                self._tally["lost the network"] += 1
                await ask(self._exchange, "POST", f"/practice/calls/{sid}/lose", {"seconds": 10})
            else:
                await ask(self._exchange, "POST", f"/practice/calls/{sid}/hangup")

    @staticmethod
    def _is_reached(call: Json) -> bool:
        hears = call["hears"]
        return hears["kind"] == "room" and "counselor" in hears["text"]

    # --- by chat

    async def _chat(self, visit: Visit, chance: random.Random) -> bool:
        """One chat; whether somebody was reached."""
        language = "en" if chance.random() < ENGLISH_SHARE else "zh"
        chat = await Chat.open(self._house, self._to.slug, _form(visit, language, chance))
        async with Crew() as crew:
            crew.once(f"chat {chat.contact_id}", chat.run())
            if visit.kind != "silent":
                await asyncio.sleep(chance.uniform(1, 6))
                await chat.say(_opening(visit, language, chance))
            patience = visit.patience_seconds * (chance.uniform(0.1, 0.6) if visit.leaves_silently else 1)
            await chat.change.until(lambda: chat.state == "talking" or chat.is_over, patience)
            is_reached = chat.state == "talking"
            if is_reached:
                await self._write(chat, visit, language, chance)
            elif visit.leaves_silently:
                self._tally["left silently"] += 1
            await chat.leave()
        return is_reached or visit.leaves_silently

    async def _write(self, chat: Chat, visit: Visit, language: str, chance: random.Random) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + visit.talk_seconds
        while not chat.is_over and loop.time() < until:
            heard = chat.answers
            await chat.change.until(
                lambda heard=heard: chat.is_over or chat.answers > heard,
                min(25.0, max(until - loop.time(), 0)),
            )
            await asyncio.sleep(chance.uniform(2, 7))
            if not chat.is_over and visit.kind != "silent":
                await chat.say(chance.choice(lines.ORDINARY[language]))


def _number(chance: random.Random) -> str:
    draw = chance.random()
    if draw < WITHHELD_SHARE:
        return "anonymous"
    if draw < WITHHELD_SHARE + FREQUENT_SHARE:
        return f"{OUR_NUMBERS}00000{chance.randrange(FREQUENT_NUMBERS):02d}"
    return f"{OUR_NUMBERS}{chance.randrange(10**7):07d}"


def _form(visit: Visit, language: str, chance: random.Random) -> Json:
    weights = {"crisis": (3, 3, 4)}.get(visit.kind, (0, 1, 12))
    form: dict[str, Any] = {
        "language": language,
        "safe_now": chance.choices(("no", "unsure", "yes"), weights=weights)[0],
        "age_band": chance.choice(AGES),
    }
    if visit.kind == "crisis" and chance.random() < CRISIS_KEY_SHARE:
        form["attempted_before"] = True
    return form


def _opening(visit: Visit, language: str, chance: random.Random) -> str:
    if visit.kind == "crisis":
        return chance.choice(lines.CRISIS[language])
    is_heavy = chance.random() < DISTRESSED_SHARE
    return chance.choice((lines.DISTRESSED if is_heavy else lines.ORDINARY)[language])


def _is_over(call: Json) -> bool:
    return call["status"] in {"completed", "busy", "no-answer", "failed", "canceled"}
