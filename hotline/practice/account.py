"""The account that the practice exchange and the house share: made once per home, kept in one file.

The exchange reads the file (`exchange.toml`); the house gets the same secrets through its environment, as
it would get Twilio's. Secrets stay from start to start, addresses follow the ports of the day. Everything
that is dialled comes from the description of the demonstration (`config/demo.toml`).
"""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hotline.base.ids import new_id, new_secret

FILE: Final = "exchange.toml"
BINS: Final = "bins"
"""The folder of what the exchange says when the house does not answer, as a provider keeps it."""
_MODE: Final = 0o600
LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the house and the exchange answer; both on this machine only."""

    house_port: int
    exchange_port: int

    @property
    def house(self) -> str:
        """The house's base address."""
        return f"http://{LOOPBACK}:{self.house_port}"

    @property
    def exchange(self) -> str:
        """The exchange's base address."""
        return f"http://{LOOPBACK}:{self.exchange_port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One Twilio-like account with its secrets and its numbers."""

    account: str
    auth_token: str
    api_key: str
    api_secret: str
    application: str
    numbers: tuple[str, ...]
    bins: str

    def environment(self, addresses: Addresses) -> dict[str, str]:
        """What the house's processes are told."""
        return {
            "HOTLINE_DEMO": "1",
            "HOTLINE_WEB__HOST": LOOPBACK,
            "HOTLINE_WEB__PORT": str(addresses.house_port),
            "HOTLINE_WEB__PUBLIC_BASE": addresses.house,
            "HOTLINE_TELEPHONY__KIND": "twilio",
            "HOTLINE_TELEPHONY__ACCOUNT_SID": self.account,
            "HOTLINE_TELEPHONY__AUTH_TOKENS": json.dumps([self.auth_token]),
            "HOTLINE_TELEPHONY__API_KEY_SID": self.api_key,
            "HOTLINE_TELEPHONY__API_KEY_SECRET": self.api_secret,
            "HOTLINE_TELEPHONY__APPLICATION_SID": self.application,
            "HOTLINE_TELEPHONY__BASE_URL": addresses.exchange,
            "HOTLINE_TELEPHONY__FROM_NUMBER": self.numbers[0],
            "HOTLINE_TELEPHONY__PRACTICE_BROWSER_URL": addresses.exchange,
        }

    def text(self, addresses: Addresses) -> str:
        """The exchange's configuration file."""
        lines = [
            "# Made by scripts/run; the secrets are of this home only.",
            f"port = {addresses.exchange_port}",
            f"account = {_quoted(self.account)}",
            f"auth_token = {_quoted(self.auth_token)}",
            f"bins = {_quoted(self.bins)}",
            "[api_keys]",
            f"{self.api_key} = {_quoted(self.api_secret)}",
            "[[applications]]",
            f"sid = {_quoted(self.application)}",
            f"voice_url = {_quoted(addresses.house + '/t/client')}",
            f"status_callback = {_quoted(addresses.house + '/t/ended')}",
        ]
        for number in self.numbers:
            lines += [
                "[[numbers]]",
                f"phone_number = {_quoted(number)}",
                f"voice_url = {_quoted(addresses.house + '/t/arrive')}",
                f"voice_fallback_url = {_quoted(addresses.exchange + bin_path(number))}",
                f"status_callback = {_quoted(addresses.house + '/t/ended')}",
            ]
        return "\n".join(lines) + "\n"


def keep(home: Path, numbers: tuple[str, ...], addresses: Addresses) -> Account:
    """The account of this home, made if there is none; its file is written for these addresses."""
    path = home / FILE
    known = tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
    bins = str(home / BINS)
    account = _known(known, numbers, bins) or _fresh(numbers, bins)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(account.text(addresses))
    return account


def bin_path(number: str) -> str:
    """Where the exchange serves the static document of a number."""
    return f"/bins/{number.removeprefix('+')}"


def _known(raw: Mapping[str, Any], numbers: tuple[str, ...], bins: str) -> Account | None:
    try:
        api_key, api_secret = next(iter(raw["api_keys"].items()))
        return Account(
            account=raw["account"],
            auth_token=raw["auth_token"],
            api_key=api_key,
            api_secret=api_secret,
            application=raw["applications"][0]["sid"],
            numbers=numbers,
            bins=bins,
        )
    except (KeyError, IndexError, StopIteration):
        return None


def _fresh(numbers: tuple[str, ...], bins: str) -> Account:
    return Account(
        account=f"AC{new_id().hex}",
        auth_token=new_secret(),
        api_key=f"SK{new_id().hex}",
        api_secret=new_secret(),
        application=f"AP{new_id().hex}",
        numbers=numbers,
        bins=bins,
    )


def _quoted(text: str) -> str:
    return json.dumps(text)  # a JSON string of plain characters is a TOML string
