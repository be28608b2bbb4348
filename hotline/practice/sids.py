"""Identifiers the way Twilio writes them: two letters and 32 hexadecimal digits.

Two letters tell the kind: CA a call, CF a conference, QU a queue, RE a recording, SM a message.
"""

import hashlib
import re

from hotline.base.ids import new_id


def new_sid(kind: str) -> str:
    """A fresh identifier of the kind that the two letters name."""
    return kind + new_id().hex


def sid_of(kind: str, name: str) -> str:
    """The same identifier for the same name each time, so that configured things keep theirs."""
    return kind + hashlib.sha256(f"{kind}:{name}".encode()).hexdigest()[:32]


def is_sid(kind: str, text: str) -> bool:
    """Whether this is written like an identifier of the kind."""
    return re.fullmatch(f"{kind}[0-9a-fA-F]{{32}}", text) is not None
