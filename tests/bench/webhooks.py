"""The requests of a telephone network: whole forms with all their fields, signed before the clock runs."""

from typing import Final
from urllib.parse import urlencode

from hotline.base import ids
from hotline.practice.signing import sign
from tests.bench.houses import BASE, TOKEN
from tests.bench.wire import request

FORM: Final = "application/x-www-form-urlencoded"

OTHERS: Final = {
    "AccountSid": "AC" + "0" * 32,
    "ApiVersion": "2010-04-01",
    "CallStatus": "ringing",
    "CalledCity": "BEIJING",
    "CalledCountry": "CN",
    "CalledState": "",
    "CalledZip": "",
    "CallerCity": "",
    "CallerCountry": "CN",
    "CallerState": "",
    "CallerZip": "",
    "Direction": "inbound",
    "FromCity": "",
    "FromCountry": "CN",
    "FromState": "",
    "FromZip": "",
    "StirVerstat": "TN-Validation-Passed-A",
    "ToCity": "BEIJING",
    "ToCountry": "CN",
}
"""What comes along with every call; with sid, caller and dialled number, twenty-two fields."""


def posted(path: str, **fields: str) -> bytes:
    """A signed request to one of our addresses."""
    form = {**OTHERS, **fields}
    signature = sign(TOKEN, BASE + path, list(form.items()))
    return request("POST", path, body=urlencode(form).encode(), kind=FORM, x_twilio_signature=signature)


def arrival(path: str, to: str, sid: str = "") -> bytes:
    """A call that arrives; a new one unless its sid is given."""
    sid = sid or f"CA{ids.new_id().hex}"
    return posted(path, CallSid=sid, From=f"+8613{ids.new_id().int % 10**9:09d}", To=to)
