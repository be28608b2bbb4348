"""`python -m hotline.practice`: run the exchange.

Flags stand above the environment (`HOTLINE_PRACTICE_*`), that above the TOML file (`--file`). A number
is given as `+861012356001=VOICE|FALLBACK|STATUS`, an application as `AP...=VOICE|FALLBACK|STATUS`; the last
parts may be absent.
"""

import argparse
import os
from typing import Any

import uvloop

from hotline.base import given, log
from hotline.practice.app import serve
from hotline.practice.config import PracticeConfig


def main(arguments: list[str] | None = None) -> None:
    """Read the flags and serve until interrupted."""
    asked = vars(_parser().parse_args(arguments))
    if file := asked.pop("file"):
        os.environ["HOTLINE_PRACTICE_FILE"] = file
    numbers, apps = asked.pop("number"), asked.pop("app")
    flags: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    if numbers:
        flags["numbers"] = [_door(text, "phone_number") for text in numbers]
    if apps:
        flags["applications"] = [_door(text, "sid") for text in apps]
    log.configure()
    config = PracticeConfig(**flags)
    log.get("practice").info("practice exchange", url=f"http://{config.host}:{config.port}/")
    uvloop.run(serve(config))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m hotline.practice", description=__doc__)
    parser.add_argument("--file", help="TOML file with the same names as the flags, underscores for dashes")
    parser.add_argument("--host")
    parser.add_argument("--port", type=int)
    parser.add_argument("--account", help="AC and 32 hexadecimal digits")
    parser.add_argument("--auth-token", help="signs webhooks and opens the REST API")
    parser.add_argument("--number", action="append", metavar="NUMBER=VOICE|FALLBACK|STATUS")
    parser.add_argument("--app", action="append", metavar="AP...=VOICE|FALLBACK|STATUS")
    parser.add_argument("--pace", type=given.above_zero, help="factor for every wait of the telephone world")
    parser.add_argument(
        "--speech-seconds", type=given.number(), help="how long a recording lasts, before pace"
    )
    return parser


def _door(text: str, key: str) -> dict[str, str]:
    name, _, urls = text.partition("=")
    voice, fallback, status = [*urls.split("|"), "", ""][:3]
    return {key: name, "voice_url": voice, "voice_fallback_url": fallback, "status_callback": status}


if __name__ == "__main__":
    main()
