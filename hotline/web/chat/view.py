"""What the page is shown of its contact: six words for the state, the place, and whether somebody is there.

A caller sees no band, no level, no name and no reason of ours. The place is an honest promise: it never
grows. Where somebody in greater danger has been put ahead, no number is shown until the old one is true
again (requirement 5).
"""

from typing import Any, Final

from hotline.store.chat_pages import ChatPage

STATES: Final = {
    "arriving": "waiting",
    "waiting": "waiting",
    "offered": "offered",
    "connecting": "connecting",
    "talking": "talking",
    "wrapping": "ended",
    "closed": "ended",
    "abandoned": "ended",
    "diverted": "diverted",
}
"""The page's word for each state of a contact; wrapping is our work, not the caller's."""

OVER: Final = frozenset({"ended", "diverted"})


def is_over(page: ChatPage) -> bool:
    """Whether nothing more can be said in this chat."""
    return STATES[page.contact.state] in OVER


def place(page: ChatPage, announced: int | None) -> int | None:
    """The place to announce after `announced`; None where the true one is larger, or there is none."""
    if page.ahead is None:
        return None
    now = page.ahead + 1
    return now if announced is None or now <= announced else None


def shown(page: ChatPage, announced: int | None, numbers: tuple[str, ...]) -> dict[str, Any]:
    """The fields of a state frame; `reason` is why an ended chat ended, and nobody's judgement."""
    return {
        "state": STATES[page.contact.state],
        "place": place(page, announced),
        "counselor_present": page.is_counselor_present,
        "reason": page.contact.end_reason if is_over(page) else None,
        "numbers": list(numbers),
    }
