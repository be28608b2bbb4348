"""The emergency numbers as pages show them: the house says which, we say what each is called."""

from collections.abc import Iterable
from typing import Final

from pydantic import BaseModel


class Label(BaseModel):
    """The same in the two languages of our pages."""

    zh: str
    en: str


class EmergencyNumber(BaseModel):
    number: str
    label: Label


LABELS: Final = {
    "110": Label(zh="报警", en="Police"),
    "119": Label(zh="火警", en="Fire and rescue"),
    "120": Label(zh="急救", en="Ambulance"),
    "12356": Label(zh="心理援助热线", en="Psychological assistance"),
}


def numbers(known: Iterable[str]) -> tuple[EmergencyNumber, ...]:
    """The numbers with their labels, in the order of the configuration."""
    return tuple(
        EmergencyNumber(number=number, label=LABELS.get(number, Label(zh=number, en=number)))
        for number in known
    )
