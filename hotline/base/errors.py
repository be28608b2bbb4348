"""What can go wrong, sorted by who can act on it.

Each class is one sentence about a situation, and each instance carries a `code` (stable, for
machines and translations) and a sentence that says what to do. Only `web/errors.py` knows which
HTTP status belongs to which class.
"""


class HotlineError(Exception):
    """The root of every error that this project raises on purpose."""

    def __init__(self, code: str, sentence: str, fields: tuple[str, ...] = ()) -> None:
        """Remember a stable `code` beside the sentence shown to people, and the fields it is about."""
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.fields = fields


class Refused(HotlineError):
    """The trade's rules say no: the person asking can do something else."""


class Forbidden(Refused):
    """The person asking may see this, but may not do it."""


class Absent(HotlineError):
    """There is no such thing, or these eyes may not see it; the two look alike on purpose."""


class Malformed(HotlineError):
    """What came in cannot be read; raised at the edge only."""


class TooMany(HotlineError):
    """A named limit was passed; asking again later is the way on."""


class Unreachable(HotlineError):
    """A neighbour (database, telephone network) does not answer; the same call may be retried."""


class Broken(HotlineError):
    """Something that must stay true does not: an engineer has to look."""


class Unauthenticated(HotlineError):
    """Nobody knows who is asking; signing in is the way on."""
