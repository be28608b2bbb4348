"""Seals for what must not lie open in the database: numbers, names, words, notes.

A seal is version, key id, nonce, AES-256-GCM ciphertext; its associated data is `table.column` and
the row's id, so a seal copied to another row or column does not open. Old keys open, the newest
seals. Numbers are found again by a blind index: HMAC-SHA256 under a key of its own, because whoever
holds that key can try out every telephone number there is.
"""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hotline.base.errors import Broken
from hotline.base.sensitive import Sensitive

VERSION: Final = 1
NONCE_BYTES: Final = 12
KEY_BYTES: Final = 32
_HEAD_BYTES: Final = 2 + NONCE_BYTES


@dataclass(frozen=True, slots=True)
class Vault:
    """A ring of keys; `keys` maps key id (0 to 255) to 32 bytes, `primary` is the one that seals."""

    keys: Mapping[int, bytes] = field(repr=False)
    primary: int
    index_key: bytes = field(repr=False)

    def seal(self, place: str, row_id: UUID, value: Sensitive) -> bytes:
        """Seal `value` for the column `place` (`table.column`) of the row."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(self.keys[self.primary]).encrypt(
            nonce, value.reveal().encode(), _bound_to(place, row_id)
        )
        return bytes((VERSION, self.primary)) + nonce + sealed

    def open(self, place: str, row_id: UUID, seal: bytes) -> Sensitive:
        """Open a seal of the column `place` of the row.

        Raises:
            Broken: the key is missing, or the seal belongs elsewhere or was tampered with.
        """
        if len(seal) < _HEAD_BYTES or seal[0] != VERSION or seal[1] not in self.keys:
            raise Broken("vault.key", f"A seal in {place} needs a key that is not in the key file.")
        try:
            words = AESGCM(self.keys[seal[1]]).decrypt(
                seal[2:_HEAD_BYTES], seal[_HEAD_BYTES:], _bound_to(place, row_id)
            )
        except InvalidTag:
            raise Broken("vault.seal", f"A seal in {place} does not belong to its row.") from None
        return Sensitive(words.decode())

    def index(self, value: Sensitive) -> bytes:
        """The blind index of a number: equal numbers give equal indexes, and nothing else shows."""
        return hmac.digest(self.index_key, value.reveal().encode(), hashlib.sha256)


def _bound_to(place: str, row_id: UUID) -> bytes:
    return place.encode() + row_id.bytes


def new_keys() -> dict[str, object]:
    """The content of a fresh key file: one sealing key, one index key."""
    return {
        "primary": 1,
        "keys": {"1": encoded(os.urandom(KEY_BYTES))},
        "index_key": encoded(os.urandom(KEY_BYTES)),
    }


def text_of(keys: Mapping[str, object]) -> str:
    """The text of a key file."""
    return json.dumps(keys)


def load(source: str) -> Vault:
    """A vault from the JSON of a key file.

    Raises:
        Broken: the file is not of the form that `hotline keys` writes; the sentence says where.
    """
    try:
        raw = cast("Mapping[str, object]", json.loads(source))
        keys = {int(key): _bytes(value) for key, value in cast("Mapping[str, str]", raw["keys"]).items()}
        vault = Vault(
            keys=keys,
            primary=int(cast("int", raw["primary"])),
            index_key=_bytes(cast("str", raw["index_key"])),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Broken(
            "vault.file", f"The key file cannot be read ({type(error).__name__}); see `hotline keys`."
        ) from None
    sizes = {len(key) for key in (*vault.keys.values(), vault.index_key)}
    if sizes != {KEY_BYTES} or vault.primary not in vault.keys:
        raise Broken("vault.file", "The key file needs 32-byte keys and a primary that is among them.")
    return vault


def load_or_make(path: Path) -> Vault:
    """The vault of a key file, made with fresh keys (mode 0600) if there is none: for the demo."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text_of(new_keys()))
    return load(path.read_text())


def encoded(key: bytes) -> str:
    """A key as it stands in a key file."""
    return base64.b64encode(key).decode()


def _bytes(value: str) -> bytes:
    return base64.b64decode(value, validate=True)
