"""Identifiers and secrets: the one place where chance enters.

Row ids are UUID version 7 (RFC 9562): they sort by the moment of their making, which keeps the
right-hand edge of every index warm, and they can be made before the row exists, which the sealed
columns need (the id is part of what a seal is bound to).
"""

import os
import secrets
import time
from uuid import UUID

_VERSION_7 = 0x7
_VARIANT_RFC = 0b10


def new_id() -> UUID:
    """A fresh UUIDv7: 48 bits of Unix milliseconds, then 74 bits of chance."""
    milliseconds = time.time_ns() // 1_000_000
    chance = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (2**48 - 1)) << 80
    value |= _VERSION_7 << 76
    value |= ((chance >> 62) & 0xFFF) << 64
    value |= _VARIANT_RFC << 62
    value |= chance & (2**62 - 1)
    return UUID(int=value)


def new_secret(size_bytes: int = 32) -> str:
    """A URL-safe secret with `size_bytes` bytes of chance."""
    return secrets.token_urlsafe(size_bytes)
