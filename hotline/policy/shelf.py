"""The shelf: where whoever judges finds the rulebook that is in use at this moment.

Everything that judges in a process shares one shelf. A new rulebook is compiled beside it and then put there
whole, so each judgement is made by one rulebook or by the other, never by parts of both, and names which.
"""

from hotline.domain.risk.assess import Rulebook


class Shelf:
    """Holds one rulebook; reading it costs one attribute.

    `fault` is why it is not the one that the house has put into use, where that is so.
    """

    __slots__ = ("fault", "rulebook")

    def __init__(self, rulebook: Rulebook) -> None:
        """Begin with a rulebook: there is no moment without one."""
        self.rulebook = rulebook
        self.fault: str | None = None
