"""How grave a contact is, in six words that everybody uses.

The word lies at the bottom of the domain because the queue, the session and the escalation all
speak it; what *makes* a level is decided in the risk room. Levels are assembled from the Beijing
hotline's high-risk criteria, the Lifeline imminent-risk policy and the C-SSRS screener. There is no
level "no risk": the least is that nothing was found.
"""

from enum import IntEnum
from typing import Final


class Level(IntEnum):
    """Ordered from least to gravest; `unknown` ranks above `none_found` because nobody has asked."""

    NONE_FOUND = 0
    UNKNOWN = 1
    LOW = 2
    MODERATE = 3
    HIGH = 4
    IMMINENT = 5

    @property
    def text(self) -> str:
        """The name as it stands in the database, in the interface and in the rulebook."""
        return self.name.lower()

    @classmethod
    def parse(cls, text: str) -> "Level":
        """Read a stored level.

        Raises:
            ValueError: no such level; the sentence lists those there are.
        """
        try:
            return cls[text.upper()]
        except KeyError:
            known = ", ".join(level.text for level in cls)
            raise ValueError(f"{text!r} is not a level; use one of: {known}.") from None

    @staticmethod
    def highest(*levels: "Level") -> "Level":
        """Combine levels the only way they combine; of none at all it is `none_found`."""
        return max(levels, default=Level.NONE_FOUND)

    @property
    def needs_escalation(self) -> bool:
        """High and imminent call a crisis team in."""
        return self >= Level.HIGH


BANDS: Final = {Level.IMMINENT: 0, Level.HIGH: 1, Level.MODERATE: 2}
"""Queue band of a level; every other level waits in the last band (3)."""


def band_of(level: Level) -> int:
    """The queue band in which a contact of this level waits, 0 (first) to 3."""
    return BANDS.get(level, 3)
