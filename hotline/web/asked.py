"""What every body of a request is made of: a shape that can also be stored and sent on.

JSON can say half a character (an escaped surrogate alone), which no encoding can write down: it would
stumble deep inside a step, at the first place that seals or stores it. So it is refused here, with the
shape.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Asked(BaseModel):
    """The base of all bodies; what was wrong is never repeated, it may be somebody's words."""

    model_config = ConfigDict(hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def require_whole_characters(cls, said: Any) -> Any:
        """Refuse halves of characters, in names as in values."""
        try:
            _walk(said)
        except UnicodeEncodeError:
            raise ValueError("there is half a character in it") from None
        return said


def _walk(said: Any) -> None:
    match said:
        case str():
            said.encode()
        case dict():
            for name, value in said.items():  # pyright: ignore[reportUnknownVariableType]  JSON
                _walk(name)
                _walk(value)
        case list():
            for each in said:  # pyright: ignore[reportUnknownVariableType]  JSON
                _walk(each)
        case _:
            pass
