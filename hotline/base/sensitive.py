"""Values that must never be shown by accident: callers' numbers, names and words, and secrets.

A `Sensitive` prints as a placeholder wherever it is formatted, logged or put into an error report.
Reading it takes a deliberate call of `reveal()`, which is easy to search for.
"""

from typing import Final

PLACEHOLDER: Final = "«withheld»"


class Sensitive:
    """A text that hides itself from `str`, `repr`, f-strings and JSON encoders."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Wrap `value`; nothing is copied or encrypted."""
        self._value = value

    def reveal(self) -> str:
        """The text itself; every caller of this is a place to review."""
        return self._value

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing in it that anybody could see: no letter, digit, sign or picture."""
        return not any(char.isprintable() and not char.isspace() for char in self._value)

    def __repr__(self) -> str:
        """Give the placeholder, so that a traceback betrays nothing."""
        return PLACEHOLDER

    def __str__(self) -> str:
        """Give the placeholder, so that an f-string betrays nothing."""
        return PLACEHOLDER

    def __eq__(self, other: object) -> bool:
        """Compare with another sensitive value by content."""
        return isinstance(other, Sensitive) and other._value == self._value

    def __hash__(self) -> int:
        """Hash by content, so that frozen data holding one stays hashable."""
        return hash(self._value)

    def __len__(self) -> int:
        """Count the characters, which limits need and which betrays little."""
        return len(self._value)

    def __bool__(self) -> bool:
        """Tell whether there is any text at all."""
        return bool(self._value)
