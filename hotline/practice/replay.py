"""Real text through the running house: how many it flags, how rightly, and how fast a supervisor sees it.

Each line of a JSONL file, `{"id", "text", "lang"[, "level"]}`, becomes one chat by the doors that everybody
uses; a supervisor's live screen stands by. After every message the screen is awaited until its card has
seen it, so the level that is judged is the level that a person would have looked at. At its end the chat
is left, and an escalation that it caused is stood down with the reason, so that no crisis team is kept
from its work. The demonstration has an entrance for it (`replay`) whose centre no counselor answers, so
that a thousand texts neither ring at desks nor count among its callers. No words are printed, kept or put
anywhere but into the chat.
"""

import asyncio
import getpass
import json
import os
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx2

from hotline.base.errors import Broken
from hotline.base.tasks import Crew
from hotline.practice import judged, logins
from hotline.practice.chatting import Chat
from hotline.practice.doors import Away, Person, Turned, client
from hotline.practice.judged import LEVELS
from hotline.practice.screen import Card, Screen

UP_SECONDS_MAX: Final = 30.0
CARD_SECONDS_MAX: Final = 20.0
AWAY_TRIES_MAX: Final = 20
FROM_ENVIRONMENT: Final = "HOTLINE_REPLAY_PASSWORD"
REASON: Final = "Replay of a test text; nobody is in danger."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayConfig:
    """What is played, where, and who looks on."""

    file: Path
    base_url: str
    login: str
    password: str
    slug: str = "replay"
    parallel: int = 8
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One line of the file; `level` is its label, if it has one."""

    id: str
    words: str = field(repr=False)
    language: str
    level: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What became of one text; times in seconds. `level` is None when it could not be played."""

    text: Text
    level: str | None
    stored: tuple[float, ...] = ()
    shown: tuple[float, ...] = ()
    flagged: float | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is printed, and how many texts it is about."""

    lines: list[str]
    count: int


@dataclass(slots=True)
class Seen:
    """What the supervisor's screen has shown of one contact: the newest card, and since when."""

    card: Card
    level: str
    raised_at: float | None = None


class Watch:
    """A supervisor's screen that remembers when it first showed what."""

    def __init__(self, person: Person) -> None:
        """Nothing has been shown yet."""
        self.person = person
        self.screen = Screen(person, self._take)
        self.seen: dict[str, Seen] = {}

    def _take(self, card: Card) -> None:
        if card.get("type") != "contact":
            return
        now = asyncio.get_running_loop().time()
        seen = self.seen.setdefault(card["contact_id"], Seen(card, "none_found"))
        seen.card = card
        if LEVELS.index(card["level"]) > LEVELS.index(seen.level):
            seen.level, seen.raised_at = card["level"], now

    async def has_seen(self, contact_id: str, seq: int) -> bool:
        """Wait until the screen shows a contact with its message `seq`."""

        def is_shown() -> bool:
            seen = self.seen.get(contact_id)
            return seen is not None and int(seen.card["messages"]) >= seq

        return await self.screen.change.until(is_shown, CARD_SECONDS_MAX)


async def run(config: ReplayConfig) -> Report:
    """Play the file; the report, with how many texts could be played.

    Raises:
        Broken: the file cannot be read, or the supervisor cannot sign in.
    """
    texts = read(config.file)[: config.limit]
    person = Person(config.base_url, config.login, config.password)
    watch = Watch(person)
    begun = time.monotonic()
    async with Crew() as crew, client(config.base_url) as http:
        await _look_on(watch, crew)
        most = int(person.me["limits"]["message_characters_max"])
        waiting = iter(texts)

        async def play_some() -> list[Played]:
            return [await _play(text, config.slug, most, watch, http) for text in waiting]

        rows = await asyncio.gather(*(play_some() for _ in range(max(1, config.parallel))))
    played = [each for row in rows for each in row]
    count = sum(each.level is not None for each in played)
    return Report(lines=report(played, time.monotonic() - begun), count=count)


async def _look_on(watch: Watch, crew: Crew) -> None:
    try:
        await watch.person.sign_in()
    except (Away, Turned) as error:
        raise Broken("replay.login", f"{watch.person.login} cannot sign in: {error}") from None
    if "board.watch" not in watch.person.me["permissions"]:
        raise Broken("replay.login", f"{watch.person.login} may not watch the board; name a supervisor.")
    crew.keep("watch", watch.screen.run)
    if not await watch.screen.change.until(lambda: watch.screen.is_up, UP_SECONDS_MAX):
        raise Broken("replay.screen", "The live screen does not open; is `hotline serve` running?")


async def _play(text: Text, slug: str, most: int, watch: Watch, http: httpx2.AsyncClient) -> Played:
    """One text as one chat, from its form to its end."""
    form: dict[str, Any] = {"language": text.language, "safe_now": "yes"}
    chat: Chat | None = None
    for _ in range(AWAY_TRIES_MAX):
        try:
            chat = await Chat.open(http, slug, form)
            break
        except Away:
            await asyncio.sleep(1.0)
        except Turned as turned:
            return Played(text=text, level=None, fault=turned.code)
    if chat is None:
        return Played(text=text, level=None, fault="away")
    async with Crew() as crew:
        crew.once(f"chat {chat.contact_id}", chat.run())
        found = await _said(text, chat, most, watch)
        await _stand_down(chat.contact_id, watch)
        await chat.leave()
    watch.seen.pop(chat.contact_id, None)
    return found


async def _said(text: Text, chat: Chat, most: int, watch: Watch) -> Played:
    """Say it, in parts if it is long, and see what the supervisor sees."""
    stored: list[float] = []
    shown: list[float] = []
    loop = asyncio.get_running_loop()
    flagged = None
    await watch.has_seen(chat.contact_id, 0)
    for part in judged.cut(text.words, most):
        said = await chat.say(part)
        if said is None:
            return Played(text=text, level=None, fault="/".join(chat.faults) or "not_stored")
        stored.append(said.stored_at - said.sent_at)
        if not await watch.has_seen(chat.contact_id, said.seq):
            return Played(text=text, level=None, fault="not_shown")
        shown.append(loop.time() - said.sent_at)
        raised_at = watch.seen[chat.contact_id].raised_at
        if flagged is None and raised_at is not None and raised_at >= said.sent_at:
            flagged = raised_at - said.sent_at
    level = watch.seen[chat.contact_id].level
    return Played(text=text, level=level, stored=tuple(stored), shown=tuple(shown), flagged=flagged)


async def _stand_down(contact_id: str, watch: Watch) -> None:
    escalation = watch.seen[contact_id].card["escalation_id"] if contact_id in watch.seen else None
    if escalation is not None:
        with suppress(Away, Turned):  # somebody of the crisis team has dealt with it meanwhile
            body = {"reason": REASON}
            await watch.person.ask("POST", f"/api/escalations/{escalation}/standing-down", body)


def password_of(home: Path, login: str | None) -> tuple[str, str]:
    """Who looks on, and the password: from the demonstration's file, the environment, or the terminal.

    Without a login the demonstration's first supervisor looks on.

    Raises:
        Broken: no login is given and there is no demonstration.
    """
    known = [each for each in logins.read(home) if login in {None, each.login}]
    for each in known:
        if login is not None or "supervisor" in each.roles:
            return each.login, each.password
    if login is None:
        raise Broken("replay.login", "Name a supervisor with --login.")
    return login, os.environ.get(FROM_ENVIRONMENT) or getpass.getpass(f"Password of {login}: ")


def read(path: Path) -> list[Text]:
    """The texts of a file.

    Raises:
        Broken: naming the first line that is not of the form.
    """
    texts: list[Text] = []
    try:
        content = path.read_text("utf-8")
    except FileNotFoundError:
        raise Broken("replay.file", f"There is no file {path}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Broken("replay.file", f"{path} cannot be read ({type(error).__name__}).") from None
    for number, line in enumerate(content.splitlines(), 1):
        if line.strip():
            texts.append(_text(line, f"{path.name}, line {number}"))
    return texts


def _text(line: str, place: str) -> Text:
    """One text; what is wrong with it is said with its place, and without its words."""
    try:
        raw = json.loads(line)
        level = raw.get("level")
        text = Text(id=str(raw["id"]), words=str(raw["text"]), language=str(raw["lang"]), level=level)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Broken("replay.line", f'{place}: not {{"id", "text", "lang"[, "level"]}}.') from None
    if level is not None and (type(level) is not int or level not in judged.LABELS):
        raise Broken("replay.level", f"{place}: {judged.LABELS_EXPLAINED}.")
    if not text.words.strip():
        raise Broken("replay.empty", f"{place}: the text is empty.")
    return text


def report(played: Sequence[Played], seconds: float) -> list[str]:
    """Figures only: levels, confusion, recall and precision, latencies."""
    done = [each for each in played if each.level is not None]
    levels = Counter(each.level for each in done)
    messages = sum(len(each.stored) for each in done)
    lines = [
        f"{len(done)} of {len(played)} texts played in {seconds:.1f} s, {messages} messages",
        "levels: " + "  ".join(f"{level} {levels[level]}" for level in LEVELS),
    ]
    faults = Counter(each.fault for each in played if each.level is None)
    lines += [f"not played: {fault} {count}" for fault, count in sorted(faults.items())]
    pairs = [(each.text.level, each.level) for each in done if each.text.level is not None and each.level]
    if pairs:
        judgement = judged.judge(pairs)
        lines += ["", *judgement.table(), ""]
        lines.append(f"level >= 2: recall {judgement.recall}  precision {judgement.precision}")
    lines += [
        "",
        judged.latencies("message -> stored", [each for one in done for each in one.stored]),
        judged.latencies(
            "message -> flag on the supervisor's screen",
            [one.flagged for one in done if one.flagged is not None],
        ),
        judged.latencies(
            "message -> seen on the supervisor's screen", [each for one in done for each in one.shown]
        ),
    ]
    return lines
