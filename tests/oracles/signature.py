"""Signatures as Twilio's own JavaScript computes them.

Starting node takes longer than any signature, so vectors are handed over as one batch.
"""

import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass

from tests.oracles.packages import HERE, node, package_file

RUN_SECONDS_MAX = 60
_SCRIPT = """
const { getExpectedTwilioSignature } = require("twilio/lib/webhooks/webhooks");
let text = "";
process.stdin.on("data", (part) => (text += part));
process.stdin.on("end", () => {
  const sign = ({ token, url, form }) => getExpectedTwilioSignature(token, url, form);
  process.stdout.write(JSON.stringify(JSON.parse(text).map(sign)));
});
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """One request to be signed: a form keeps repeated keys, an empty one stands for GET."""

    token: str
    url: str
    form: tuple[tuple[str, str], ...] = ()


def expected_signatures(batch: Iterable[Signed]) -> list[str]:
    """What `X-Twilio-Signature` should be for each request, in the same order."""
    package_file("twilio", "lib", "webhooks", "webhooks.js")
    asked = [{"token": one.token, "url": one.url, "form": _grouped(one.form)} for one in batch]
    run = subprocess.run(
        [node(), "-e", _SCRIPT],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        cwd=HERE,
        timeout=RUN_SECONDS_MAX,
        check=True,
    )
    return json.loads(run.stdout)


def _grouped(form: tuple[tuple[str, str], ...]) -> dict[str, str | list[str]]:
    grouped: dict[str, list[str]] = {}
    for key, value in form:
        grouped.setdefault(key, []).append(value)
    return {key: values[0] if len(values) == 1 else values for key, values in grouped.items()}
