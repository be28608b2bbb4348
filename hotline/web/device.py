"""Browsers that have signed somebody in before: others' guesses do not keep their people out.

Failures are counted by login and by address, so anybody who knows a login could keep its owner out by
guessing on and on. A browser that once knew a password carries a sealed cookie, and is counted by itself
alone. The cookie opens nothing and says nothing about a person; several may share the browser.
"""

import hmac
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import Response

from hotline.base import ids
from hotline.base.sensitive import Sensitive
from hotline.policy.settings import Web
from hotline.store.vault import Vault

COOKIE: Final = "hotline_device"
COOKIE_CHARACTERS_MAX: Final = 300


def known(connection: HTTPConnection, web: Web, vault: Vault, now: datetime) -> str:
    """The id of the browser, if it has signed somebody in; else empty."""
    said = connection.cookies.get(_name(web), "")
    if len(said) > COOKIE_CHARACTERS_MAX:
        return ""
    device, _, rest = said.partition(".")
    until, _, seal = rest.partition(".")
    if not hmac.compare_digest(seal.encode("utf-8", "replace"), _seal(vault, device, until).encode()):
        return ""
    return device if int(until) > now.timestamp() else ""


def remember(response: Response, web: Web, vault: Vault, device: str, now: datetime) -> None:
    """Let the browser be known from now on, under the id it has or a new one."""
    device = device or ids.new_secret()
    lasting = timedelta(days=web.known_device_days)
    until = str(int((now + lasting).timestamp()))
    response.set_cookie(
        _name(web),
        f"{device}.{until}.{_seal(vault, device, until)}",
        max_age=int(lasting.total_seconds()),
        path="/",
        secure=web.is_secure,
        httponly=True,
        samesite="strict",
    )


def _name(web: Web) -> str:
    return f"__Host-{COOKIE}" if web.is_secure else COOKIE


def _seal(vault: Vault, device: str, until: str) -> str:
    return vault.index(Sensitive(f"device {device} until {until}")).hex()
