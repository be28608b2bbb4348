"""What the provider keeps for the hour in which we do not answer, and whether it knows our addresses.

The documents hold no address of ours; an operator lays them down at the provider, one for each line, and
names them as the number's fallback. A number without addresses fails with no word anywhere, so the check
compares what the provider has written down with what we need.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, Protocol

from hotline.carriers import number
from hotline.carriers.twilio.render import fallback
from hotline.carriers.twilio.urls import ARRIVE, CLIENT, STATUS, Urls
from hotline.domain.centre import Channel, Line
from hotline.policy.phrases import Phrases

if TYPE_CHECKING:  # the client is heavy, and a house without telephones serves these documents, too
    from hotline.carriers.twilio.client import Doors

NOTHING: Final = "nothing"


class Provider(Protocol):
    """Whoever can say what is written down at the provider."""

    async def numbers(self) -> "list[Doors]":
        """The numbers of the account."""
        ...

    async def application(self) -> "Doors | None":
        """The application that softphones call."""
        ...


def documents(lines: Iterable[Line], phrases: Phrases) -> dict[str, str]:
    """Dialled number -> the document for it; chat entrances have none."""
    return {line.address: fallback(line, phrases.say) for line in lines if line.channel is Channel.VOICE}


async def check_provider(provider: Provider, urls: Urls, lines: Iterable[Line]) -> list[str]:
    """What is missing or wrong at the provider, each in a sentence with the mend; empty when all is well.

    Raises:
        Unreachable: the provider does not answer.
    """
    at_provider = {
        number.line_address(each.name, number.HOME_REGION): each for each in await provider.numbers()
    }
    sentences = [
        sentence
        for line in lines
        if line.channel is Channel.VOICE
        for sentence in _of_line(line, at_provider, urls)
    ]
    application = await provider.application()
    if application is None:
        sentences.append(
            "No TwiML application is set up ([telephony] application_sid): no browser can call in."
        )
    else:
        who = f"The TwiML application {application.name}"
        sentences += _of_door(who, application, urls.base + CLIENT, urls.base + STATUS)
    return sentences


def _of_line(line: Line, at_provider: "Mapping[str, Doors]", urls: Urls) -> list[str]:
    door = at_provider.get(line.address)
    if door is None:
        return [f"The provider has no number {line.address}, which line {line.name} is dialled by."]
    found = _of_door(f"The number {line.address}", door, urls.base + ARRIVE, urls.base + STATUS)
    if not door.fallback_url:
        found.append(
            f"The number {line.address} has no voice fallback URL: callers hear nothing while we are down; "
            "lay down what `hotline fallback` prints and name it there."
        )
    elif door.fallback_url.startswith(urls.base):
        found.append(f"The fallback of {line.address} is ourselves; it must not depend on us.")
    return found


def _of_door(who: str, door: "Doors", voice_url: str, status_url: str) -> list[str]:
    pairs = (("voice URL", door.voice_url, voice_url), ("status callback", door.status_url, status_url))
    return [
        f"{who} has {is_now or NOTHING} as its {what}; it must be {needed}."
        for what, is_now, needed in pairs
        if is_now.partition("#")[0] != needed
    ]
